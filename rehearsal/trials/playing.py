"""Plays one row on a standing stack with a real call, and tells what was seen.

A row's faults are ordered before the phone rings, its strike comes at its moment of the call, and
everything is there again when the call is over. Then the ledger has a minute to know the end of
every write.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from records import CallView
from records.reading import Wanted
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.trials import hearing
from rehearsal.trials.callers import LONGEST_CALL_S, Customer, part
from rehearsal.trials.ground import Ground, settled
from rehearsal.trials.row import Act, Moment, Row, Strike, Told
from rehearsal.trials.seen import WRITES, Seen, misheard, told
from rehearsal.trials.strikes import Undo, strike

LOOK_AGAIN_S = 0.05
RECORD_WITHIN_S = 20.0
# A request that was delayed, or whose caller has gone, has been carried out by then, or never is.
SETTLED_S = 1.0

Found = TypeVar("Found")


Turn = AbstractAsyncContextManager[Any]
"""Entered until everything that a row has struck is there again."""


class Floor(Protocol):
    """Whose turn it is on this machine."""

    def call(self) -> AbstractAsyncContextManager[None]:
        """Entered for as long as somebody is on the phone."""

    def start(self) -> AbstractAsyncContextManager[None]:
        """Entered while a worker starts, which leaves nothing of the machine to a call."""


class NeverCame(Exception):
    """What a row waits for did not happen; the message says what."""


@dataclass
class _Played:
    """One call of a row, as far as it is known. Times are those of the event loop."""

    row: Row
    customer: Customer
    known: list[str]
    faults: list[int] = field(default_factory=list)
    struck_at: float | None = None
    undo: Undo | None = None
    back_at: float = 0.0
    complaint: str = ""

    @property
    def deadly(self) -> bool:
        """Whether its strike ends a process that the caller's call depends on."""
        return self.row.strike is not None and self.row.strike.act in (
            Act.KILL_JOB,
            Act.KILL_WORKER,
        )


async def play(ground: Ground, row: Row, customer: Customer, turn: Turn, floor: Floor) -> Seen:
    """One call of `row` by `customer`, and what came of it."""
    played = _Played(row, customer, await ground.calls.ids(_by(customer)))
    workers = row.strike is not None and row.strike.act is Act.KILL_WORKER
    async with turn:
        try:
            async with floor.call():
                await ground.forgive()
                result = await _called(ground, played)
                if row.strike and row.strike.act in (Act.LOCK_RECORD, Act.MOVE_RECORD):
                    # What became of the call lies beside it until then.
                    await _undone(played)
                # First: what is left of a dead worker ends its calls, then the next ends the rest.
                record = await _record(ground, await _call_id(ground, played))
        except NeverCame as error:
            return Seen(told=Told.NOTHING, complaint=str(error))
        finally:
            async with floor.start() if workers else nullcontext():
                await _all_back(ground, played)
    return await _seen(ground, played, result, record)


async def _called(ground: Ground, played: _Played) -> CallerResult:
    row, customer = played.row, played.customer
    played.faults = [await ground.add(fault.on(customer.order)) for fault in row.office]
    if row.strike and row.strike.when is Moment.BEFORE:
        await _strike(ground, played, row.strike, job=0)
    caller = part(row, customer)
    async with asyncio.TaskGroup() as both:
        call = both.create_task(run_caller(caller, proxy=ground.stack.sip_address))
        if row.strike and row.strike.when is not Moment.BEFORE:
            both.create_task(_in_time(ground, played, row.strike, call))
    return call.result()


async def _in_time(
    ground: Ground, played: _Played, what: Strike, call: "asyncio.Task[CallerResult]"
) -> None:
    """Strike at the moment that the row names, unless the call is over before."""
    try:
        call_id = await _call_id(ground, played, unless=call.done)
        started = await _until(lambda: ground.calls.call(call_id), "start of a job", call.done)
        if what.when is Moment.ASKED:
            await _until(lambda: _asked(ground, call_id), "read-back", call.done)
    except NeverCame as error:
        played.complaint = f"nothing was struck: {error}"
        return
    if what.when is Moment.REACHED and not await ground.until_struck(
        played.faults[0], unless=call.done
    ):
        played.complaint = "nothing was struck: the office never got the request"
        return
    await asyncio.sleep(what.after_s)
    await _strike(ground, played, what, job=started.pid)


