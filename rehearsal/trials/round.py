"""Plays many rows on one stack: side by side those that leave each other alone, then the others.

At the end of a round everything is counted once more: a caller who was told that nothing was done
must still be right when every fault is long over.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx

from rehearsal.phone.call import CallFailed
from rehearsal.stack import StackError
from rehearsal.trials.callers import Customer
from rehearsal.trials.ground import Ground
from rehearsal.trials.judging import breaches
from rehearsal.trials.outage import play_outage
from rehearsal.trials.playing import Floor, Turn, play
from rehearsal.trials.row import Moment, Row, Told
from rehearsal.trials.seen import Seen

Play = Callable[[Ground, Row, Customer, Turn], Awaitable[Seen]]
"""How one row is played, with a phone or without."""
# A call takes a third of a core.
AT_ONCE = 3
CALLS_FOR_ONE = 3


@dataclass(frozen=True)
class Trial:
    """One row that was played, and the promises that were broken in it."""

    row: Row
    customer: Customer
    seen: Seen

    @property
    def breaches(self) -> list[str]:
        """What was promised and not kept; empty if the row passed."""
        return breaches(self.row, self.seen)


def by_phone(floor: Floor) -> Play:
    """With a real call, on this floor."""

    async def played(ground: Ground, row: Row, customer: Customer, turn: Turn) -> Seen:
        two_calls = row.strike is not None and row.strike.when is Moment.GREETED
        player = play_outage if two_calls else play
        return await player(ground, row, customer, turn, floor)

    return played


class Places:
    """A floor for so many calls at once. A worker starts only when nobody else calls."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """See `Floor`."""
        async with self._free:
            yield

    @asynccontextmanager
    async def start(self) -> AsyncIterator[None]:
        """See `Floor`."""
        yield


async def play_all(
    ground: Ground,
    rows: Sequence[Row],
    callers: Iterator[Customer],
    *,
    played: Play,
    done: Callable[[Trial], None] = lambda _: None,
) -> list[Trial]:
    """Every row once, told in the order given; `done` hears of each when it is over.

    A call whose caller was misheard tried nothing: another one is made.
    """
    found: dict[int, Trial] = {}
    turns = _Turns()

    async def seen(row: Row, customer: Customer) -> Seen:
        what = Seen(told=Told.NOTHING)
        try:
            what = await played(ground, row, customer, turns.of(row))
        except* (CallFailed, StackError, httpx.HTTPError, OSError) as several:
            why = _first(several)
            what = replace(what, complaint=f"it could not be played: {type(why).__name__}: {why}")
        return what

    async def one(at: int) -> None:
        for _ in range(CALLS_FOR_ONE):
            customer = next(callers)
            found[at] = Trial(rows[at], customer, await seen(rows[at], customer))
            if found[at].seen.effects or not found[at].seen.misheard:
                break
        done(found[at])

    async with asyncio.TaskGroup() as together:
        # In this order, so that those which wait for the others are behind them.
        for at in sorted(range(len(rows)), key=lambda at: rows[at].alone):
            together.create_task(one(at))
    return [await _again(ground, found[at]) for at in range(len(rows))]


class _Turns:
    """Who strikes now: many who leave each other alone, or one. What they left open goes on."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._beside, self._alone = 0, False

    @asynccontextmanager
    async def of(self, row: Row) -> AsyncIterator[None]:
        """The turn of `row`."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self._alone and not (row.alone and self._beside)
            )
            self._beside, self._alone = self._beside + (not row.alone), row.alone
        try:
            yield
        finally:
            async with self._changed:
                self._beside, self._alone = self._beside - (not row.alone), False
                self._changed.notify_all()


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    first = several.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _again(ground: Ground, trial: Trial) -> Trial:
    """The same trial with what the office says now."""
    effects = max(trial.seen.effects, await ground.effects(trial.customer.order))
    return replace(trial, seen=replace(trial.seen, effects=effects))
