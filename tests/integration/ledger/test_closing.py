"""Records of dead jobs are closed by whoever comes by, and those of living ones never."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from records import CallOutcome, CallView, Journal
from records.closing import DEAD_AFTER_S, Closer
from records.filing import file_entries
from records.journal import begin
from records.keyring import SettingsKeyring
from records.ledger import NotKept
from records.opened import Record, open_record
from records.schema import calls
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.integration.conftest import in_file
from tests.integration.ledger.faults import gone, refusing


class House:
    """A record, the spool of one machine, and the parent that looks after both."""

    def __init__(self, access: RecordsAccess, record: Record) -> None:
        self.access, self.record, self.now = access, record, 1000.0
        self.closer = Closer(record.engine, record.seals, access.spool, clock=lambda: self.now)

    def begun(self, call_id: str) -> Journal:
        """A call that has begun and been answered."""
        keyring = SettingsKeyring(self.access.key_bytes)
        journal = begin(self.access.spool, keyring, call_id, room=Room(self.access.spool, 10**7))
        journal.write("started", profile="acme")
        journal.write("answered")
        return journal

    async def file(self, journal: Journal) -> None:
        """As the job does while the call goes on."""
        seal = self.record.seals.records
        await file_entries(self.record.engine, journal, seal, alive=True)

    async def silent(self, call_id: str, seconds: float = DEAD_AFTER_S + 1) -> None:
        """No heartbeat of a call since so many seconds."""
        late = update(calls).where(calls.c.id == call_id)
        async with self.record.engine.begin() as connection:
            await connection.execute(late.values(heartbeat_at=calls.c.heartbeat_at - seconds))

    async def sweep(self) -> list[str]:
        """Five seconds later."""
        self.now += 5
        return [lost.call_id for lost in await self.closer.sweep()]

    async def patient(self) -> None:
        """The database has been well for long enough."""
        for _ in range(6):
            assert await self.sweep() == []

    async def call(self, call_id: str) -> CallView:
        """As it is read."""
        found = await self.record.reader.call(call_id)
        assert found is not None
        return found


@pytest_asyncio.fixture(name="house")
async def _house(access: RecordsAccess, tmp_path: Path) -> AsyncIterator[House]:
    access = access.model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    async with open_record(access) as record:
        yield House(access, record)


async def test_a_dead_jobs_call_is_lost_and_whole(house: House) -> None:
    """Up to its last entry, whether the database had it or not; closed once."""
    journal = house.begun("c1")
    await house.file(journal)
    journal.write("turn", speaker="caller", text="hello", at=77.0)
    journal.close()

    assert await house.sweep() == ["c1"]
    assert await house.sweep() == []
    call = await house.call("c1")
    assert (call.outcome, call.reason) == (CallOutcome.LOST, "the job died")
    assert [turn.text for turn in call.turns] == ["hello"]
    assert list(house.access.spool.iterdir()) == []


async def test_a_living_jobs_call_is_left_alone(house: House) -> None:
    """It holds its journal; and a call that somebody here looks after is theirs."""
    house.begun("c1")
    house.begun("c2").close()

    assert await house.closer.sweep(but={"c2"}) == []
    assert await house.closer.sweep() == [("c2", "acme")]


async def test_a_call_that_ended_while_the_database_was_away_is_no_lost_one(house: House) -> None:
    """Its job has said how it ended, and nobody else knows better."""
    journal = house.begun("c1")
    journal.write("ended", outcome="completed")
    journal.close()

    assert await house.sweep() == []
    assert (await house.call("c1")).outcome is CallOutcome.COMPLETED


async def test_whether_the_caller_was_told_goes_into_the_record(house: House) -> None:
    """Also when somebody else has closed it first."""
    for call_id in ("c1", "c2"):
        journal = house.begun(call_id)
        await house.file(journal)
        journal.close()
    await house.closer.close("c1", apologised=True)
    await house.sweep()
    await house.closer.close("c2", apologised=False)

    assert (await house.call("c1")).apologised is True
    assert (await house.call("c2")).apologised is False
    assert (await house.call("c1")).outcome is CallOutcome.LOST


async def test_a_call_of_a_machine_that_is_gone_is_closed_by_any_other(house: House) -> None:
    """No heartbeat for 20 s; one that is just late lives."""
    for call_id in ("c1", "c2"):
        await house.file(house.begun(call_id))
    await house.patient()
    await house.silent("c1")
    await house.silent("c2", DEAD_AFTER_S - 3)

    assert await house.sweep() == ["c1"]
    assert (await house.call("c1")).ended_at is not None
    assert (await house.call("c2")).outcome is None


async def test_a_parent_that_has_just_come_takes_nobody_for_dead(house: House) -> None:
    """Nor one that was frozen: it cannot know whether anybody could write meanwhile."""
    await house.file(house.begun("c1"))
    await house.silent("c1")

    assert await house.sweep() == []
    await house.closer.sweep()
    house.now += 300
    assert await house.closer.sweep() == []


async def test_a_call_that_was_taken_for_dead_ends_as_its_job_says(house: House) -> None:
    """Its line to the database was cut and nobody else's."""
    journal = house.begun("c1")
    await house.file(journal)
    await house.patient()
    await house.silent("c1")
    assert await house.sweep() == ["c1"]
    journal.write("ended", outcome="completed")
    await house.file(journal)

    assert (await house.call("c1")).outcome is CallOutcome.COMPLETED


async def test_after_an_outage_nobody_is_dead_who_could_not_be_heard(tmp_path: Path) -> None:
    """All heartbeats are old at once; each job gets the time for another."""
    (tmp_path / "record").mkdir()
    access = in_file(tmp_path / "record").model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    async with open_record(access) as record:
        house = House(access, record)
        await house.file(house.begun("c1"))
        await house.patient()
        with gone(access, None):
            try:
                await house.sweep()
            except NotKept:
                failed = True
        await house.silent("c1", 60)

        assert failed
        assert [await house.sweep() for _ in range(4)] == [[], [], [], []]


async def test_a_journal_is_left_to_its_own_parent_for_a_moment(house: House) -> None:
    """It sees to the caller first; nobody counts the same death twice."""
    closer = Closer(
        house.record.engine, house.record.seals, house.access.spool, 8.0, lambda: house.now
    )
    house.begun("c1").close()
    assert await closer.sweep() == []
    house.now += 5
    assert await closer.sweep() == []
    house.now += 5
    assert await closer.sweep() == [("c1", "acme")]


async def test_what_another_key_sealed_stays_where_it_is(house: House) -> None:
    """It is not ours to read, and not ours to delete."""
    stranger = begin(
        house.access.spool, SettingsKeyring(bytes(32)), "c9", room=Room(house.access.spool, 10**7)
    )
    stranger.write("started", profile="acme")
    stranger.close()

    assert await house.sweep() == []
    assert (house.access.spool / "c9").exists()


async def test_calls_that_were_closed_before_the_database_failed_are_told(house: House) -> None:
    """They are closed, and no other round would count them."""
    for call_id in ("c1", "c2"):
        house.begun(call_id).close()
    with refusing(house.record.engine, "c2"):
        assert await house.sweep() == ["c1"]
        with pytest.raises(NotKept):
            await house.sweep()

    assert await house.sweep() == ["c2"]
