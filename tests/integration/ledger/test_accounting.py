"""What calls have cost comes into the record once, whoever works it out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from records import Journal
from records.accounting import Accounting, midnight
from records.costing import Terms, total_micro
from records.filing import file_entries
from records.journal import begin
from records.keyring import SettingsKeyring
from records.ledger import NotKept
from records.opened import Record, open_record
from records.prices import load_prices
from records.schema import calls
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.integration.ledger.faults import not_saying_so, refusing

BEGAN = 1_790_000_000.0
USAGE: dict[str, Any] = {"model": "gpt-realtime", "input_audio": 10_000, "output_audio": 20_000}
TERMS = asdict(Terms(telephony="twilio", platform="self_hosted"))


class Books:
    """A record, and who works out what its calls cost."""

    def __init__(self, access: RecordsAccess, record: Record) -> None:
        self.access, self.record, self.now = access, record, BEGAN + 1000
        self.accounting = Accounting(
            record.engine, record.seals, load_prices(), clock=lambda: self.now
        )

    async def begun(self, call_id: str) -> Journal:
        """A call that has used a model for a minute."""
        keyring = SettingsKeyring(self.access.key_bytes)
        journal = begin(self.access.spool, keyring, call_id, room=Room(self.access.spool, 10**7))
        journal.write("started", profile="acme", terms=TERMS, at=BEGAN)
        journal.write("answered", at=BEGAN)
        journal.write("usage", **USAGE)
        journal.write("spent", micro=7)
        await self.file(journal)
        return journal

    async def file(self, journal: Journal) -> None:
        """Have it in the database."""
        await file_entries(self.record.engine, journal, self.record.seals.records, alive=True)

    async def ended(self, call_id: str) -> Journal:
        """The same, over."""
        journal = await self.begun(call_id)
        journal.write("ended", outcome="completed", at=BEGAN + 60)
        await self.file(journal)
        return journal


@pytest_asyncio.fixture(name="books")
async def _books(access: RecordsAccess, tmp_path: Path) -> AsyncIterator[Books]:
    access = access.model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    async with open_record(access) as record:
        yield Books(access, record)


async def test_a_call_that_has_ended_gets_its_cost_once(books: Books) -> None:
    """By the terms that it began with; of one that goes on nothing is worked out yet."""
    await books.ended("c1")
    await books.begun("c2")
    settled = await asyncio.gather(books.accounting.settle(), books.accounting.settle())
    costed = [one for some in settled for one in some]

    assert [(one.call_id, one.profile, one.before) for one in costed] == [("c1", "acme", [])]
    assert await books.accounting.settle() == []
    call = await books.record.reader.call("c1")
    assert call is not None
    assert call.cost == costed[0].lines
    assert {line.kind for line in call.cost} >= {"model_input_audio", "telephony", "platform"}


async def test_a_call_that_has_just_ended_waits_a_moment(books: Books) -> None:
    """What its job writes last may still be on its way."""
    books.now = BEGAN + 60.2
    await books.ended("c1")

    assert await books.accounting.settle() == []


async def test_use_that_comes_late_is_paid_too(books: Books) -> None:
    """From the disk of a job that died: the sum is made anew, not added."""
    journal = await books.ended("c1")
    (first,) = await books.accounting.settle()
    journal.write("usage", **USAGE)
    await books.file(journal)
    (second,) = await books.accounting.settle()

    assert (first.before, second.before) == ([], first.lines)
    more = total_micro(second.lines) - total_micro(first.lines)
    assert sum(second.more_micro().values()) == more
    call = await books.record.reader.call("c1")
    assert call is not None
    assert call.cost == second.lines
    assert total_micro(second.lines) > total_micro(first.lines)


async def test_a_call_that_cannot_be_read_keeps_no_other_from_its_cost(books: Books) -> None:
    """It is told once and has none; the sum of the day has what its job had said."""
    await books.ended("c1")
    await books.ended("c2")
    async with books.record.engine.begin() as connection:
        of_call = update(calls).where(calls.c.id == "c1")
        await connection.execute(of_call.values(terms='{"telephone": "twilio"}'))

    assert [one.call_id for one in await books.accounting.settle()] == ["c2"]
    assert await books.accounting.settle() == []
    call = await books.record.reader.call("c1")
    assert call is not None
    assert call.cost == []


async def test_what_was_worked_out_before_the_database_failed_is_told(books: Books) -> None:
    """It is in the record; if nobody told of it, it would be counted nowhere."""
    for call_id in ("c1", "c2"):
        await books.ended(call_id)
    with refusing(books.record.engine, "c2"):
        (first,) = await books.accounting.settle()
        with pytest.raises(NotKept):
            await books.accounting.settle()
    (second,) = await books.accounting.settle()

    assert (first.call_id, second.call_id) == ("c1", "c2")


async def test_a_cost_is_told_that_the_database_took_without_saying_so(books: Books) -> None:
    """Once, with all of it; another worker, who had no part in it, tells nothing."""
    await books.ended("c1")
    other = Accounting(books.record.engine, books.record.seals, load_prices())
    with not_saying_so(books.record.engine), pytest.raises(NotKept):
        await books.accounting.settle()
    told = await books.accounting.settle()

    assert await other.settle() == []
    assert [(one.call_id, one.before) for one in told] == [("c1", [])]
    assert sum(told[0].more_micro().values()) == total_micro(told[0].lines) > 0
    assert await books.accounting.settle() == []


async def test_the_days_sum_holds_calls_that_go_on(books: Books) -> None:
    """As far as their jobs have said; of ended ones all of it."""
    await books.begun("c1")
    assert await books.accounting.spent_since(midnight(BEGAN)) == 7
    await books.ended("c2")
    (costed,) = await books.accounting.settle()

    whole = total_micro(costed.lines)
    assert await books.accounting.spent_since(midnight(BEGAN)) == 7 + whole
    assert await books.accounting.spent_since(midnight(BEGAN) + 86_400) == 0
