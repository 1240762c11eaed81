"""Plays one row without a phone: the gate on a standing stack, and what its caller would say.

Office, ledger, Redis and whoever finds out about open writes are those of the stack; only the call
is not there. For rows in which nothing is heard that others do not sound like.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from pydantic import SecretStr

from records.opened import open_record
from rehearsal.trials.callers import Customer
from rehearsal.trials.ground import Ground, settled
from rehearsal.trials.playing import Turn
from rehearsal.trials.row import Act, Does, Moment, Row, Strike
from rehearsal.trials.seen import READS, VERIFIES, WRITES, Seen, meant
from rehearsal.trials.strikes import Undo, strike
from tools import Answer, CallFacts, Gate, Office, Outcome, catalogue
from tools.shared import open_shared


async def play_unheard(ground: Ground, row: Row, customer: Customer, turn: Turn) -> Seen:
    """One use of the tool of `row` by `customer`, and what came of it."""
    call_id = f"unheard-{row.name}-{customer.order}"
    async with turn:
        faults = [await ground.add(fault.on(customer.order)) for fault in row.office]
        struck = _Struck(ground, row.strike, faults)
        try:
            await struck.at(Moment.BEFORE)
            async with _gate(ground, row, customer, call_id) as gate:
                answer = await _used(gate, row, customer, struck)
        finally:
            await struck.undone()
            await ground.remove(*faults)
        back_at = asyncio.get_running_loop().time()
    kept, reconciled_s = await settled(ground, call_id, since=back_at)
    said = str(json.loads(answer.text)["say"])
    outcomes = (str(answer.outcome),)
    return Seen(
        told=meant(outcomes, [said])[0],
        words=said,
        outcomes=outcomes,
        effects=await ground.effects(customer.order),
        kept=kept,
        reconciled_s=reconciled_s,
    )


class _Struck:
    """The strike of a row, from its moment on until it is undone."""

    def __init__(self, ground: Ground, what: Strike | None, faults: list[int]) -> None:
        self._ground, self._what, self._faults = ground, what, faults
        self._undo: Undo | None = None

    async def at(self, moment: Moment) -> None:
        """Strike if this is the moment; for the office's having the request, wait for it."""
        what = self._what
        if what is None or what.when is not moment:
            return
        if moment is Moment.REACHED:
            await self._ground.until_struck(self._faults[0])
            await asyncio.sleep(what.after_s)
        self._undo = await strike(what.act, self._ground, 0)
        if what.lasts_s is not None:
            await asyncio.sleep(what.lasts_s)
            await self.undone()

    async def undone(self) -> None:
        """Everything as it was."""
        if self._undo is not None:
            undo, self._undo = self._undo, None
            await undo()


async def _used(gate: Gate, row: Row, customer: Customer, struck: _Struck) -> Answer:
    arguments = json.dumps({"order": customer.order})
    if row.does is Does.LOOKS_UP:
        return await gate.use(READS, arguments)
    gate.caller_said(f"cancel order {customer.order}, my ZIP code is {customer.zip_code}")
    await gate.use(VERIFIES, json.dumps({"zip_code": customer.zip_code}))
    asked = await gate.use(WRITES, arguments)
    if asked.outcome is not Outcome.NEEDS_YES:
        return asked
    gate.agent_said(str(json.loads(asked.text)["say"]))
    await struck.at(Moment.ASKED)
    gate.caller_said("yes please")
    async with asyncio.TaskGroup() as both:
        using = both.create_task(gate.use(WRITES, arguments))
        both.create_task(struck.at(Moment.REACHED))
    return using.result()


@asynccontextmanager
async def _gate(ground: Ground, row: Row, customer: Customer, call_id: str) -> AsyncIterator[Gate]:
    counts = row.strike is not None and row.strike.act in (Act.KILL_REDIS, Act.STOP_REDIS)
    stack = ground.stack
    async with (
        open_record(stack.records) as record,
        Office(stack.office_url, SecretStr(stack.office_key)) as office,
        # What fails beside it opens no breaker of this one.
        open_shared(ground.counts_url if counts else None, digest=lambda who: who) as shared,
    ):
        yield Gate(
            tools=catalogue([READS, WRITES, VERIFIES]),
            office=office,
            ledger=record.ledger,
            follow_ups=record.follow_ups,
            shared=shared,
            call=CallFacts(call_id, customer.number, "en", datetime.now(UTC)),
            on_use=lambda _: None,
        )
