"""The control API of the rehearsal: faults, words, health, and what sessions heard and took.

It has no key: the server listens on loopback, and is test equipment. Called by `model.server`.
"""

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast, get_args

from aiohttp import web
from pydantic import BaseModel, ValidationError

from configs import ConfigError
from rehearsal.model.faults import Order, Standing
from rehearsal.model.hearing import CannotHear
from rehearsal.model.protocol import MODEL_NAME
from rehearsal.model.words import Moment, Words

if TYPE_CHECKING:
    from rehearsal.model.server import ModelServer

_Body = TypeVar("_Body", bound=BaseModel)
# Whoever waits for longer asks again.
REACHED_WITHIN_S = 30.0


def add_control(app: web.Application, server: "ModelServer") -> None:
    """Add the routes under /rehearsal/."""
    control = _Control(server)
    app.router.add_post("/rehearsal/next", control.next)
    app.router.add_post("/rehearsal/faults", control.stand)
    app.router.add_delete("/rehearsal/faults", control.clear)
    app.router.add_post("/rehearsal/words", control.say)
    app.router.add_get("/rehearsal/words/{number}/{moment}", control.reached)
    app.router.add_delete("/rehearsal/words/{number}", control.unsay)
    app.router.add_get("/rehearsal/health", control.health)
    app.router.add_get("/rehearsal/sessions", control.sessions)


class _Control:
    def __init__(self, server: "ModelServer") -> None:
        self._server = server

    async def next(self, request: web.Request) -> web.Response:
        """Order faults and figures for the sessions that come next."""
        order = await _body(request, Order)
        if order.brain:
            try:
                await self._server.learn(order.brain)
            except (ConfigError, CannotHear) as error:
                raise web.HTTPBadRequest(text=str(error)) from error
        self._server.orders.add(order)
        return web.json_response({"queued": len(self._server.orders)})

    async def stand(self, request: web.Request) -> web.Response:
        """Order faults for all sessions."""
        standing = await _body(request, Standing)
        self._server.stand(standing.faults)
        return web.json_response({"standing": [f.kind for f in self._server.orders.standing]})

    async def clear(self, _: web.Request) -> web.Response:
        """Forget every fault."""
        self._server.clear()
        return web.json_response({"standing": []})

    async def say(self, request: web.Request) -> web.Response:
        """Order what is said in a session to come."""
        words = await _body(request, Words)
        return web.json_response({"id": self._server.words.add(words)})

    async def reached(self, request: web.Request) -> web.Response:
        """Answer once words have come so far; 504 if that takes too long."""
        moment, found = request.match_info["moment"], self._server.words.find(_number(request))
        if found is None or moment not in get_args(Moment):
            raise web.HTTPNotFound
        try:
            async with asyncio.timeout(REACHED_WITHIN_S):
                await found.reached(cast("Moment", moment))
        except TimeoutError as error:
            raise web.HTTPGatewayTimeout from error
        return web.json_response({"reached": moment})

    async def unsay(self, request: web.Request) -> web.Response:
        """Take words back, and forget them."""
        self._server.words.forget(_number(request))
        return web.json_response({})

    async def health(self, _: web.Request) -> web.Response:
        """Ready: the recogniser is loaded before the server listens."""
        return web.json_response(
            {
                "status": "ok",
                "model": MODEL_NAME,
                "brain": self._server.brain.name,
                "live": len(self._server.live),
                "queued": len(self._server.orders),
                "standing": [fault.kind for fault in self._server.orders.standing],
            }
        )

    async def sessions(self, _: web.Request) -> web.Response:
        """Every session with its turns and their times; holds words."""
        return web.json_response({"sessions": self._server.ledger.shown()})


def _number(request: web.Request) -> int:
    try:
        return int(request.match_info["number"])
    except ValueError as error:
        raise web.HTTPNotFound from error


async def _body(request: web.Request, model: type[_Body]) -> _Body:
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
