"""A disk without a byte left, on a small one that really is full: the database's, and the spool's.

What the database does not take waits in the spool, what the spool does not take goes to the
database, and only what neither takes is lost: counted, which is an alarm.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from agent.counting import Counting
from agent.reports import Happened
from records import CallOutcome, keep
from records.filing import Filing
from records.journal import read_journal
from records.kept import KeptLedger
from records.keyring import SettingsKeyring
from records.ledger import NotKept
from records.opened import open_record
from records.settings import RecordsAccess
from records.upgrade import upgrade
from tests.integration.conftest import in_file, in_postgres
from tests.integration.ledger.faults import gone
from tests.integration.ledger.test_filing import WORDS, Desk, desk_on, talk
from tests.integration.ledger.test_ledger import CANCEL
from tests.integration.postgres import Postgres
from tests.integration.small_disk import SmallDisk, small_disk

PATIENCE_S = 30.0
LOST = "frontdesk_record_entries_lost_total"


@dataclass
class Small:
    """A record whose database lies on a small disk."""

    desk: Desk
    disk: SmallDisk


@pytest_asyncio.fixture(name="small", params=["sqlite", "postgresql"])
async def _small(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Small]:
    with ExitStack() as stays:
        if request.param == "sqlite":
            disk = stays.enter_context(small_disk(tmp_path / "small", megabytes=2))
            access = in_file(disk.folder)
        else:
            server: Postgres = request.getfixturevalue("postgres")
            disk, name = stays.enter_context(_in_a_tablespace(server))
            access = in_postgres(server, name)
        async for desk in desk_on(access.model_copy(update={"spool": tmp_path / "spool"})):
            yield Small(desk, disk)


@contextmanager
def _in_a_tablespace(server: Postgres) -> Iterator[tuple[SmallDisk, str]]:
    """A database on a small disk of its own: its log has all the room of the others."""
    owner = server.folder.stat()
    where = server.folder / "small"
    with small_disk(where, megabytes=24, owner=owner.st_uid, group=owner.st_gid) as disk:
        name = server.made(on=where)
        try:
            yield disk, name
        finally:
            server.dropped(name)
    where.rmdir()


async def test_entries_wait_until_the_database_has_room(small: Small) -> None:
    """In the spool, told as pending; then they are filed, each of them once."""
    desk = small.desk
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
    pending: asyncio.Queue[int] = asyncio.Queue()
    filing.on_pending = lambda entries, _: pending.put_nowait(entries)
    async with asyncio.timeout(PATIENCE_S):
        with small.disk.full():
            talk(desk.journal)
            filing.begin()
            while await pending.get() < 13:
                pass
            on_disk = read_journal(desk.access.spool / "c1", desk.record.seals.keyring)
        while await pending.get() > 0:
            pass
    assert await filing.close()

    assert len(on_disk) == 13
    call = await desk.call()
    assert [turn.text for turn in call.turns] == [WORDS, "Shipped."]
    assert (call.tokens[0].input_text, call.interruptions, len(call.tools)) == (10, 1, 1)


async def test_a_full_database_refuses_a_write_and_forgets_none(small: Small) -> None:
    """Nothing was begun, so that nothing is in doubt; with room the same wish is done once."""
    ledger: KeptLedger = small.desk.record.ledger
    # As in a worker, which has it open: SQLite opens no file where it cannot make two more.
    assert await ledger.unsettled() == 0
    with small.disk.full():
        with pytest.raises(NotKept):
            await ledger.intend(CANCEL)
        assert await ledger.unsettled() == 0
    begun = await ledger.intend(CANCEL)
    key: str = getattr(begun, "key", "")
    with small.disk.full():
        # A row that is there is found, whether there is room or not.
        found = await ledger.look(CANCEL)
    await ledger.end(key, "ok")

    assert getattr(found, "key", None) == key
    assert type(await ledger.look(CANCEL)).__name__ == "AlreadyDone"


@pytest.fixture
def spool_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """The small disk on which the spool lies."""
    with small_disk(tmp_path / "spool", megabytes=1) as disk:
        yield disk


async def _record(tmp_path: Path) -> RecordsAccess:
    (tmp_path / "record").mkdir()
    access = in_file(tmp_path / "record").model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    return access


async def test_a_full_spool_costs_nothing_while_the_database_takes_it(
    spool_disk: SmallDisk, tmp_path: Path
) -> None:
    """The call goes on; its entries reach the database out of memory."""
    access = await _record(tmp_path)
    with spool_disk.full():
        keeping = await keep(access, "c1")
        talk(keeping.journal)
        keeping.journal.write("ended", outcome="completed")
        assert await keeping.close()
    async with open_record(access) as record:
        call = await record.reader.call("c1")

    assert call is not None
    assert (call.outcome, len(call.turns)) == (CallOutcome.COMPLETED, 2)
    assert keeping.journal.lost == 0


async def test_what_neither_takes_is_counted_where_the_alarm_looks(
    spool_disk: SmallDisk, tmp_path: Path
) -> None:
    """Of a call during which the spool fills up and the database is gone."""
    access = await _record(tmp_path)
    keeping = await keep(access, "c1")
    keeping.journal.write("started", profile="acme")
    with gone(access, None):
        with spool_disk.full():
            # What is left of the journal's last block.
            while not keeping.journal.lost and keeping.journal.unfiled < 200:
                talk(keeping.journal)
            written = keeping.journal.unfiled
            assert not await keeping.close()
        on_disk = len(read_journal(access.spool / "c1", SettingsKeyring(access.key_bytes)))
    before = REGISTRY.get_sample_value(LOST) or 0.0
    Counting({}).count(Happened(what="entry_lost", times=keeping.journal.lost), None)

    assert keeping.journal.lost > 0
    assert on_disk + keeping.journal.lost == written
    assert (REGISTRY.get_sample_value(LOST) or 0.0) == before + keeping.journal.lost
    alarms = (Path(__file__).parents[3] / "dashboards" / "rules" / "alerts.yaml").read_text()
    assert f"sum(increase({LOST}[1h])) > 0" in alarms
