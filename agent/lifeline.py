"""The socket between a job and the worker's parent: reports go up, and its closing tells a death.

A job that is killed cannot say so, but the kernel closes its socket at once; the parent then knows
which room holds a caller who hears nothing. The same line carries the facts that the parent counts.
"""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from agent.reports import REPORT, CallEnded, CallStarted, Report, Unkept

LIFELINE_VARIABLE = "FRONTDESK_LIFELINE"
"""Set by the parent for its jobs; not a setting."""

# The parent is on the same machine; one that does not take the connection is gone.
OPEN_TIMEOUT_S = 2.0
MAX_LINE_BYTES = 65_536
# The kernel closes a dead parent's sockets one after the other, livekit-agents' often first.
NOTICED_WITHIN_S = 0.3
# A job that died at the very end of a drain: its caller still gets the apology or a closed line.
LAST_DEATH_TIMEOUT_S = 8.0

log = logging.getLogger(__name__)


class Reporter:
    """A job's end of the lifeline. `tell` never blocks and never fails the call."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, path: str) -> "Reporter":
        """Connect to the parent's socket at `path`.

        Raises:
            OSError, TimeoutError: the parent is gone.
        """
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            return cls(*await asyncio.open_unix_connection(path))

    @property
    def parent_is_gone(self) -> bool:
        """Whether the parent has died: livekit-agents then cancels every task of the job at once.

        Nobody reads the events of the job's room any more, so nothing can be played through it;
        and nobody else looks after the caller.
        """
        # One that dies with reports unread resets the connection; that is no end of the stream.
        return self._reader.at_eof() or self._reader.exception() is not None

    async def notice_death(self) -> None:
        """Wait a moment for `parent_is_gone`, which may come later than what the death causes."""
        try:
            async with asyncio.timeout(NOTICED_WITHIN_S):
                # The parent never writes: this ends with the socket.
                await self._reader.read()
        except (OSError, TimeoutError):
            return

    def tell(self, report: Report) -> None:
        """Send one report."""
        if not self._writer.is_closing():
            self._writer.write(report.model_dump_json().encode() + b"\n")

    async def close(self) -> None:
        """Flush and close; the parent takes this for a death unless `CallEnded` was told."""
        self._writer.close()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            log.warning("the worker's parent was gone before the job had reported its end")


class Lifeline:
    """The parent's end: counts reports, knows the calls in progress, and calls for help.

    `on_report` gets each report with the call that it belongs to, None before it is known.
    """

    def __init__(
        self,
        on_report: Callable[[Report, CallStarted | None], None],
        on_death: Callable[[CallStarted], Awaitable[None]],
    ) -> None:
        self._on_report = on_report
        self._on_death = on_death
        self._calls: dict[str, CallStarted] = {}
        self._unkept: dict[str, tuple[Unkept, float]] = {}
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def calls_in_progress(self) -> int:
        """Calls whose job is alive and has not ended."""
        return len(self._calls)

    @property
    def call_ids(self) -> set[str]:
        """Their ids."""
        return set(self._calls)

    def unkept(self) -> Unkept:
        """What all calls in progress have yet to bring where it belongs.

        What a job had goes with it: its spool is another's then, and counted there.
        """
        now = time.monotonic()
        latest = [(told, now - at) for told, at in self._unkept.values()]
        return Unkept(
            entries=sum(told.entries for told, _ in latest),
            # A job that is held up tells nothing, and its entries grow older all the same.
            oldest_s=max((told.oldest_s + ago for told, ago in latest if told.entries), default=0),
        )

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on a socket of its own, named to jobs by the environment, until the block ends.

        The end waits for lifelines that are still up, and for the callers of jobs that died.
        """
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            path = Path(folder) / "lifeline.sock"
            server = await asyncio.start_unix_server(
                self._keep, path=str(path), limit=MAX_LINE_BYTES
            )
            os.environ[LIFELINE_VARIABLE] = str(path)
            try:
                yield
            finally:
                os.environ.pop(LIFELINE_VARIABLE, None)
                server.close()
                await self._let_finish()

    async def _let_finish(self) -> None:
        if not self._lines:
            return
        _, unfinished = await asyncio.wait(self._lines, timeout=LAST_DEATH_TIMEOUT_S)
        if unfinished:
            log.error("jobs or rescues did not end in time; the worker ends without them")
            for line in unfinished:
                line.cancel()
            await asyncio.wait(unfinished)

    def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call: CallStarted | None = None
        ended = False
        try:
            async for line in reader:
                try:
                    report = REPORT.validate_json(line)
                except ValidationError:
                    log.warning("a job sent a report that the parent cannot read; it was left out")
                    continue
                if isinstance(report, CallStarted):
                    call = self._calls[report.call_id] = report
                ended = ended or isinstance(report, CallEnded)
                if isinstance(report, Unkept) and call is not None:
                    self._unkept[call.call_id] = report, time.monotonic()
                self._count(report, call)
        except (OSError, ValueError):
            # A reset or an overlong line: as good as closed.
            log.warning("a lifeline broke")
        finally:
            writer.close()
            if call is not None:
                self._calls.pop(call.call_id, None)
                self._unkept.pop(call.call_id, None)
        if call is not None and not ended:
            await self._tell_of_death(call)

    def _count(self, report: Report, call: CallStarted | None) -> None:
        try:
            self._on_report(report, call)
        except ValueError as error:
            # A number that is lost must not pass for a death: the call goes on.
            log.error("a report could not be counted", exc_info=error)  # noqa: TRY400

    async def _tell_of_death(self, call: CallStarted) -> None:
        try:
            await self._on_death(call)
        except Exception as error:
            # The edge of the worker: a bug here must not pass for a rescue.
            log.error("a dead job's caller was not served", exc_info=error)  # noqa: TRY400
