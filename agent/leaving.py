"""How a worker ends: its calls first, then what is left of them, within a time known beforehand.

A supervisor (systemd, Kubernetes, compose) kills what does not end in time, and whoever is on the
line then hears silence. It must wait `GRACE_S` longer than the drain timeout.
"""

import asyncio
import multiprocessing
import time
from typing import Protocol

import structlog

# livekit-agents tells a job to end, lets it go on for 15 s as if nothing had happened, and then
# cancels it. Neither it nor `shutdown_process_timeout` limits what the cancelled call still does.
CANCELLED_AFTER_S = 15.0
# A cancelled call says a last sentence, hangs up and closes its session and record.
LAST_WORDS_S = 30.0
CLOSE_TIMEOUT_S = CANCELLED_AFTER_S + LAST_WORDS_S
GRACE_S = 60.0

log = structlog.get_logger(__name__)


class Drainable(Protocol):
    """An AgentServer, as far as its end goes."""

    async def drain(self, timeout: int) -> None:  # noqa: ASYNC109 - the library's name
        """Take no call and wait for those in progress; TimeoutError when they take longer."""

    async def aclose(self) -> None:
        """End every job and everything else."""


async def finish(server: Drainable, drain_timeout_s: int) -> None:
    """Let calls end by themselves; close those that do not; kill what does not close."""
    began = time.monotonic()
    log.info("draining: calls in progress are finished, none is taken")
    try:
        await server.drain(drain_timeout_s)
    except TimeoutError:
        log.warning("calls were still in progress at the drain timeout; they are closed")
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await server.aclose()
    except TimeoutError:
        log.error("calls did not close in time; their jobs are killed and their lines closed")  # noqa: TRY400
        for job in multiprocessing.active_children():
            job.kill()
    log.info("drained", seconds=round(time.monotonic() - began, 1))
