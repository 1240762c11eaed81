"""One connection to an MCP server: opened beside the call, used, let go, closed.

Used by `tools.remote.line`. The SDK needs one task for all of a connection, and tells a server that
hangs for seconds that nobody waits any more; so every request has a task of its own too, and
nobody who gives up waits for either.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from mcp import Client
from mcp_types import CallToolResult, Tool

from tools.answers import Lost
from tools.remote.declared import Server
from tools.remote.wire import TooManyTools, called, cause_of, connected, listed, untraced

# The longest that a policy lets one request take.
UNDER_WAY_S = 30.0

Found = TypeVar("Found")

log = structlog.get_logger(__name__)


class Connection:
    """It begins to open at once. `compare` is given the server's tools, then and when asked to."""

    def __init__(
        self, server: Server, tls: ssl.SSLContext | None, compare: Callable[[Sequence[Tool]], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self._server, self._tls, self._compare = server, tls, compare
        self._client: asyncio.Future[Client] = loop.create_future()
        self._opens_by = loop.time() + server.connect_timeout_s
        self._gone, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._holding = asyncio.create_task(self._hold(), context=untraced())

    @property
    def is_open(self) -> bool:
        """Whether it can be used now."""
        return self._client.done() and not self._gone.is_set()

    @property
    def is_opening(self) -> bool:
        """Whether it may still come to be open."""
        late = asyncio.get_running_loop().time() >= self._opens_by
        return not (self._client.done() or self._gone.is_set() or late)

    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """What has not ended of it."""
        return {task for task in (self._holding, *self._under_way) if not task.done()}

    async def opened(self) -> None:
        """Wait until it is open, for as long as that may take since it began.

        Raises:
            Lost: it is not; nothing was sent.
        """
        left_s = self._opens_by - asyncio.get_running_loop().time()
        await asyncio.wait({self._client}, timeout=left_s)
        if not self._client.done():
            raise Lost("remote_unreachable", sent=False)
        self._client.result()

    async def compare(self) -> None:
        """Have the tools compared once more. Whatever goes wrong, the connection is let go."""
        try:
            async with asyncio.timeout(self._server.connect_timeout_s):
                self._compare(await self._apart(listed(self._client.result())))
        except BaseException:
            self._gone.set()
            raise

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult | None:
        """See `called`. For whoever calls, how long it may take is over when it is cancelled."""
        if self._gone.is_set():
            raise Lost("remote_unreachable", sent=False)
        return await self._apart(called(self._client.result(), tool, arguments))

    def leave(self) -> None:
        """Begin to close it, whatever is under way."""
        self._gone.set()
        self._idle.set()
        if not self._client.done():
            self._fail("remote_unreachable")
            self._holding.cancel()

    async def _apart(self, asking: Coroutine[Any, Any, Found]) -> Found:
        task = asyncio.create_task(asking, context=untraced())
        self._under_way.add(task)
        self._idle.clear()
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait({task})
            if task.cancelled():
                raise Lost("remote_cut_off")  # noqa: TRY301 - nobody cancelled who waits here
            return task.result()
        except BaseException:
            # Others may be waiting for their answers on it, so it is not closed yet.
            self._gone.set()
            task.cancel()
            raise

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Nobody may be waiting any more.
            task.exception()
        if not self._under_way:
            self._idle.set()

    async def _hold(self) -> None:
        """Own the connection from its beginning to its end."""
        code = "remote_unreachable"
        try:
            async with (
                asyncio.timeout_at(self._opens_by) as limit,
                connected(self._server, self._tls) as client,
            ):
                self._compare(await self._apart(listed(client)))
                limit.reschedule(None)
                self._client.set_result(client)
                await self._gone.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(UNDER_WAY_S):
                        await self._idle.wait()
        except Exception as error:  # noqa: BLE001 - the edge of a connection: the call goes on
            cause = cause_of(error)
            code = "remote_too_many_tools" if isinstance(cause, TooManyTools) else code
            # How one has ended that nobody wanted any more is no news.
            if not (self._client.done() and self._gone.is_set()):
                log.warning(
                    "an MCP server is away; its tools are unavailable",
                    server=self._server.name,
                    error=type(cause).__name__,
                )
        finally:
            self._gone.set()
            self._fail(code)

    def _fail(self, code: str) -> None:
        if not self._client.done():
            self._client.set_exception(Lost(code, sent=False))
            # Nobody may have been waiting.
            self._client.exception()
