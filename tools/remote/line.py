"""The connection to one MCP server during one call.

It is opened beside the call, so that no caller waits for it, and again at the next use if it was
lost. At each connection, and before each write, what the server tells of its tools is compared with
what was pinned.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias

import structlog
from mcp import Client, MCPError
from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult, TextContent

from tools.answers import Lost
from tools.errors import OfficeDown
from tools.remote.declared import Server
from tools.remote.offering import Answered
from tools.remote.pins import Pin
from tools.remote.wire import connected, listed, pin_of

# Servers that are started for the call are given the time to end by themselves.
CLOSE_S = 2.0

Opened: TypeAlias = asyncio.Future[Client]

log = structlog.get_logger(__name__)


class Line:
    """One server, for one call; an async context manager. Nothing is waited for until `reach`."""

    def __init__(
        self, server: Server, pins: Mapping[str, Pin], tls: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._pins, self._tls = server, pins, tls
        self._refused: Mapping[str, str] = {}
        self._told_unlisted = False
        self._lost = asyncio.Event()
        self._opened: Opened | None = None
        self._holding: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        if self._holding:
            await asyncio.wait(self._holding, timeout=CLOSE_S)
        for task in self._holding:
            task.cancel()
        if self._holding:
            await asyncio.wait(self._holding, timeout=CLOSE_S)

    def leave(self) -> None:
        """Begin to close the connection."""
        self._lost.set()

    async def reach(
        self, tool: str, arguments: Mapping[str, Any], *, anew: bool
    ) -> Callable[[], Awaitable[Answered]]:
        """Make sure of the server; what is given asks it once.

        `anew`: compare the tool with its pin once more before.

        Raises:
            Lost: it is away; nothing was sent.
            OfficeDown: it has the tool no more, or another one by its name.
        """
        held = self._opened if self._is_open else None
        try:
            opened = await self._connected(anew=anew)
        except Lost:
            if held is None:
                raise
            # It had gone away since; whether it is back shows now.
            opened = await self._connected(anew=False)
        if code := self._refused.get(tool):
            raise OfficeDown(code)
        return lambda: self._ask(opened, tool, arguments)

    @property
    def _is_open(self) -> bool:
        opened = self._opened
        return opened is not None and opened.done() and not self._lost.is_set()

    async def _connected(self, *, anew: bool) -> Opened:
        opened = self._opened if self._opened and not self._lost.is_set() else self._open()
        fresh = not opened.done()
        try:
            async with asyncio.timeout(self._server.connect_timeout_s):
                client = await asyncio.shield(opened)
                if anew and not fresh:
                    await self._compare(client)
        except Lost:
            self._drop(opened)
            raise
        except Exception as error:
            # The SDK lets through what its transports raise; nothing of ours was sent yet.
            self._drop(opened)
            raise Lost("remote_unreachable", sent=False) from error
        return opened

    async def _ask(self, opened: Opened, tool: str, arguments: Mapping[str, Any]) -> Answered:
        """Ask once. Whatever goes wrong, it may have been carried out."""
        params = CallToolRequestParams(name=tool, arguments=dict(arguments))
        session = opened.result().session
        try:
            # Not `call_tool`: it asks twice where it sees fit, and judges by the server's schema.
            result = await session.send_request(CallToolRequest(params=params), CallToolResult)
        except MCPError as error:
            self._drop(opened)
            raise Lost("remote_failed") from error
        except Exception as error:
            # See `_connected`.
            self._drop(opened)
            raise Lost("remote_cut_off") from error
        if result.result_type != "complete":
            # It wants to ask the caller something, or to be asked again later.
            raise Lost("remote_not_complete")
        text = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
        return Answered(bool(result.is_error), text, result.structured_content)

    def _drop(self, opened: Opened) -> None:
        """Let a connection go that did not hold, unless another one has taken its place."""
        if opened is self._opened:
            self._lost.set()

    def _open(self) -> Opened:
        self._opened = asyncio.get_running_loop().create_future()
        self._lost = asyncio.Event()
        task = asyncio.create_task(self._hold(self._opened, self._lost))
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)
        return self._opened

    async def _hold(self, opened: Opened, lost: asyncio.Event) -> None:
        """Own one connection, from its beginning to its end, in one task as the SDK needs it."""
        try:
            async with asyncio.timeout(self._server.connect_timeout_s) as limit:
                async with connected(self._server, self._tls) as client:
                    await self._compare(client)
                    limit.reschedule(None)
                    opened.set_result(client)
                    await lost.wait()
        except Exception as error:  # noqa: BLE001 - the edge of a connection: the call goes on
            kind = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            log.warning(
                "an MCP server is away; its tools are unavailable",
                server=self._server.name,
                error=type(kind).__name__,
            )
        finally:
            lost.set()
            if not opened.done():
                opened.set_exception(Lost("remote_unreachable", sent=False))
                # Nobody may have been waiting.
                opened.exception()

    async def _compare(self, client: Client) -> None:
        """Refuse every tool that is not as it was pinned."""
        found = {tool.name: pin_of(tool) for tool in await listed(client)}
        refused = {}
        for name, pin in self._pins.items():
            if name not in found:
                refused[name] = "remote_gone"
            elif not pin.same_as(found[name]):
                refused[name] = "remote_changed"
        if refused and refused != self._refused:
            log.error(
                "tools of an MCP server are not as pinned, and refused: look at them, then run"
                " `python -m tools import mcp` on the profile",
                server=self._server.name,
                tools=sorted(refused),
            )
        left = len(found.keys() - self._server.tools.keys())
        if left and not self._told_unlisted:
            self._told_unlisted = True
            log.info("tools of an MCP server are not offered", server=self._server.name, count=left)
        self._refused = refused
