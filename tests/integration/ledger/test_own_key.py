"""A record belongs to the key it was begun with: another would do again what it cannot find."""

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from records.call_keys import seals_of
from records.kept import KeptLedger
from records.ledger import Begun, NotKept
from records.opened import open_record
from records.own_key import WrongKey
from records.schema import record_key
from records.settings import RecordsAccess
from records.upgrade import upgrade
from tests.integration.ledger.test_ledger import CANCEL
from tests.integration.starting.worker import run


@pytest.fixture
def wrong(access: RecordsAccess) -> RecordsAccess:
    """The same record with another key."""
    return access.model_copy(update={"key": SecretStr("A" * 43 + "=")})


async def test_with_another_key_no_worker_starts(
    engine: AsyncEngine, access: RecordsAccess, wrong: RecordsAccess
) -> None:
    """On an empty record too; with its own any number of times."""
    with pytest.raises(WrongKey, match="FRONTDESK_RECORDS_KEY"):
        await upgrade(wrong)

    await upgrade(access)


async def test_a_record_of_before_proofs_is_claimed_by_its_own_key_only(
    engine: AsyncEngine, access: RecordsAccess, wrong: RecordsAccess
) -> None:
    """Its rows tell."""
    assert isinstance(await KeptLedger(engine, seals_of(access.key_bytes)).intend(CANCEL), Begun)
    async with engine.begin() as connection:
        await connection.execute(delete(record_key))

    with pytest.raises(WrongKey):
        await upgrade(wrong)
    await upgrade(access)

    async with engine.connect() as connection:
        assert len((await connection.execute(select(record_key))).all()) == 1


async def test_whoever_writes_without_a_worker_asks_first(
    engine: AsyncEngine, access: RecordsAccess, wrong: RecordsAccess
) -> None:
    """A command with another key writes nothing that nobody could open."""
    async with open_record(access, own=True):
        pass
    with pytest.raises(WrongKey):
        async with open_record(wrong, own=True):
            pass


async def test_a_record_without_tables_belongs_to_nobody_yet(access: RecordsAccess) -> None:
    """A command finds no worker has been there: out of order, not another key."""
    with pytest.raises(NotKept) as told:
        async with open_record(access, own=True):
            pass
    assert not isinstance(told.value, WrongKey)


@pytest.mark.parametrize("access", ["postgresql"], indirect=True)
def test_a_worker_with_another_key_ends_with_the_fix(
    engine: AsyncEngine, wrong: RecordsAccess
) -> None:
    """One sentence, before it takes a call."""
    done = run(
        "start",
        FRONTDESK_RECORDS_URL=wrong.url,
        FRONTDESK_RECORDS_KEY=wrong.key.get_secret_value(),
    )

    assert done.returncode == 1
    assert "set FRONTDESK_RECORDS_KEY to the key it was begun with" in done.stderr
    assert "Traceback" not in done.stderr
