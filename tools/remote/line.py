"""The line to one MCP server during one call.

It is opened beside the call, so that no caller waits for it, and again at the next use if it was
lost. At each connection, and before each write, what the server tells of its tools is compared with
what was pinned.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from mcp import MCPError
from mcp_types import ContentBlock, EmbeddedResource, TextContent, TextResourceContents, Tool

from tools.answers import Lost
from tools.errors import OfficeDown
from tools.remote.connection import Connection
from tools.remote.declared import Server
from tools.remote.offering import Answered
from tools.remote.pins import Pin
from tools.remote.wire import pin_of

log = structlog.get_logger(__name__)


class Line:
    """One server, for one call. Nothing is waited for until `reach`."""

    def __init__(
        self, server: Server, pins: Mapping[str, Pin], tls: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._pins, self._tls = server, pins, tls
        self._refused: Mapping[str, str] = {}
        self._told_unlisted = False
        self._let_go: list[Connection] = []
        self._connection = self._anew()

    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """What has not ended of its connections."""
        return {task for one in (self._connection, *self._let_go) for task in one.tasks}

    def leave(self) -> None:
        """Begin to close it."""
        for connection in (self._connection, *self._let_go):
            connection.leave()

    async def reach(
        self, tool: str, arguments: Mapping[str, Any], *, anew: bool
    ) -> Callable[[], Awaitable[Answered]]:
        """Make sure of the server; what is given asks it once.

        `anew`: compare the tool with its pin once more before.

        Raises:
            Lost: it is away; nothing was sent.
            OfficeDown: it has the tool no more, or another one by its name.
        """
        held = await self._held(anew=anew)
        if held and tool in self._refused and not anew:
            # It may be again what it was.
            held = await self._held(anew=True)
        # What had gone away since may be back: that shows now.
        connection = held or await self._opened()
        if code := self._refused.get(tool):
            raise OfficeDown(code)
        return lambda: self._ask(connection, tool, arguments)

    async def _held(self, *, anew: bool) -> Connection | None:
        """The connection that was open already, if it still holds."""
        connection = self._connection
        if anew and connection.is_open:
            try:
                await connection.compare()
            except Exception as error:  # noqa: BLE001 - the SDK lets through what its transports raise
                self._tell_lost(error)
        return connection if connection.is_open else None

    async def _opened(self) -> Connection:
        if not (self._connection.is_open or self._connection.is_opening):
            self._let_go = [one for one in (self._connection, *self._let_go) if one.tasks]
            self._connection = self._anew()
        connection = self._connection
        await connection.opened()
        return connection

    def _anew(self) -> Connection:
        return Connection(self._server, self._tls, self._compare)

    async def _ask(
        self, connection: Connection, tool: str, arguments: Mapping[str, Any]
    ) -> Answered:
        """Ask once. Whatever goes wrong, it may have been carried out."""
        try:
            result = await connection.call(tool, arguments)
        except Lost:
            raise
        except Exception as error:
            # See `_held`.
            self._tell_lost(error)
            lost = "remote_failed" if isinstance(error, MCPError) else "remote_cut_off"
            raise Lost(lost) from error
        if result is None:
            return Answered(is_error=True, text="", structured=None)
        if result.result_type != "complete":
            # It wants to ask the caller something, or to be asked again later.
            raise Lost("remote_not_complete")
        text = "\n".join(filter(None, map(_text, result.content)))
        return Answered(bool(result.is_error), text, result.structured_content)

    def _tell_lost(self, error: Exception) -> None:
        log.warning(
            "a request to an MCP server has failed",
            server=self._server.name,
            error=type(error).__name__,
        )

    def _compare(self, tools: Sequence[Tool]) -> None:
        """Refuse every tool that is not as it was pinned."""
        found = {tool.name: tool for tool in tools}
        refused = {}
        for name, pin in self._pins.items():
            if name not in found:
                refused[name] = "remote_gone"
            elif not pin.same_as(pin_of(found[name])):
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


def _text(part: ContentBlock) -> str:
    """What of a part of an answer can be read; of a picture nothing."""
    if isinstance(part, EmbeddedResource) and isinstance(part.resource, TextResourceContents):
        return part.resource.text
    return part.text if isinstance(part, TextContent) else ""
