"""No wish is fulfilled twice, and none is lost, whoever asks and whoever dies."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from records.ledger import AlreadyDone, Begun, InDoubt, Intent, Ledger
from records.sealing import Seal, Unreadable
from records.settings import RecordsAccess
from records.store import open_store

CANCEL = Intent(
    call_id="call-1",
    tool="cancel_order",
    subject="customer 1001",
    arguments={"order": "4302"},
    deadline_s=8.0,
    once_s=86_400.0,
)
SEAL, SEAL_OF_ANOTHER = Seal(bytes(range(32))), Seal(bytes(32))


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


@pytest.fixture
def ledger(engine: AsyncEngine, clock: Clock) -> Ledger:
    """An empty ledger."""
    return Ledger(engine, SEAL, clock)


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

    assert await ledger.intend(CANCEL) == InDoubt(key)
    assert await ledger.intend(replace(CANCEL, call_id="call-2")) == InDoubt(key)


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
    assert await ledger.intend(CANCEL) == InDoubt(key)

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


async def test_what_may_be_done_often_is(ledger: Ledger) -> None:
    """Reads are written down and never counted."""
    look_up = replace(CANCEL, tool="look_up_order", once_s=None)

    assert await begun(ledger, look_up) != await begun(ledger, look_up)


async def test_of_many_at_the_same_time_one_begins(ledger: Ledger, access: RecordsAccess) -> None:
    """Over several connections: the database decides, nobody's memory."""
    async with open_store(access) as other_engine:
        other = Ledger(other_engine, SEAL)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one.intend(CANCEL)) for one in (ledger, other) * 10]
    found = [task.result() for task in tasks]

    (key,) = [one.key for one in found if isinstance(one, Begun)]
    assert sorted(map(repr, found))[1:] == [repr(InDoubt(key))] * 19


async def test_who_dies_leaves_a_row_that_one_reconciler_gets(ledger: Ledger, clock: Clock) -> None:
    """After deadline and margin, with what was asked; the next one when the lease is over."""
    key = await begun(ledger)
    await begun(ledger, replace(CANCEL, tool="look_up_order", once_s=None))
    assert await ledger.lease(margin_s=5.0, lease_s=30.0) == []
    clock.now += CANCEL.deadline_s + 5.1

    (row,) = await ledger.lease(margin_s=5.0, lease_s=30.0)

    assert (row.key, row.tool, row.arguments) == (key, "cancel_order", {"order": "4302"})
    assert await ledger.lease(margin_s=5.0, lease_s=30.0) == []
    clock.now += 30.1
    assert [row.key for row in await ledger.lease(margin_s=5.0, lease_s=30.0)] == [key]
    await ledger.end(key, "ok")
    clock.now += 30.1
    assert await ledger.lease(margin_s=5.0, lease_s=30.0) == []


async def test_a_row_opens_only_with_its_key(ledger: Ledger, engine: AsyncEngine) -> None:
    """A changed key is told, not taken for an empty result."""
    await ledger.end(await begun(ledger), "ok")
    stranger = Ledger(engine, SEAL_OF_ANOTHER, Clock())

    # Their digests differ too: to them it is another wish.
    assert isinstance(await stranger.intend(CANCEL), Begun)
    with pytest.raises(Unreadable, match="FRONTDESK_RECORDS_KEY"):
        SEAL_OF_ANOTHER.open(SEAL.seal({}, place="a"), place="a")
    with pytest.raises(Unreadable):
        SEAL.open(SEAL.seal({}, place="a"), place="b")
