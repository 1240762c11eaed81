"""What calls may cost in a day, as far as the record knows."""

from decimal import Decimal
from pathlib import Path

import pytest

from agent.day_budget import day_is_spent
from records.filing import file_entries
from records.journal import begin
from records.keyring import SettingsKeyring
from records.opened import open_record
from records.prices import load_prices
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.integration.conftest import in_file

BOOK = load_prices()


@pytest.mark.parametrize(
    ("limit", "spent"), [(None, False), (Decimal("2.00"), False), (Decimal("1.50"), True)]
)
async def test_calls_that_go_on_count(
    access: RecordsAccess, tmp_path: Path, limit: Decimal | None, *, spent: bool
) -> None:
    """By what their jobs have said so far."""
    await upgrade(access)
    room = Room(tmp_path, 10**7)
    journal = begin(tmp_path, SettingsKeyring(access.key_bytes), "c1", room=room)
    journal.write("started", profile="acme")
    journal.write("spent", micro=1_500_000)
    async with open_record(access) as record:
        await file_entries(record.engine, journal, record.seals.records, alive=True)
        assert await day_is_spent(record, BOOK, limit) is spent
    journal.close()


async def test_a_record_that_cannot_be_asked_refuses_nobody(tmp_path: Path) -> None:
    """Callers go before sums."""
    async with open_record(in_file(tmp_path / "away")) as record:
        assert not await day_is_spent(record, BOOK, Decimal("0.01"))
