"""The worker's parent finds out what became of writes whose jobs could not tell.

Every worker does it; the ledger sees to it that no two act on one write.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from agent import metrics
from records.ledger import NotKept
from records.opened import Record
from tools import Office, tls_context
from tools.reconcile import End, reconcile
from tools.settings import OfficeAccess

# With margin and lease: a minute after the office is back nothing is open, unless hundreds were.
EVERY_S = 10.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def reconciling(record: Record) -> AsyncIterator[None]:
    """Do so while the block lasts."""
    access = OfficeAccess()
    office = Office(
        access.url, access.key, connect_timeout_s=access.connect_timeout_s, tls=tls_context()
    )
    async with office:
        task = asyncio.create_task(_keep_asking(record, office))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _keep_asking(record: Record, office: Office) -> None:
    while True:
        try:
            found = await reconcile(record.ledger, record.follow_ups, office)
            for end in (End.DONE, End.NOT_DONE):
                metrics.TOOL_WRITES_SETTLED.labels(found=end.value).inc(found[end])
            metrics.TOOL_WRITES_UNSETTLED.set(await record.ledger.unsettled())
        except NotKept as error:
            log.error("the ledger is out of order; writes are refused", error=str(error))  # noqa: TRY400
        except Exception as error:  # noqa: BLE001 - the edge of the process: it must go on asking
            log.error("writes could not be asked after", error=type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(EVERY_S)
