"""Plays a row in which the record's database is away for a minute of calls.

One call is going on when it goes, another when it comes back. Neither may notice, nothing of either
may be missing afterwards, and the worker's series must have told what waited. See `playing` for
all other rows with a phone.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
from prometheus_client.parser import text_string_to_metric_families

from records import CallOutcome, CallView
from records.reading import Wanted
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.trials import hearing
from rehearsal.trials.callers import Customer, customers, part
from rehearsal.trials.ground import Ground, settled
from rehearsal.trials.playing import Floor, Turn
from rehearsal.trials.row import Does, Row, Told
from rehearsal.trials.seen import Seen, misheard, told
from rehearsal.trials.strikes import strike

HTTP_TIMEOUT_S = 5.0
LOOK_AGAIN_S = 0.2
GREETED_WITHIN_S = 20.0
# The second call is answered, and heard, before the database is back.
BEGINS_BEFORE_BACK_S = 8.0
# A parent looks every 5 s, and may have found the database away just before.
FILED_WITHIN_S = 20.0
PENDING, LOST = "frontdesk_records_pending", "frontdesk_record_entries_lost_total"
CLOSED = "frontdesk_records_closed_lost_total"


@dataclass
class _Lived:
    """What happened, on the way to being seen."""

    first: CallerResult | None = None
    second: CallerResult | None = None
    most_pending: float = 0.0


async def play_outage(
    ground: Ground, row: Row, customer: Customer, turn: Turn, floor: Floor
) -> Seen:
    """Both calls, and what the record has of them; `customer` makes the first one."""
    # One whose order nobody cancels: the last of all.
    both = customer, customers()[-1]
    known = [await _ids(ground, who) for who in both]
    async with turn:
        await ground.forgive()
        before = await _series(ground, LOST, CLOSED)
        lived = await _lived(ground, row, both, floor, known[0])
        back_at = asyncio.get_running_loop().time()
        records = [await _record(ground, both[at], known[at]) for at in (0, 1)]
        after = await _series(ground, LOST, CLOSED)
    first = records[0]
    if lived.first is None or lived.second is None or first is None:
        return Seen(told=Told.NOTHING, complaint="a call is not in the record, or was not made")
    complaints = [
        *_missing("first", first, turns=2),
        *_missing("second", records[1], turns=1),
        *_not_told(lived, pending=await _until_filed(ground)),
        *[f"{name} went up" for name in after if after[name] != before[name]],
        *[f"a caller gave up: {r.gave_up}" for r in (lived.first, lived.second) if r.gave_up],
    ]
    kept, reconciled_s = await settled(ground, first.call_id, since=back_at)
    what, words, outcomes = told(first, row.does)
    heard = [hearing.silences(result.call, None) for result in (lived.first, lived.second)]
    return Seen(
        told=what,
        words=words,
        outcomes=outcomes,
        effects=await ground.effects(customer.order),
        kept=kept,
        reconciled_s=reconciled_s,
        silences=heard[0] + heard[1],
        complaint="; ".join(complaints),
        misheard=misheard(first),
    )


async def _lived(
    ground: Ground, row: Row, both: tuple[Customer, Customer], floor: Floor, known: list[str]
) -> _Lived:
    assert row.strike is not None
    assert row.strike.lasts_s is not None
    loop, lived = asyncio.get_running_loop(), _Lived()
    asks = replace(row, does=Does.LOOKS_UP)
    async with asyncio.TaskGroup() as group:
        async with floor.call():
            first = group.create_task(_call(ground, row, both[0]))
            await _greeted(ground, both[0], known)
            undo = await strike(row.strike.act, ground, 0)
            back_at = loop.time() + row.strike.lasts_s
            watch = group.create_task(_watched(ground, lived))
            try:
                lived.first = await first
                await asyncio.sleep(back_at - BEGINS_BEFORE_BACK_S - loop.time())
                second = group.create_task(_call(ground, asks, both[1]))
                await asyncio.sleep(back_at - loop.time())
            finally:
                await undo()
            lived.second = await second
        watch.cancel()
    return lived


async def _call(ground: Ground, row: Row, customer: Customer) -> CallerResult:
    return await run_caller(part(row, customer), proxy=ground.stack.sip_address)


async def _greeted(ground: Ground, customer: Customer, known: list[str]) -> None:
    async with asyncio.timeout(GREETED_WITHIN_S):
        while True:
            new = [one for one in await _ids(ground, customer) if one not in known]
            call = await ground.calls.call(new[0]) if new else None
            if call is not None and call.greeted_at is not None:
                return
            await asyncio.sleep(LOOK_AGAIN_S)


async def _watched(ground: Ground, lived: _Lived) -> None:
    while True:
        pending = (await _series(ground, PENDING))[PENDING]
        lived.most_pending = max(lived.most_pending, pending)
        await asyncio.sleep(LOOK_AGAIN_S)


async def _until_filed(ground: Ground) -> float:
    """What is pending in the end, which is nothing if all is well."""
    loop = asyncio.get_running_loop()
    until = loop.time() + FILED_WITHIN_S
    while True:
        pending = (await _series(ground, PENDING))[PENDING]
        if not pending or loop.time() > until:
            return pending
        await asyncio.sleep(LOOK_AGAIN_S)


async def _ids(ground: Ground, customer: Customer) -> list[str]:
    return await ground.calls.ids(Wanted(caller=customer.number, resumes=""))


async def _record(ground: Ground, customer: Customer, known: list[str]) -> CallView | None:
    """The closed record of the customer's new call, once it is filed."""
    loop = asyncio.get_running_loop()
    until = loop.time() + FILED_WITHIN_S
    while loop.time() < until:
        if new := [one for one in await _ids(ground, customer) if one not in known]:
            return await ground.calls.ended(new[0], FILED_WITHIN_S)
        await asyncio.sleep(LOOK_AGAIN_S)
    return None


async def _series(ground: Ground, *names: str) -> dict[str, float]:
    async with httpx.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=False) as client:
        text = (await client.get(ground.stack.metrics_url)).raise_for_status().text
    samples = [one for of in text_string_to_metric_families(text) for one in of.samples]
    return {name: sum(one.value for one in samples if one.name == name) for name in names}


def _missing(which: str, call: CallView | None, *, turns: int) -> Iterator[str]:
    """What the record of a call does not have and must."""
    if call is None:
        yield f"the {which} call is not in the record"
        return
    if call.outcome is not CallOutcome.COMPLETED:
        yield f"the {which} call ended as {call.outcome}: {call.reason}"
    if call.gaps:
        yield f"the record of the {which} call has gaps"
    for speaker in ("caller", "agent"):
        said = sum(turn.speaker == speaker for turn in call.turns)
        if said < turns:
            yield f"the {which} call has {said} turns of the {speaker}"
    if call.answered_at is None or call.greeted_at is None or call.ended_at is None:
        yield f"the record of the {which} call has no beginning or no end"


def _not_told(lived: _Lived, *, pending: float) -> Iterator[str]:
    if not lived.most_pending:
        yield f"{PENDING} never told that something waits"
    if pending:
        yield f"{PENDING} is {pending:g} {FILED_WITHIN_S:g} s after the database is back"
