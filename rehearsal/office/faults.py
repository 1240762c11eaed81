"""Faults on demand: which request they strike, and what they do to it.

`FaultBook` decides (pure); `FaultyTransport` is the ASGI layer outside the whole application that
acts. Faults that come before the application leave no effect; those after it leave the effect
and spoil the answer. Control routes and `/health` are never struck.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, model_validator
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from rehearsal.office.once import BEFORE_COMMIT
from rehearsal.office.problems import Problem
from rehearsal.office.spoiling import Reply, replay, spoil

Kind: TypeAlias = Literal[
    "delay",
    "status",
    "reset",
    "reset_before",
    "malformed",
    "html",
    "commit_then_drop",
    "hang",
    "slow_drip",
    "huge",
    "wrong_schema",
    "wrong_types",
    "twice",
    "stall_commit",
]
Reset: TypeAlias = Callable[[Scope], None]

UNTOUCHED = ("/rehearsal", "/health")


class Fault(BaseModel):
    """A fault to play on one route.

    `route` is a path or template ("/orders/{order}"), or "*" for all; `method` None means any.
    `seconds` is the delay, the pause between two bytes of a slow drip, or how long a transaction
    is held open before its commit. `status` is what "status" answers, `retry_after_s` what goes
    with a 429 or 503. `times` is how often it strikes; None means until it is removed.
    """

    route: str
    method: str | None = None
    fault: Kind
    seconds: float = Field(default=0.5, ge=0, le=600)
    status: int = Field(default=503, ge=400, le=599)
    retry_after_s: int = Field(default=1, ge=0, le=3600)
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _route_is_a_path(self) -> Self:
        if self.route != "*" and not self.route.startswith("/"):
            raise ValueError('route must be "*" or begin with "/"')
        return self


@dataclass
class Entry:
    """A fault in force and how often it has struck."""

    id: int
    fault: Fault
    struck: int = 0


class FaultBook:
    """The faults in force. The oldest one that fits a request strikes it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.cleared = asyncio.Event()
        self._ids = count(1)

    def add(self, fault: Fault) -> Entry:
        """Put a fault in force."""
        entry = Entry(next(self._ids), fault)
        self.entries.append(entry)
        return entry

    def remove(self, number: int) -> bool:
        """End one fault; False if there is none with this number."""
        kept = [entry for entry in self.entries if entry.id != number]
        found = len(kept) < len(self.entries)
        self.entries = kept
        return found

    def clear(self) -> None:
        """End all faults; requests that hang or wait are dropped, not carried out."""
        self.entries = []
        self.cleared.set()
        self.cleared = asyncio.Event()

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, counted; None if it passes."""
        if path.startswith(UNTOUCHED):
            return None
        for entry in self.entries:
            if _fits(entry.fault, method, path):
                entry.struck += 1
                if entry.struck == entry.fault.times:
                    self.entries.remove(entry)
                return entry.fault
        return None


class FaultyTransport:
    """ASGI layer that plays the book's faults; `reset` cuts the TCP connection of a scope."""

    def __init__(self, app: ASGIApp, *, book: FaultBook, reset: Reset) -> None:
        self._app = app
        self._book = book
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, struck or not."""
        fault = None
        if scope["type"] == "http":
            fault = self._book.strike(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.fault in ("delay", "status", "reset_before", "html", "hang"):
            await self._before(fault, scope, receive, send)
        elif fault.fault == "twice":
            await self._twice(scope, receive, send)
        elif fault.fault == "stall_commit":
            stalled = {**scope, BEFORE_COMMIT: lambda: self._stall(fault.seconds)}
            await self._app(stalled, receive, send)
        else:
            await self._after(fault, scope, receive, send)

    async def _before(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.fault:
            case "delay":
                cleared = self._book.cleared
                await _until(asyncio.sleep(fault.seconds), cleared.wait())
                # A late write let go by a clear would strike whatever is rehearsed next.
                if cleared.is_set():
                    await self._cut(scope, receive)
                else:
                    await self._app(scope, receive, send)
            case "status":
                body = b'{"code": "rehearsed_fault", "message": "a fault played on demand"}'
                later = [(b"retry-after", str(fault.retry_after_s).encode())]
                headers = later if fault.status in (429, 503) else []
                await replay(send, Reply(fault.status, headers, body))
            case "html":
                page = b"<html><body><h1>Welcome to the gateway</h1></body></html>"
                await replay(send, Reply(200, [], page, b"text/html"))
            case "reset_before":
                await self._cut(scope, receive)
            case _:
                await _until(self._book.cleared.wait(), _gone(receive))

    async def _after(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        reply = Reply(500, [], b"")

        async def keep(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.status, reply.headers = message["status"], list(message["headers"])
            else:
                reply.body += message.get("body", b"")

        await self._app(scope, receive, keep)
        if fault.fault == "commit_then_drop":
            await self._cut(scope, receive)
        elif fault.fault == "reset":
            await replay(send, reply, stop_after=len(reply.body) // 2)
            await self._cut(scope, receive)
        elif fault.fault == "slow_drip":
            await replay(send, reply, pause_s=fault.seconds)
        else:
            await replay(send, spoil(fault.fault, reply))

    async def _twice(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same request delivered twice at once; its sender gets the second one's answer."""
        sent = [await receive()]
        while sent[-1].get("more_body"):
            sent.append(await receive())

        def delivered() -> Receive:
            left = iter(sent)

            async def again() -> Any:
                return next(left, None) or await receive()

            return again

        async def nobody(_: Any) -> None:
            return

        async with asyncio.TaskGroup() as both:
            both.create_task(self._deliver(scope, delivered(), nobody))
            both.create_task(self._deliver(scope, delivered(), send))

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Each has a scope of its own: the application writes into it.
        await self._app(dict(scope), receive, send)

    async def _stall(self, seconds: float) -> None:
        """Hold a transaction open; raises once faults are cleared, so nothing is committed."""
        cleared = self._book.cleared
        await _until(asyncio.sleep(seconds), cleared.wait())
        if cleared.is_set():
            raise Problem(503, "rehearsed_fault", "the fault that held this up was taken back")

    async def _cut(self, scope: Scope, receive: Receive) -> None:
        # The server must have seen the end, or it complains of a missing response.
        self._reset(scope)
        await _gone(receive)


def _fits(fault: Fault, method: str, path: str) -> bool:
    if fault.method is not None and fault.method.upper() != method:
        return False
    return fault.route == "*" or compile_path(fault.route)[0].match(path) is not None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until(*waits: Awaitable[Any]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
