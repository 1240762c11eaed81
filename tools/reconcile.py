"""Finds out what became of writes that nobody knows the end of: a job died, or could not tell.

The row names who can say. The back office says what became of a key; one that it has not done is
fenced first, so that "not done" stays true. What it cannot say stays open and is asked again; after
an hour it is handed to the staff, and at once if no program can know. Rows are leased: two of these
never act on one. Run by the worker's parent and by `python -m tools reconcile`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

import structlog

from records.follow_ups import UNSETTLED
from records.ledger import Ledger, Open
from records.witness import Witness
from tools.call import ToDo
from tools.office import Errand, Office
from tools.once import find_out
from tools.policy import Policy

# Longer than asking the office may take, so that nobody asks about the same row meanwhile.
LEASE_S = 20.0
HANDED_OVER_AFTER_S = 3600.0
ASKED_FOR_S = 4.0

log = structlog.get_logger(__name__)


class End(StrEnum):
    """What was found out about one write."""

    DONE = "done"
    NOT_DONE = "not_done"
    OPEN = "open"
    HANDED_OVER = "handed_over"


async def reconcile(
    ledger: Ledger,
    follow_ups: ToDo,
    office: Office,
    clock: Callable[[], float] = time.time,
) -> Counter[End]:
    """Ask once about every write that nobody is at any more; how many had which end.

    Raises:
        NotKept: the ledger is out of order.
    """
    rows = await ledger.lease(lease_s=LEASE_S)
    found = await asyncio.gather(*(_settle(row, ledger, follow_ups, office, clock) for row in rows))
    counts = Counter(found)
    if rows:
        log.info("writes were asked after", **{end.value: counts[end] for end in End})
    return counts


async def _settle(
    row: Open, ledger: Ledger, follow_ups: ToDo, office: Office, clock: Callable[[], float]
) -> End:
    end = await _found(row, office.errand(Policy()), follow_ups)
    if end is not None:
        await ledger.end(row.key, *end)
        return End.DONE if end[0] == "ok" else End.NOT_DONE
    if row.witness is not Witness.NOBODY and clock() - row.begun_at < HANDED_OVER_AFTER_S:
        return End.OPEN
    words = {"tool": row.tool, "arguments": row.arguments}
    await follow_ups.open(call_id=row.call_id, kind=UNSETTLED, words=words, tool_use=row.key)
    return End.HANDED_OVER


async def _found(row: Open, errand: Errand, follow_ups: ToDo) -> tuple[str, str] | None:
    try:
        async with asyncio.timeout(ASKED_FOR_S):
            return await find_out(row.key, row.witness, errand, follow_ups)
    except TimeoutError:
        return None
