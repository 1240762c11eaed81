"""A write happens once: what the gate asks of the ledger, told in the gate's own errors.

A wish that nobody knows the end of is found out here before anything else is done for it: the back
office says what became of its key, or fences it. Called by `tools.gate`; one per call.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import structlog

from records.ledger import AlreadyDone, Begun, InDoubt, Intent, Ledger, NotKept
from records.witness import Witness
from tools import sentences
from tools.answers import Settled
from tools.call import ToDo
from tools.errors import NotAllowed, OutcomeUnknown
from tools.office import Errand

Found = TypeVar("Found")

log = structlog.get_logger()


class Once:
    """The writes of one call. Every wait is within the deadline of the use that asks."""

    def __init__(self, ledger: Ledger, follow_ups: ToDo) -> None:
        self._ledger, self._follow_ups = ledger, follow_ups

    async def look(self, intent: Intent, errand: Errand) -> AlreadyDone | None:
        """What the wish led to within its window; None if it is free.

        Raises:
            NotAllowed: the ledger cannot be asked.
            OutcomeUnknown: it is being done, or nobody can say whether it was.
        """
        found = await _asked(self._ledger.look(intent))
        if isinstance(found, InDoubt):
            await self._settle(found, errand)
            found = await _asked(self._ledger.look(intent))
        if isinstance(found, InDoubt):
            raise _in_progress()
        return found

    async def begin(self, intent: Intent, errand: Errand, *, again: bool) -> Begun | AlreadyDone:
        """Write `intent` down before it is done; raises like `look`."""
        begun = await _asked(self._ledger.intend(intent, again=again))
        if isinstance(begun, InDoubt):
            await self._settle(begun, errand)
            begun = await _asked(self._ledger.intend(intent, again=again))
        if isinstance(begun, InDoubt):
            # Somebody else began it while we found out about the last time.
            raise _in_progress()
        return begun

    async def end(self, key: str, outcome: str, reason: str, result: Mapping[str, Any]) -> None:
        """Write down what became of `key`. What cannot be kept stays open, to be found out."""
        try:
            await self._ledger.end(key, outcome, reason, result)
        except NotKept as error:
            log.error("the end of a write could not be kept", key=key, error=str(error))  # noqa: TRY400

    async def _settle(self, doubt: InDoubt, errand: Errand) -> None:
        if doubt.running:
            raise _in_progress()
        end = await _asked(find_out(doubt.key, doubt.witness, errand, self._follow_ups))
        if end is None:
            raise OutcomeUnknown("not_settled")
        await _asked(self._ledger.end(doubt.key, *end))


async def find_out(
    key: str, witness: Witness, errand: Errand, follow_ups: ToDo
) -> tuple[str, str] | None:
    """Outcome and reason of a write that nobody is at any more; None if nobody can say."""
    if witness is Witness.NOBODY:
        # An office that is asked to fence a key it never got would say "not done", of anything.
        return None
    if witness is Witness.RECORD:
        done = await follow_ups.has(key)
        return ("ok", "found_done") if done else ("unavailable", "not_done")
    match await errand.settle(key):
        case Settled(state="done", status=int(status)):
            return ("ok", "found_done") if status < 400 else ("refused", "office_refused")
        case Settled(state="fenced"):
            return "unavailable", "fenced"
    return None


def _in_progress() -> OutcomeUnknown:
    return OutcomeUnknown("in_progress", sentences.STILL_AT_IT)


async def _asked(asking: Awaitable[Found]) -> Found:
    try:
        return await asking
    except NotKept as error:
        log.error("the ledger is out of order; no write is done", error=str(error))  # noqa: TRY400
        raise NotAllowed("not_kept", sentences.NOT_KEPT) from error
