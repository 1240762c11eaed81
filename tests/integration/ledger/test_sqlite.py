"""What only SQLite promises: a file, and one writer at a time."""

import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from records import Journal, keep
from records.call_keys import seals_of
from records.follow_ups import FollowUps
from records.ledger import NotKept
from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from tests.integration.conftest import in_file

PATIENCE_S = 20.0


@pytest.fixture
def access(tmp_path: Path) -> RecordsAccess:
    """A record in a file."""
    return in_file(tmp_path)


def remove(folder: Path) -> None:
    """Take the file away, and what SQLite keeps beside it."""
    for file in folder.iterdir():
        file.unlink()


@pytest.mark.parametrize("folder", ["no/such/folder", "/proc"])
async def test_a_file_that_cannot_be_made_is_told_with_its_setting(
    tmp_path: Path, folder: str
) -> None:
    """Before a caller finds out: no folder, and one that nobody may write to."""
    with pytest.raises(NotKept, match="FRONTDESK_RECORDS_URL"):
        await upgrade(in_file(tmp_path / folder))


async def test_what_is_told_done_is_on_the_disk(engine: AsyncEngine) -> None:
    """A write of the office must not leave before its row would survive the machine."""
    async with engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one()
            for pragma in ("synchronous", "journal_mode", "foreign_keys")
        ]

    assert found == [2, "wal", 1]


async def test_a_call_is_on_the_disk_before_its_spool_goes(
    access: RecordsAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote while it went on lay in both, and waited for no disk."""
    await upgrade(access)
    keeping = await keep(access.model_copy(update={"spool": tmp_path / "spool"}), "c1")
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("PRAGMA synchronous") or "INTO events" in statement:
            asked.append(statement.partition("=")[2] or "events")

    def seen(entries: int) -> None:
        Journal.filed(keeping.journal, entries)
        filed.set()

    event.listen(keeping.record.engine.sync_engine, "before_cursor_execute", note)
    filed = asyncio.Event()
    keeping.journal.write("dtmf")
    monkeypatch.setattr(keeping.journal, "filed", seen)
    async with asyncio.timeout(PATIENCE_S):
        await filed.wait()
    keeping.journal.write("dtmf")
    assert await keeping.close()

    assert asked == ["NORMAL", "events", "FULL", "events"]


async def test_another_writer_is_waited_for_and_then_given_up(access: RecordsAccess) -> None:
    """A caller is on the line: a second of waiting, not the driver's own five."""
    quick = access.model_copy(update={"wait_s": 0.2})
    await upgrade(quick)
    async with open_engine(quick) as engine, engine.begin():
        with pytest.raises(OperationalError, match="locked"):
            async with open_engine(quick) as other, other.begin():
                pass


async def test_a_file_that_was_removed_is_written_no_more(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    """It could be while it is open: a row that nobody would ever find. Nor is it made anew."""
    promises = FollowUps(engine, seals_of(bytes(range(32))))
    assert await promises.all() == []
    threads = threading.active_count()
    remove(tmp_path)

    with pytest.raises(NotKept):
        await promises.open(call_id="call-1", kind="callback", words={})
    assert os.listdir(tmp_path) == []
    assert threading.active_count() <= threads


async def test_a_file_that_was_put_back_is_the_record_again(
    engine: AsyncEngine, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From a backup, while calls go on."""
    backups = tmp_path_factory.mktemp("backups")
    promises = FollowUps(engine, seals_of(bytes(range(32))))
    await promises.open(call_id="call-1", kind="callback", words={})
    with (
        sqlite3.connect(tmp_path / "records.db") as live,
        sqlite3.connect(backups / "backup.db") as backup,
    ):
        live.backup(backup)
    live.close()
    backup.close()
    await promises.open(call_id="call-2", kind="callback", words={})
    remove(tmp_path)
    (backups / "backup.db").rename(tmp_path / "records.db")

    assert [one.call_id for one in await promises.all()] == ["call-1"]
