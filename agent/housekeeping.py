"""What the worker's parent does for the record beside the calls: closes what dead jobs have left.

Every worker does it; the database and the locks see to it that no two act on one call.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

import structlog

from agent import metrics
from agent.reports import CallEnded, CallStarted, Report
from records import CallOutcome
from records.closing import Closer
from records.ledger import NotKept

# A heartbeat that is not there is noticed within this and DEAD_AFTER_S.
EVERY_S = 5.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def keeping_house(
    closer: Closer,
    looked_after: Callable[[], Collection[str]],
    count: Callable[[Report, CallStarted | None], None],
) -> AsyncIterator[None]:
    """Do so while the block lasts; `looked_after` are calls that somebody here is still at.

    `count` hears of the calls that are lost.
    """
    task = asyncio.create_task(_keep_sweeping(closer, looked_after, count))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _keep_sweeping(
    closer: Closer,
    looked_after: Callable[[], Collection[str]],
    count: Callable[[Report, CallStarted | None], None],
) -> None:
    failed = False
    while True:
        try:
            for call_id in await closer.sweep(looked_after()):
                count(CallEnded(outcome=CallOutcome.LOST), None)
                metrics.RECORDS_CLOSED_LOST.inc()
                log.warning("the record of a dead job was closed", call=call_id)
            failed = False
        except NotKept as error:
            if not failed:
                log.error("records of dead jobs stay open", error=str(error))  # noqa: TRY400
            failed = True
        except Exception as error:  # noqa: BLE001 - the edge of the process: it must go on
            log.error("records could not be looked after", error=type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(EVERY_S)
