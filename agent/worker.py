"""The worker: an AgentServer in the parent, and the functions that its job processes run.

livekit-agents starts a process per call by forkserver and finds these functions by their names, so
they live here and not in `__main__`. The parent owns what must outlive a job: admission, metrics,
the lifeline, rescue, and finding out what became of writes.
"""

import asyncio
import functools
import logging
import math
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import structlog
from livekit.agents import AgentServer, JobContext, JobProcess, JobRequest
from livekit.plugins import silero

from agent import metrics
from agent.admission import Admission
from agent.breakers import telling_breakers
from agent.call import Call
from agent.call_trace import tell_resumed, traced
from agent.counting import Counting
from agent.housekeeping import House
from agent.leaving import finish
from agent.lifeline import Lifeline
from agent.logs import configure_logs
from agent.profile import Profiles
from agent.reconciling import reconciling
from agent.rescue import Rescuer, apologise, call_to_resume, is_rescue, trace_before
from agent.rooms import LiveKitRooms
from agent.settings import Settings
from agent.standing import Fullness, tell_build, tell_calls, tell_registered
from agent.tracing import set_up_traces
from agent.unfit import CannotServe, ConnectionSentences, reason
from agent.voice import Clips, load_clips
from records.closing import Closer
from records.opened import open_record
from records.prices import PriceBook, load_prices
from records.recording.storage import open_storage
from records.settings import PriceSettings, RecordingStorage, RecordsAccess
from tools import tls_context
from tools.settings import OfficeAccess, SharedAccess

# Longer local silence would delay playback: livekit-agents waits for it before it speaks.
LOCAL_VAD_SILENCE_S = 0.25

# Longer than a rescue takes (agent.rescue); another worker on this machine does it for its own.
LEFT_TO_OTHERS_S = 8.0

PRELOADED = ["agent.warm"]

log = structlog.get_logger(__name__)


def prewarm(
    settings: Settings, profiles: Profiles, clips: Clips, book: PriceBook, process: JobProcess
) -> None:
    """Have what every call needs before there is a call.

    Settings, profiles and clips come from the parent: a file that is edited badly under a running
    worker stops the next start and not the next call.
    """
    configure_logs(settings.log_level, keep_pii=settings.log_pii)
    set_up_traces(settings, profiles)
    process.userdata["settings"] = settings
    process.userdata["profiles"] = profiles
    process.userdata["clips"] = clips
    process.userdata["book"] = book
    process.userdata["tls"] = tls_context()
    process.userdata["vad"] = silero.VAD.load(
        min_silence_duration=LOCAL_VAD_SILENCE_S, sample_rate=16000
    )
    log.debug("ready for a call", profiles=sorted(profiles))


async def answer(ctx: JobContext) -> None:
    """A job: hold one call, go on with one whose job died, or say sorry for it."""
    data = ctx.proc.userdata
    resumes = call_to_resume(ctx)
    if is_rescue(ctx) and not resumes:
        await apologise(ctx, data["clips"])
        return
    call = Call(
        ctx,
        settings=data["settings"],
        profiles=data["profiles"],
        clips=data["clips"],
        local_vad=data["vad"],
        tls=data["tls"],
        book=data["book"],
        resumes=resumes,
    )
    with traced(call.call_id):
        if resumes:
            tell_resumed(trace_before(ctx))
        await call.run()


