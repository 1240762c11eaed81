"""No wish is fulfilled twice, and none is lost, whoever asks and whoever dies.

The contract of `records.ledger.Ledger`, held by the database and by the tests' own in memory.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from records.call_keys import seals_of
from records.kept import KeptLedger
from records.ledger import MARGIN_S, AlreadyDone, Begun, InDoubt, Intent, Ledger, NotKept
from records.sealing import Unreadable
from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from tests.integration.conftest import DATABASES, record_on
from tests.memory_record import MemoryLedger

CANCEL = Intent(
    call_id="call-1",
    tool="cancel_order",
    subject="customer 1001",
    arguments={"order": "4302"},
    deadline_s=8.0,
    once_s=86_400.0,
)
SEALS, SEALS_OF_ANOTHER = seals_of(bytes(range(32))), seals_of(bytes(32))
SEAL, SEAL_OF_ANOTHER = SEALS.records, SEALS_OF_ANOTHER.records


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Stands still."""
    return Clock()


@pytest_asyncio.fixture(params=["in memory", *DATABASES])
async def ledger(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> AsyncIterator[Ledger]:
    """An empty ledger."""
    if request.param == "in memory":
        yield MemoryLedger(clock)
        return
    access = record_on(request.param, request, tmp_path)
    await upgrade(access)
    async with open_engine(access) as engine:
        yield KeptLedger(engine, SEALS, clock)


async def begun(ledger: Ledger, intent: Intent = CANCEL) -> str:
    """The key of a use that may be done."""
    admitted = await ledger.intend(intent)
    assert isinstance(admitted, Begun)
    return admitted.key


async def test_a_wish_that_was_fulfilled_is_told_with_its_result(ledger: Ledger) -> None:
    """Also on another call: the caller rings again because the line broke."""
    key = await begun(ledger)
    assert await ledger.end(key, "ok", result={"say": "It is cancelled."})

    again = await ledger.intend(replace(CANCEL, call_id="call-2"))

    assert again == AlreadyDone({"say": "It is cancelled."})


async def test_a_wish_under_way_is_begun_by_nobody_else(ledger: Ledger) -> None:
    """Not by the model that repeats itself, nor by a second call about the same thing."""
    key = await begun(ledger)

    assert await ledger.intend(CANCEL) == InDoubt(key, running=True)
    assert await ledger.look(replace(CANCEL, call_id="call-2")) == InDoubt(key, running=True)
    assert await ledger.intend(CANCEL, again=True) == InDoubt(key, running=True)


async def test_nobody_is_at_it_after_its_deadline(ledger: Ledger, clock: Clock) -> None:
    """Its job died: what became of it can be asked for, not waited for."""
    key = await begun(ledger)
    clock.now += CANCEL.deadline_s + MARGIN_S

    assert await ledger.look(CANCEL) == InDoubt(key, running=False)


async def test_looking_begins_nothing(ledger: Ledger) -> None:
    """A question can be asked about a wish before anybody wants it."""
    assert await ledger.look(CANCEL) is None
    assert await ledger.look(CANCEL) is None

    await begun(ledger)


async def test_what_was_done_is_done_again_only_for_who_knows_that(ledger: Ledger) -> None:
    """With a row and a key of its own."""
    key = await begun(ledger)
    await ledger.end(key, "ok", result={"say": "Done."})

    again = await ledger.intend(CANCEL, again=True)

    assert isinstance(again, Begun)
    assert again.key != key
    assert await ledger.look(CANCEL) == InDoubt(again.key, running=True)


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "customer 1002"},
        {"tool": "refund_order"},
        {"arguments": {"order": "4303"}},
        {"arguments": {"order": "4302", "reason": "late"}},
    ],
)
async def test_another_wish_is_free(ledger: Ledger, other: dict[str, object]) -> None:
    """Whom, what and with what: each makes it another."""
    await begun(ledger)

    await begun(ledger, replace(CANCEL, **other))  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", ["unavailable", "timeout", "refused", "cancelled"])
async def test_what_was_not_done_may_be_tried_again(ledger: Ledger, outcome: str) -> None:
    """With a key of its own: the old one may be fenced at the back office."""
    key = await begun(ledger)
    await ledger.end(key, outcome)

    assert await begun(ledger) != key


async def test_what_is_unknown_stays_so_until_somebody_knows(ledger: Ledger) -> None:
    """Trying again would be a guess."""
    key = await begun(ledger)
    await ledger.end(key, "unknown", "not_settled")
    assert await ledger.intend(CANCEL) == InDoubt(key, running=False)

    assert await ledger.end(key, "ok", result={"say": "Done."})

    assert await ledger.intend(CANCEL) == AlreadyDone({"say": "Done."})


async def test_an_end_is_written_once(ledger: Ledger) -> None:
    """A job that comes late must not undo what a reconciler found."""
    key = await begun(ledger)
    assert await ledger.end(key, "ok")

    assert not await ledger.end(key, "unavailable")

    assert await ledger.intend(CANCEL) == AlreadyDone({})


async def test_after_its_window_a_wish_is_a_new_one(ledger: Ledger, clock: Clock) -> None:
    """Next month's appointment of the same kind is no duplicate."""
    await ledger.end(await begun(ledger), "ok")
    clock.now += 86_400.0

    await begun(ledger)


async def test_of_many_at_the_same_time_one_begins(
    engine: AsyncEngine, access: RecordsAccess
) -> None:
    """A worker each: the database decides, nobody's memory. A busy one keeps no more, if less."""
    async with AsyncExitStack() as workers:
        opened = [await workers.enter_async_context(open_engine(access)) for _ in range(20)]
        asked = [KeptLedger(one, SEALS).intend(CANCEL) for one in opened]
        found = await asyncio.gather(*asked, return_exceptions=True)

    (key,) = [one.key for one in found if isinstance(one, Begun)]
    others = [one for one in found if not isinstance(one, Begun | NotKept)]
    assert others == [InDoubt(key, running=True)] * len(others)
    assert await KeptLedger(engine, SEALS).look(CANCEL) == InDoubt(key, running=True)


