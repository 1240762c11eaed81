"""Closes the records of calls whose job is dead, so that no call is left without an end.

Done by every worker's parent. On its own machine the lock on a journal tells at once that its job
died; of other machines the heartbeat in the database tells. A database that was away has heard no
heartbeat of anybody: until all have had the time for one, nobody is taken for dead.
"""

import contextlib
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, Update, func, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.call_keys import CallSeals
from records.database_clock import database_now
from records.filing import file_entries
from records.journal import JOURNAL, Journal, adopt
from records.ledger import NotKept
from records.outcome import CallOutcome
from records.schema import calls
from records.sealing import Unreadable
from records.spool import Busy, is_held
from records.store import transact

# Four heartbeats.
DEAD_AFTER_S = 20.0
# A journal that has no readable beginning yet may be a call that begins just now.
BEGUN_WITHIN_S = 60.0
JOB_DIED = "the job died"

log = structlog.get_logger(__name__)


class Lost(NamedTuple):
    """A call that had no end, and got one here."""

    call_id: str
    profile: str


class Patience:
    """Whether a heartbeat that is not there means anything. Pure; monotonic seconds.

    Only if the database was well, and this process awake, for as long as a heartbeat may be late.
    """

    def __init__(self) -> None:
        self._well_since: float | None = None
        self._latest = 0.0

    def well(self, now: float) -> bool:
        """The database answers; whether it has done so for long enough."""
        slept = now - self._latest > DEAD_AFTER_S
        if self._well_since is None or slept:
            self._well_since = now
        self._latest = now
        return now - self._well_since >= DEAD_AFTER_S

    def out_of_order(self) -> None:
        """It did not answer."""
        self._well_since = None


class Closer:
    """Files and closes what dead jobs have left. Its methods may raise `NotKept`.

    `grace_s` is how long a journal is left to the parent of its own job, which sees to the caller
    first, where several workers share a spool.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        seals: CallSeals,
        spool: Path,
        grace_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._seals, self._spool, self._clock = engine, seals, spool, clock
        self._grace_s, self._dead_since = grace_s, dict[str, float]()
        self._patience = Patience()
        self._unreadable: set[str] = set()
        self._closed: list[Lost] = []

    async def close(self, call_id: str, *, apologised: bool) -> None:
        """Close the record of a job of ours that died; whether its caller was told goes in too."""
        try:
            journal = adopt(self._spool / call_id, self._seals.keyring)
        except (OSError, Busy, Unreadable, ValueError):
            # Its disk took nothing, or somebody else has closed it.
            await self._tell(call_id, apologised=apologised)
            return
        journal.write("rescued", apologised=apologised)
        await self._finish(journal)

    async def finish(self, call_id: str) -> None:
        """File what a dead job of this machine has left, whoever would come for it."""
        journal = self._adopted(self._spool / call_id)
        if journal is not None:
            await self._finish(journal)

    async def sweep(self, but: Collection[str] = ()) -> list[Lost]:
        """Go through everything once; the calls that were closed as lost now.

        `but` are calls that somebody else of this process looks after. Those that were closed
        before the database failed are told by the next that it does not fail.
        """
        for folder in sorted(self._spool.glob(f"*/{JOURNAL}")):
            call_id = folder.parent.name
            if call_id in but or not self._is_left(call_id, held=is_held(folder)):
                continue
            journal = self._adopted(folder.parent)
            if journal is not None:
                self._closed += await self._finish(journal)
                self._dead_since.pop(call_id, None)
        self._closed += await self._close_silent()
        closed, self._closed = self._closed, []
        return closed

    def left(self) -> tuple[int, float]:
        """How many journals lie on this machine whose jobs are dead, and since when the oldest.

        Seconds since 1970; the time now if there is none.
        """
        times = []
        for file in self._spool.glob(f"*/{JOURNAL}"):
            # Another worker may file it, and take it away, at any time.
            with contextlib.suppress(OSError):
                if not is_held(file):
                    times.append(file.stat().st_mtime)
        return len(times), min(times, default=time.time())

    def _is_left(self, call_id: str, *, held: bool) -> bool:
        """Whether nobody has been at a journal for as long as its own parent may need."""
        if held:
            self._dead_since.pop(call_id, None)
            return False
        since = self._dead_since.setdefault(call_id, self._clock())
        return self._clock() - since >= self._grace_s

    def _adopted(self, folder: Path) -> Journal | None:
        try:
            return adopt(folder, self._seals.keyring)
        except (Busy, FileNotFoundError):
            return None
        except (Unreadable, OSError) as error:
            young = time.time() - folder.stat().st_mtime < BEGUN_WITHIN_S
            if not young and folder.name not in self._unreadable:
                self._unreadable.add(folder.name)
                log.error(  # noqa: TRY400 - told by kind
                    "what a call has left cannot be read: is it sealed with another"
                    " FRONTDESK_RECORDS_KEY? It stays where it is",
                    folder=folder.name,
                    error=type(error).__name__,
                )
            return None

    async def _finish(self, journal: Journal) -> list[Lost]:
        """File what a dead job has left; the call, if it had no end and got one here.

        Whether it had one is asked of the database, which may have been away the last time. Of a
        call whose caller was rescued everybody has heard already.
        """
        kinds = {entry.kind for entry in journal.waiting}
        own = [entry.at for entry in journal.waiting if entry.kind != "rescued"]
        lost: list[Lost] = []
        whole = False
        try:
            while journal.waiting:
                await file_entries(self._engine, journal, self._seals.records, alive=False)
            if "ended" not in kinds:
                lost = await self._end(journal.call_id, max(own, default=time.time()))
            whole = journal.unfiled == 0
        finally:
            # Also if the task is cancelled: whoever comes next must get it.
            if whole:
                journal.remove()
            else:
                journal.close()
        return [] if "rescued" in kinds else lost

    async def _end(self, call_id: str, at: float) -> list[Lost]:
        ending = _lost(calls.c.id == call_id).values(ended_at=at)

        async def work(connection: AsyncConnection) -> list[Lost]:
            closed = await connection.execute(ending.returning(calls.c.id, calls.c.profile))
            return [Lost(*row) for row in closed]

        return await transact(self._engine, work)

    async def _tell(self, call_id: str, *, apologised: bool) -> None:
        of_call = update(calls).where(calls.c.id == call_id, calls.c.apologised.is_(None))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(of_call.values(apologised=apologised))
            await connection.execute(_lost(calls.c.id == call_id))

        await transact(self._engine, work)

    async def _close_silent(self) -> list[Lost]:
        """Close what nobody has been at for too long, on whatever machine."""
        silent = calls.c.heartbeat_at < database_now() - DEAD_AFTER_S

        async def work(connection: AsyncConnection) -> list[Lost]:
            if not self._patience.well(self._clock()):
                # Asked all the same: whether the database answers is what has to be known.
                await connection.execute(_lost(calls.c.id == ""))
                return []
            closed = await connection.execute(_lost(silent).returning(calls.c.id, calls.c.profile))
            return [Lost(*row) for row in closed]

        try:
            return await transact(self._engine, work)
        except NotKept:
            self._patience.out_of_order()
            raise


def _lost(which: ColumnElement[bool]) -> Update:
    # Of a call that ends in the same moment its own end counts, and overwrites this one.
    return (
        update(calls)
        .where(which, calls.c.outcome.is_(None))
        .values(
            outcome=CallOutcome.LOST.value,
            ended_at=func.coalesce(calls.c.heartbeat_at, calls.c.started_at),
            reason=JOB_DIED,
        )
    )
