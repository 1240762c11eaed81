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
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from records.call_keys import seals_of
from records.kept import KeptLedger
from records.ledger import Begun, Intent, NotKept
from records.schema import metadata
from records.settings import RecordsAccess
from records.upgrade import upgrade
from tests.integration.conftest import RECORDS_KEY as KEY

SEALS = seals_of(bytes(range(32)))
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


async def test_two_may_bring_it_up_to_date_at_once(access: RecordsAccess) -> None:
    """One finds the tables made, as workers will that start together."""
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", UPGRADE),
            env={
                **os.environ,
                "FRONTDESK_RECORDS_URL": access.url,
                "FRONTDESK_RECORDS_KEY": access.key.get_secret_value(),
            },
        )
        for _ in range(2)
    ]

    assert [await process.wait() for process in processes] == [0] * 2


async def test_a_database_of_a_newer_frontdesk_is_told(
    engine: AsyncEngine, access: RecordsAccess
) -> None:
    """Whoever goes back a version reads a sentence."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NotKept, match="was made by a newer frontdesk"):
        await upgrade(access)


async def test_arguments_stand_nowhere_on_the_disk(
    engine: AsyncEngine, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whoever gets the files alone learns no address and no number."""
    wish = {"address": WORDS}
    intent = Intent(call_id="c", tool="t", subject="s", arguments=wish, deadline_s=1, once_s=1)
    begun = await KeptLedger(engine, SEALS).intend(intent)
    assert isinstance(begun, Begun)
    await KeptLedger(engine, SEALS).end(begun.key, "ok", result=wish)

    on_postgresql = engine.dialect.name == "postgresql"
    written = on_disk(request.getfixturevalue("postgres").folder if on_postgresql else tmp_path)
    assert any(begun.key.encode() in part for part in written)
    assert not any(WORDS.encode() in part for part in written)


def on_disk(folder: Path) -> list[bytes]:
    """All that a database has written since it began, its logs too."""
    files = [*folder.glob("records.db*"), *folder.glob("data/pg_wal/0*"), *folder.glob("*.log")]
    return [file.read_bytes() for file in files]


@pytest.mark.parametrize("key", ["", "short", KEY[:-4], KEY + "!", f"{KEY}{KEY}"])
def test_a_key_that_is_none_is_told_with_the_fix(key: str) -> None:
    """And is not shown."""
    with pytest.raises(ValidationError, match="openssl rand -base64 32") as told:
        RecordsAccess.model_validate({"key": key})

    assert len(key) < 8 or key not in str(told.value)