async def test_two_reconcilers_never_get_one_row(
    engine: AsyncEngine, access: RecordsAccess, clock: Clock
) -> None:
    """At the same time, again and again, until each row is somebody's."""
    ledger = KeptLedger(engine, SEALS, clock)
    keys = {await begun(ledger, replace(CANCEL, arguments={"order": str(n)})) for n in range(9)}
    clock.now += CANCEL.deadline_s + MARGIN_S + 0.1
    leased: list[str] = []

    async with open_engine(access) as other_engine:
        other = KeptLedger(other_engine, SEALS, clock)
        while len(leased) < len(keys):
            got = await asyncio.gather(
                *(one.lease(lease_s=30.0, most=2) for one in (ledger, other))
            )
            leased += [row.key for rows in got for row in rows]

    assert sorted(leased) == sorted(keys)


async def test_who_dies_leaves_a_row_that_one_reconciler_gets(ledger: Ledger, clock: Clock) -> None:
    """After deadline and margin, with what was asked; the next one when the lease is over."""
    key = await begun(ledger)
    assert await ledger.lease(lease_s=30.0) == []
    clock.now += CANCEL.deadline_s + MARGIN_S + 0.1

    (row,) = await ledger.lease(lease_s=30.0)

    assert (row.key, row.tool, row.arguments) == (key, "cancel_order", {"order": "4302"})
    assert await ledger.lease(lease_s=30.0) == []
    clock.now += 30.1
    assert await ledger.unsettled() == 1
    assert [row.key for row in await ledger.lease(lease_s=30.0)] == [key]
    await ledger.end(key, "ok")
    clock.now += 30.1
    assert await ledger.lease(lease_s=30.0) == []
    assert await ledger.unsettled() == 0


async def test_a_row_of_a_clock_that_ran_ahead_is_asked_after_at_once(
    ledger: Ledger, clock: Clock
) -> None:
    """Nobody knows how far ahead it ran, and waiting until then could take an hour."""
    clock.now += 3600.0
    key = await begun(ledger)
    await ledger.end(key, "unknown")
    clock.now -= 3600.0

    assert await ledger.unsettled() == 1
    assert [row.key for row in await ledger.lease(lease_s=30.0)] == [key]


async def test_what_was_undone_since_is_no_duplicate(ledger: Ledger, clock: Clock) -> None:
    """There and back again: the first wish is wished anew, by the tool that did it or another."""
    book = replace(CANCEL, tool="book", arguments={"at": "nine"}, topic="appointments")
    cancel = replace(book, tool="cancel")
    stranger = replace(cancel, subject="customer 1002")
    for intent in (book, stranger):
        await ledger.end(await begun(ledger, intent), "ok")
        clock.now += 1
    assert isinstance(await ledger.look(book), AlreadyDone)

    await ledger.end(await begun(ledger, cancel), "ok")

    assert await ledger.look(book) is None
    assert isinstance(await ledger.look(cancel), AlreadyDone)


async def test_when_an_end_was_found_out_says_nothing_about_its_order(
    ledger: Ledger, clock: Clock
) -> None:
    """A cancellation whose end was unknown for long does not undo what was booked after it."""
    book = replace(CANCEL, tool="book", arguments={"at": "nine"}, topic="appointments")
    cancelled = await begun(ledger, replace(book, tool="cancel"))
    await ledger.end(cancelled, "unknown")
    clock.now += 1
    await ledger.end(await begun(ledger, book), "ok")
    clock.now += 100

    await ledger.end(cancelled, "ok", "found_done")

    assert isinstance(await ledger.look(book), AlreadyDone)
    assert await ledger.look(replace(book, tool="cancel")) is None


async def test_a_row_that_nobody_can_settle_keeps_none_waiting(
    ledger: Ledger, clock: Clock
) -> None:
    """Turn by turn, however many there are."""
    keys = {await begun(ledger, replace(CANCEL, arguments={"order": str(n)})) for n in range(6)}
    clock.now += CANCEL.deadline_s + MARGIN_S + 0.1
    seen = set()

    for _ in range(3):
        seen |= {row.key for row in await ledger.lease(lease_s=1.0, most=2)}
        clock.now += 1.1

    assert seen == keys


async def test_a_row_opens_only_with_its_key(engine: AsyncEngine, clock: Clock) -> None:
    """A changed key is told, not taken for an empty result; what is open can still be settled."""
    await begun(KeptLedger(engine, SEALS, clock))
    stranger = KeptLedger(engine, SEALS_OF_ANOTHER, clock)

    # Their digests differ too: to them it is another wish.
    assert await stranger.look(CANCEL) is None
    clock.now += CANCEL.deadline_s + MARGIN_S + 0.1
    assert [row.arguments for row in await stranger.lease(lease_s=30.0)] == [None]
    with pytest.raises(Unreadable, match="FRONTDESK_RECORDS_KEY"):
        SEAL_OF_ANOTHER.open(SEAL.seal({}, place="a"), place="a")
    with pytest.raises(Unreadable):
        SEAL.open(SEAL.seal({}, place="a"), place="b")


async def test_a_new_database_without_tables_is_out_of_order(access: RecordsAccess) -> None:
    """Nobody brought it up to date: not an empty ledger in which everything is allowed."""
    async with open_engine(access) as engine:
        with pytest.raises(NotKept):
            await KeptLedger(engine, SEALS).look(CANCEL)