async def _strike(ground: Ground, played: _Played, what: Strike, *, job: int) -> None:
    undo = await strike(what.act, ground, job)
    played.struck_at, played.undo = asyncio.get_running_loop().time(), undo
    if what.lasts_s is not None:
        await asyncio.sleep(what.lasts_s)
        await _undone(played)


async def _undone(played: _Played) -> None:
    if played.undo is not None:
        undo, played.undo = played.undo, None
        await undo()
        played.back_at = asyncio.get_running_loop().time()


async def _all_back(ground: Ground, played: _Played) -> None:
    """Undo the strike and end the faults, so that every part does what it should again."""
    await _undone(played)
    await ground.remove(*played.faults)
    # What struck an office or a record that was there again within the call is over since then.
    played.back_at = played.back_at or asyncio.get_running_loop().time()


async def _seen(ground: Ground, played: _Played, result: CallerResult, record: CallView) -> Seen:
    """Everything there is to say of the call, once the ledger knows its end."""
    kept, reconciled_s = await settled(ground, record.call_id, since=played.back_at)
    await asyncio.sleep(SETTLED_S)
    what, words, outcomes = told(record, played.row.does)
    died_s = None
    if played.deadly and played.struck_at is not None:
        died_s = played.struck_at - result.call.timeline.t0
    spoken_to_s = None
    if died_s is not None and played.row.strike is not None:
        goes_on = played.row.strike.act is Act.KILL_JOB
        heard = hearing.back_again if goes_on else hearing.apology
        spoken_to_s = heard(result.call, died_s)
    return Seen(
        told=what,
        words=words,
        outcomes=outcomes,
        effects=await ground.effects(played.customer.order),
        kept=kept,
        reconciled_s=reconciled_s,
        silences=hearing.silences(result.call, died_s),
        spoken_to_s=spoken_to_s,
        dead=played.deadly,
        complaint=played.complaint or _complaint(played, result),
        misheard=died_s is None and misheard(record),
    )


def _complaint(played: _Played, result: CallerResult) -> str:
    """Why the caller could not do their part; a line that closes is no reason if one was killed."""
    if result.gave_up is None or played.deadly:
        return ""
    return f"the caller gave up: {result.gave_up}"


async def _call_id(
    ground: Ground, played: _Played, unless: Callable[[], bool] = lambda: False
) -> str:
    """The call, known by who calls; what another job goes on with is not what the row is about."""

    async def found() -> str | None:
        ids = await ground.calls.ids(_by(played.customer))
        return next((one for one in ids if one not in played.known), None)

    return await _until(found, "call of this caller", unless)


def _by(customer: Customer) -> Wanted:
    return Wanted(caller=customer.number, resumes="")


async def _record(ground: Ground, call_id: str) -> CallView:
    ended = await ground.calls.ended(call_id, RECORD_WITHIN_S)
    if ended is None:
        raise NeverCame("there was no closed record")
    return ended


async def _asked(ground: Ground, call_id: str) -> bool | None:
    call = await ground.calls.call(call_id)
    uses = call.tools if call else []
    return any((use.tool, use.outcome) == (WRITES, "needs_yes") for use in uses) or None


async def _until(
    look: Callable[[], Awaitable[Found | None]],
    what: str,
    unless: Callable[[], bool] = lambda: False,
    *,
    within_s: float = LONGEST_CALL_S,
) -> Found:
    """What `look` finds, asked again until it finds something."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := await look()):
                if unless():
                    raise NeverCame(f"there was no {what}")
                await asyncio.sleep(LOOK_AGAIN_S)
            return found
    except TimeoutError as error:
        raise NeverCame(f"there was no {what}") from error
