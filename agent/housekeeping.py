"""What the worker's parent does for the record beside the calls: closes, counts, stores, deletes.

Records of dead jobs are closed, ended calls get their cost, recordings go to their storage, and
what is too old is deleted. Every worker does it; the database and locks see to it that no two act
on one call.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import structlog

from agent import metrics
from agent.budget import usd_of
from agent.reports import CallEnded, CallStarted, Report, Unkept
from records import CallOutcome
from records.accounting import Accounting
from records.closing import Closer
from records.erasing import Eraser
from records.ledger import NotKept
from records.opened import Record
from records.prices import PriceBook
from records.recording.backlog import Backlog, Round
from records.recording.storage import Storage
from records.retention import Expiry
from records.settings import RecordingStorage, Retention
from records.sounds import KeptSounds
from records.stored import mark_stored

# A heartbeat that is not there is noticed within this and `closing.DEAD_AFTER_S`.
SWEEP_EVERY_S = 5.0
SETTLE_EVERY_S = 2.0
RETAIN_EVERY_S = 3600.0

Count = Callable[[Report, CallStarted | None], None]

log = structlog.get_logger(__name__)


class House:
    """What is looked after, on one record."""

    def __init__(
        self,
        record: Record,
        closer: Closer,
        *,
        book: PriceBook,
        storage: Storage,
        spool: Path,
    ) -> None:
        self.at_it: Callable[[], Collection[str]] = frozenset
        """The calls that somebody of this worker still is at."""
        self.count: Count = lambda _, __: None
        """Hears of calls that are lost."""
        self.counted: set[str] = set()
        """Lost calls that somebody has counted before their record is closed."""
        self.left = Unkept()
        """What dead jobs have left on this machine, and the database does not take."""
        self._closer, self._book = closer, book
        self._accounting = Accounting(record.engine, record.seals, book)
        waiting = RecordingStorage().waiting
        sounds = KeptSounds(storage, waiting)
        self._eraser = Eraser(record.engine, record.seals, sounds, spool)
        self._expiry = Expiry(record.engine, self._eraser, sounds, Retention())
        self._backlog = Backlog(waiting, storage, keep=partial(mark_stored, record.engine))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Look after it while the block lasts."""
        tasks = {
            asyncio.create_task(_again_and_again(self._sweep, SWEEP_EVERY_S)),
            asyncio.create_task(_again_and_again(self._settle, SETTLE_EVERY_S)),
            asyncio.create_task(_again_and_again(self._retain, RETAIN_EVERY_S)),
            asyncio.create_task(self._backlog.run(_count_round)),
        }
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _sweep(self) -> None:
        try:
            swept = await self._closer.sweep(self.at_it())
        finally:
            # Also what no key of ours opens: it stays there until somebody sees to it.
            self.left = Unkept.since(*self._closer.left())
        for lost in swept:
            if lost.call_id not in self.counted:
                call = CallStarted(call_id=lost.call_id, room="", profile=lost.profile)
                self.count(CallEnded(outcome=CallOutcome.LOST), call)
                metrics.RECORDS_CLOSED_LOST.inc()
            self.counted.discard(lost.call_id)
            log.warning("the record of a dead job was closed", call=lost.call_id)

    async def _settle(self) -> None:
        while costed := await self._accounting.settle():
            for call in costed:
                for kind, micro in call.more_micro().items():
                    if usd := usd_of(micro, self._book):
                        metrics.CALL_COST_USD.labels(profile=call.profile, kind=kind).inc(usd)

    async def _retain(self) -> None:
        for kind, calls in (await self._expiry.retain()).items():
            metrics.RETENTION_DELETED.labels(kind.value).inc(calls)


def _count_round(done: Round) -> None:
    metrics.RECORDINGS.labels("stored").inc(done.stored)
    metrics.RECORDINGS.labels("failed").inc(done.failed)
    if done.waiting_bytes is not None:
        metrics.RECORDING_BACKLOG_BYTES.set(done.waiting_bytes)


async def _again_and_again(do: Callable[[], Awaitable[None]], every_s: float) -> None:
    failed = False
    while True:
        try:
            await do()
            failed = False
        except NotKept as error:
            if not failed:
                log.error("the record cannot be looked after", error=str(error))  # noqa: TRY400
            failed = True
        except Exception as error:
            # The edge of the process: it must go on.
            if not failed:
                log.error("the record could not be looked after", exc_info=error)  # noqa: TRY400
            failed = True
        await asyncio.sleep(every_s)
