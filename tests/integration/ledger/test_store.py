"""The tables of the record: made, kept, and as the code believes them to be."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import ValidationError
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from records.kept import KeptLedger
from records.ledger import Begun, Intent, Noted, NotKept
from records.schema import metadata, tool_uses
from records.sealing import Seal
from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from tests.integration.conftest import RECORDS_KEY as KEY

WORDS = "lavender lane"
# A process each: alembic keeps one upgrade at a time in its module.
UPGRADE = """
import asyncio
from records.settings import RecordsAccess
from records.upgrade import upgrade
asyncio.run(upgrade(RecordsAccess()))
"""


def differences(connection: Connection) -> list[Any]:
    """What the migrations made otherwise than the code says."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_migrations_end_at_the_tables_of_the_code(engine: AsyncEngine) -> None:
    """Else a query would fail on a customer's database and on nobody's own."""
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_many_may_bring_it_up_to_date_at_once(access: RecordsAccess) -> None:
    """All but one find the tables made, as workers will that start together."""
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", UPGRADE),
            env={
                **os.environ,
                "FRONTDESK_RECORDS_URL": access.url,
                "FRONTDESK_RECORDS_KEY": access.key.get_secret_value(),
            },
        )
        for _ in range(4)
    ]

    assert [await process.wait() for process in processes] == [0] * 4


async def test_a_database_that_cannot_be_used_is_told_with_its_setting(tmp_path: Path) -> None:
    """Before a caller finds out."""
    nowhere = f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/records.db"
    access = RecordsAccess.model_validate({"url": nowhere, "key": KEY})

    with pytest.raises(NotKept, match="FRONTDESK_RECORDS_URL"):
        await upgrade(access)


async def test_what_is_told_done_is_on_the_disk(engine: AsyncEngine) -> None:
    """A write of the office must not leave before its row would survive the machine."""
    async with engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one()
            for pragma in ("synchronous", "journal_mode", "foreign_keys")
        ]

    assert found == [2, "wal", 1]


async def test_another_writer_is_waited_for_and_then_given_up(access: RecordsAccess) -> None:
    """A caller is on the line: a second of waiting, not the driver's own five."""
    quick = access.model_copy(update={"wait_s": 0.2})
    await upgrade(quick)
    async with open_engine(quick) as engine, engine.begin():
        with pytest.raises(OperationalError, match="locked"):
            async with asyncio.timeout(2), engine.begin():
                pass


async def test_arguments_stand_nowhere_in_the_file(engine: AsyncEngine, tmp_path: Path) -> None:
    """Whoever gets the file alone learns no address and no number."""
    seal = Seal(bytes(range(32)))
    wish = {"address": WORDS}
    intent = Intent(call_id="c", tool="t", subject="s", arguments=wish, deadline_s=1, once_s=1)
    begun = await KeptLedger(engine, seal).intend(intent)
    assert isinstance(begun, Begun)
    await KeptLedger(engine, seal).end(begun.key, "ok", result=wish)

    written = on_disk(tmp_path)
    assert b"tool_uses" in written
    assert WORDS.encode() not in written


def on_disk(folder: Path) -> bytes:
    """All that the database has written, its log too."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


@pytest.mark.parametrize("key", ["", "short", KEY[:-4], KEY + "!", f"{KEY}{KEY}"])
def test_a_key_that_is_none_is_told_with_the_fix(key: str) -> None:
    """And is not shown."""
    with pytest.raises(ValidationError, match="openssl rand -base64 32") as told:
        RecordsAccess.model_validate({"key": key})

    assert len(key) < 8 or key not in str(told.value)


async def test_uses_that_changed_nothing_are_kept_and_open_no_question(engine: AsyncEngine) -> None:
    """Reads and refusals, for whoever looks into a call; nobody reconciles them."""
    ledger = KeptLedger(engine, Seal(bytes(range(32))))
    refused = Noted(
        call_id="c",
        tool="cancel_order",
        outcome="refused",
        reason="not_verified",
        arguments={"order": WORDS},
        began_at=1.0,
        duration_s=0.5,
    )
    await ledger.note([refused, refused])

    async with engine.connect() as connection:
        rows = (await connection.execute(select(tool_uses))).all()
    assert [(row.tool, row.outcome, row.reason) for row in rows] == [
        ("cancel_order", "refused", "not_verified")
    ] * 2
    assert await ledger.unsettled() == 0
    assert await ledger.lease(lease_s=1) == []
