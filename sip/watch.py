"""The process behind `python -m sip watch`: webhooks in, Prometheus series out.

The edge around `sip.unanswered` and `sip.orphans`; it also closes the lines of the latter. It
listens on loopback unless set otherwise, believes only webhooks that LiveKit signed with our
secret, and logs LiveKit's ids of rooms but no names of them and nothing about people.
"""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from aiohttp import web
from google.protobuf.json_format import ParseError
from livekit import api
from livekit.protocol.webhook import WebhookEvent
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from records.redaction import masked
from sip.livekit import LiveKit, LiveKitFailed
from sip.metrics import Metrics
from sip.orphans import Orphan, Orphans, alone
from sip.settings import Settings
from sip.sights import reduce
from sip.unanswered import Tracker

_LARGEST_WEBHOOK = 256 * 1024
_LOOK_EVERY_S = 1.0
_CLOSE_TIMEOUT_S = 5.0

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Watch:
    """One watcher: what it knows of calls, its series and its HTTP handlers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._receiver = api.WebhookReceiver(
            api.TokenVerifier(
                settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
            )
        )
        self._tracker = Tracker(
            patience_s=settings.watch_patience_s,
            settle_s=settings.watch_settle_s,
            rooms=settings.watch_rooms,
        )
        self._orphans = Orphans(patience_s=settings.watch_orphan_s, rooms=settings.watch_rooms)
        self.metrics = Metrics()

    def app(self) -> web.Application:
        """The three routes: POST /webhook, GET /metrics, GET /health."""
        app = web.Application(client_max_size=_LARGEST_WEBHOOK)
        app.router.add_post("/webhook", self._webhook)
        app.router.add_get("/metrics", self._show_metrics)
        app.router.add_get("/health", self._health)
        return app

    async def look_after(self, livekit: LiveKit) -> None:
        """Count calls and close the lines of callers left alone, until cancelled."""
        while True:
            self._settle()
            async with asyncio.TaskGroup() as group:
                for orphan in self._orphans.due(time.monotonic()):
                    group.create_task(self._free(orphan, livekit))
            await asyncio.sleep(_LOOK_EVERY_S)

    def _settle(self) -> None:
        for room, verdict, waited_s in self._tracker.settle(time.monotonic()):
            self.metrics.watched.inc()
            if verdict != "answered":
                self.metrics.unanswered.labels(verdict).inc()
                log.warning("call.unanswered", reason=verdict, room_id=room, waited_s=waited_s)

    async def _free(self, orphan: Orphan, livekit: LiveKit) -> None:
        closes, said = self._settings.watch_close_orphans, ""
        result = "closed" if closes else "left_open"
        try:
            # Webhooks may have been lost: what LiveKit says now decides.
            if not alone(await livekit.people_in(orphan.room_name)):
                return
            if closes:
                await livekit.close_room(orphan.room_name)
        except LiveKitFailed as error:
            result, said = "failed", str(error)
            self._orphans.again(orphan, time.monotonic())
        self.metrics.orphaned.labels(result).inc()
        log.error("call.orphaned", result=result, room_id=orphan.room, error=said)

    async def _webhook(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode(errors="replace")
        try:
            event = self._receiver.receive(body, request.headers.get("Authorization", ""))
        except ParseError:
            return self._refuse("malformed", 400)
        except Exception:  # noqa: BLE001 - the receiver raises bare Exception for a wrong hash
            return self._refuse("refused", 401)
        self._take(event)
        return web.Response()

    def _take(self, event: WebhookEvent) -> None:
        if event.num_dropped:
            self.metrics.webhooks_dropped.inc(event.num_dropped)
            log.warning("webhooks.dropped", count=event.num_dropped)
        sight = reduce(event, self._settings.room_prefix)
        self.metrics.webhooks.labels("used" if sight else "ignored").inc()
        if sight:
            before = self._tracker.forgotten
            self._tracker.see(sight, time.monotonic())
            self._orphans.see(sight, time.monotonic())
            self.metrics.forgotten.inc(self._tracker.forgotten - before)

    def _refuse(self, result: str, status: int) -> web.Response:
        self.metrics.webhooks.labels(result).inc()
        log.warning("webhook.refused", result=result)
        return web.Response(status=status)

    async def _show_metrics(self, _: web.Request) -> web.Response:
        body = generate_latest(self.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})


async def run(settings: Settings, host: str, port: int) -> None:
    """Watch until SIGTERM or SIGINT.

    Raises:
        OSError: the address or port cannot be had.
    """
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    watch = Watch(settings)
    runner = web.AppRunner(watch.app(), access_log=None, shutdown_timeout=_CLOSE_TIMEOUT_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("watch.ready", host=host, port=runner.addresses[0][1])
        async with LiveKit(settings) as livekit, asyncio.TaskGroup() as group:
            looking = group.create_task(watch.look_after(livekit))
            await stopped.wait()
            looking.cancel()
        log.info("watch.ended")
    finally:
        await runner.cleanup()


def configure_logs(level: str) -> None:
    """One JSON object a line on stderr, from `level` upwards; for the process, once."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_numbers,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _without_numbers(_: Any, __: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    return {key: masked(value) for key, value in event.items()}
