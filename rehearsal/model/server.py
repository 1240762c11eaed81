"""The HTTP server: `/v1/realtime` for clients, `/rehearsal/...` for whoever runs the rehearsal.

Called by `rehearsal.model.__main__` and by tests, through `serve`.
"""

import asyncio
import contextlib
import hmac
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import WSCloseCode, WSMsgType, web

from rehearsal.model.brain import Brain, load_brain
from rehearsal.model.control import add_control
from rehearsal.model.dialogue import words_of
from rehearsal.model.faults import Fault, Order, Orders, at_handshake
from rehearsal.model.hearing import Hearing, open_recogniser
from rehearsal.model.ledger import Ledger
from rehearsal.model.log import Logger
from rehearsal.model.protocol import new_id
from rehearsal.model.responder import Workshop
from rehearsal.model.session import Session
from rehearsal.model.settings import ModelSettings
from rehearsal.model.voice import Voice, constant_lines, voice_for
from rehearsal.model.words import Wordbook

SHUTDOWN_TIMEOUT_S = 2.0
GONE_POLL_S = 0.5
MAX_EVENT_BYTES = 16 * 1024 * 1024


@dataclass
class _SocketLine:
    """One WebSocket as a session sees it."""

    socket: web.WebSocketResponse
    request: web.Request

    async def send_text(self, text: str) -> None:
        # The reader ends the session when the client is gone; until then words go nowhere.
        with contextlib.suppress(ConnectionError):
            if not self.socket.closed:
                await self.socket.send_str(text)

    def abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()

    async def gone(self) -> None:
        # aiohttp tells a handler of a lost connection only when it reads, and this one must not.
        transport = self.request.transport
        while transport is not None and not transport.is_closing():  # noqa: ASYNC110 - see above
            await asyncio.sleep(GONE_POLL_S)


@dataclass
class ModelServer:
    """All sessions of one process."""

    settings: ModelSettings
    brain: Brain
    hearing: Hearing
    logger: Logger
    voice: Voice = field(default_factory=Voice)
    orders: Orders = field(default_factory=Orders)
    words: Wordbook = field(default_factory=Wordbook)
    ledger: Ledger = field(default_factory=Ledger)
    brains: dict[str, Brain] = field(default_factory=dict)
    live: set[Session] = field(default_factory=set)
    port: int = 0
    _begun: int = 0

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_get("/v1/realtime", self._realtime)
        add_control(app, self)
        return app

    async def learn(self, name: str) -> None:
        """Load a brain by path, or by name beside the one that was started with.

        Raises:
            configs.ConfigError: there is none, or it has mistakes.
            CannotHear: it has words that the recogniser does not know.
        """
        path = Path(name)
        if not path.suffix:
            path = self.settings.brain.parent / f"{name}.yaml"
        brain = load_brain(path)
        await self.hearing.learn(words_of(brain))
        self.brains[name] = brain

    def stand(self, faults: tuple[Fault, ...]) -> None:
        """Let faults hold for every session from now on, live ones included."""
        self.orders.standing = (*self.orders.standing, *faults)
        for session in self.live:
            session.faults.extend(faults)
            for fault in faults:
                session.bring(fault)

    def clear(self) -> None:
        """Take all faults back, also from live sessions, where that is still possible."""
        self.orders.clear()
        for session in self.live:
            session.faults.clear()

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        order = self.orders.take()
        if refusal := self._refusal(request, order):
            return refusal
        socket = web.WebSocketResponse(max_msg_size=MAX_EVENT_BYTES)
        await socket.prepare(request)
        line = _SocketLine(socket, request)
        fault = at_handshake(order.faults)
        if fault is not None:
            self.logger.log("model.fault", kind=fault.kind)
            line.abort()
            return socket
        await self._converse(socket, line, order)
        return socket

    def _refusal(self, request: web.Request, order: Order) -> web.Response | None:
        fault = at_handshake(order.faults)
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        wrong_key = self.settings.api_key and not hmac.compare_digest(
            key.encode(), self.settings.api_key.encode()
        )
        if wrong_key or (fault and fault.kind == "unauthorized"):
            detail = {
                "type": "invalid_request_error",
                "code": "invalid_api_key",
                "message": "Incorrect API key provided.",
            }
            return web.json_response({"error": detail}, status=401)
        if fault and fault.kind == "refuse":
            return web.json_response({"error": {"message": "the model is down"}}, status=503)
        return None

    async def _converse(
        self, socket: web.WebSocketResponse, line: _SocketLine, order: Order
    ) -> None:
        session_id = new_id("sess")
        brain = self.brains[order.brain] if order.brain else self.brain
        record = self.ledger.open(session_id, brain.name)
        record.faults = [fault.kind for fault in order.faults]
        log = self.logger.bound(session=session_id)
        session = Session(line, self._workshop(brain, order), record, list(order.faults), log)
        self.live.add(session)
        log("model.session_started", brain=brain.name, faults=record.faults)
        try:
            await session.run(_texts(socket))
        except* Exception as problems:  # noqa: BLE001 - the edge of a connection: told, then closed
            names = sorted({type(problem).__name__ for problem in problems.exceptions})
            self.logger.failure("model.session_failed", problems, session=session_id, errors=names)
        finally:
            self.live.discard(session)
            log("model.session_ended")
        await socket.close(code=WSCloseCode.OK)

    def _workshop(self, brain: Brain, order: Order) -> Workshop:
        self._begun += 1
        settings = self.settings
        delay = order.transcription_delay_ms
        return Workshop(
            brain=brain,
            hearing=self.hearing,
            voice=self.voice,
            rng=random.Random(settings.seed * 1_000_003 + self._begun),
            think_ms=settings.think_ms if order.think_ms is None else order.think_ms,
            think_jitter_ms=settings.think_jitter_ms,
            transcription_delay_ms=settings.transcription_delay_ms if delay is None else delay,
            pace=settings.speech_pace,
            words=self.words,
        )


@contextlib.asynccontextmanager
async def serve(settings: ModelSettings, logger: Logger) -> AsyncIterator[ModelServer]:
    """Serve until the block ends; the first call is as fast as the others.

    Raises:
        configs.ConfigError: the brain has mistakes.
        CannotHear: the brain has words that the recogniser does not know.
        OSError: the port is taken.
    """
    brain = load_brain(settings.brain)
    async with open_recogniser(settings.hearers) as hearing:
        await hearing.learn(words_of(brain))
        server = ModelServer(settings, brain, hearing, logger)
        runner = web.AppRunner(server.app(), shutdown_timeout=SHUTDOWN_TIMEOUT_S, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await site.start()
            server.port = runner.addresses[0][1]
            warming = asyncio.create_task(_warm(server))
            try:
                yield server
            finally:
                warming.cancel()
                await asyncio.gather(warming, return_exceptions=True)
        finally:
            await runner.cleanup()
            await server.voice.close()


async def _warm(server: ModelServer) -> None:
    """Speak every line that holds no field, so that it comes from memory when it is needed."""
    for line in constant_lines(server.brain):
        await server.voice.sentence(line, voice_for(server.brain.voice))


async def _texts(socket: web.WebSocketResponse) -> AsyncIterator[str]:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            yield message.data