def build_server(
    settings: Settings, profiles: Profiles, admission: Admission, book: PriceBook
) -> AgentServer:
    """An AgentServer that takes calls up to the cap of `admission`."""
    clips = {profile.name: load_clips(profile) for profile in profiles.values()}
    fullness = Fullness()
    server = AgentServer(
        # Always offered: `take` refuses with an exact count, see agent.admission.
        load_threshold=math.inf,
        load_fnc=lambda worker: fullness.seen(admission.load(_active(worker))),
        num_idle_processes=settings.idle_processes,
        drain_timeout=settings.drain_timeout_s,
        setup_fnc=functools.partial(prewarm, settings, profiles, clips, book),
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        host=settings.http_host,
        port=settings.http_port,
        prometheus_port=settings.metrics_port,
        log_level=settings.log_level.upper(),
        preload_modules=PRELOADED,
        max_retry=settings.livekit_retries,
        http_proxy=_proxy(settings.livekit_url),
    )

    async def take(request: JobRequest) -> None:
        if not is_rescue(request) and not admission.has_room(_active(server)):
            metrics.CALLS_REFUSED.labels(reason="full").inc()
            log.warning("the worker is full; the call is left to another")
            await request.reject(terminate=False)
            return
        admission.accepting.add(request.id)
        fullness.seen(admission.load(_active(server)))
        try:
            await request.accept()
        finally:
            admission.accepting.discard(request.id)

    server.rtc_session(answer, agent_name=settings.agent_name, on_request=take)
    return server


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for `url`; livekit-agents would ignore NO_PROXY."""
    address = urlsplit(url)
    if not address.hostname or proxy_bypass(address.hostname):
        return None
    secure = address.scheme in ("wss", "https")
    return getproxies().get("https" if secure else "http")


def _active(server: AgentServer) -> set[str]:
    return {running.job.id for running in server.active_jobs}


async def serve(settings: Settings, profiles: Profiles, *, devmode: bool = False) -> None:
    """Run the worker until SIGTERM or SIGINT; calls in progress are finished, then it returns.

    Raises:
        CannotServe: LiveKit did not take the worker, or a port is taken.
    """
    stopping = _told_to_stop()
    tools = {name for profile in profiles.values() for name in profile.offered}
    access, sounds = RecordsAccess(), RecordingStorage()
    book = load_prices(PriceSettings().prices)
    async with (
        LiveKitRooms.open(settings) as rooms,
        open_record(access) as record,
        reconciling(record),
        telling_breakers(tools),
    ):
        closer = Closer(record.engine, record.seals, access.spool, grace_s=LEFT_TO_OTHERS_S)
        counting = Counting(profiles)
        rescuer = Rescuer(rooms, closer, counting.count)
        lifeline = Lifeline(on_report=counting.count, on_death=rescuer.on_death)
        tell_build((settings, access, sounds, OfficeAccess(), SharedAccess()), profiles)
        house = House(record, closer, book=book, storage=open_storage(sounds), spool=access.spool)
        house.at_it = lambda: lifeline.call_ids | rescuer.serving
        house.count, house.counted = counting.count, rescuer.left_open
        tell_calls(lifeline, settings.max_calls, lambda: house.left)
        ready = _Ready(settings.ready_file)
        # The lifeline ends last: a job that dies at the very end still has a caller.
        async with house.kept(), lifeline.listening():
            server = build_server(settings, profiles, Admission(settings.max_calls), book)
            server.on("worker_registered", lambda *_: ready.tell())
            tell_registered(server, lambda: rescuer.draining)

            async def leave() -> None:
                rescuer.draining = True
                metrics.WORKER_DRAINING.set(1)
                ready.take_back()
                await finish(server, settings.drain_timeout_s)

            try:
                await _until(stopping, _run(server, settings, devmode=devmode), leave)
            finally:
                ready.take_back()


def _told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, _on_signal, stopping)
    return stopping


async def _until(
    stopping: asyncio.Event,
    run: Coroutine[Any, Any, None],
    leave: Callable[[], Awaitable[None]],
) -> None:
    """Let the server run to its end, or `leave` once it is to stop."""
    unfit: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            running, stopped = group.create_task(run), group.create_task(stopping.wait())
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await leave()
            running.cancel()
            stopped.cancel()
    except* CannotServe as found:
        unfit += found.exceptions
    if unfit:
        raise unfit[0]


async def _run(server: AgentServer, settings: Settings, *, devmode: bool) -> None:
    sentences = ConnectionSentences()
    logging.getLogger("livekit.agents").addFilter(sentences)
    try:
        await server.run(devmode=devmode)
    except (RuntimeError, OSError) as error:
        says = reason(error, settings, sentences)
        if says is None:
            raise
        await server.aclose()
        raise CannotServe(says) from error


def _on_signal(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        # A second signal means now.
        os._exit(1)
    stopping.set()


class _Ready:
    """The file that tells a supervisor that LiveKit knows this worker."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def tell(self) -> None:
        log.info("ready: registered with LiveKit")
        if self._file:
            self._file.write_text(f"{os.getpid()}\n")

    def take_back(self) -> None:
        if self._file:
            self._file.unlink(missing_ok=True)
