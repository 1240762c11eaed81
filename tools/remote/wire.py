"""MCP on the wire: how a server is reached, and what it tells of its tools, by the SDK.

Used by `tools.remote.line` during calls and by `tools.remote.pinning` for operators.
"""

import contextlib
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from subprocess import DEVNULL
from typing import TextIO, cast

import httpx2
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation, PaginatedRequestParams, Tool

from tools.remote.declared import Server
from tools.remote.pins import Pin

# A list of tools and an answer both fit easily; more is no answer for a caller.
ANSWER_BYTES = 1 << 20
MOST_PAGES = 20


@asynccontextmanager
async def connected(
    server: Server, tls: ssl.SSLContext | None = None, *, errors: TextIO | None = None
) -> AsyncIterator[Client]:
    """A client that has agreed on a protocol with the server.

    What a `command` writes to its `errors` is nobody's to keep: it may hold what callers said.
    """
    key = os.environ.get(server.key_variable, "") if server.key_variable else ""
    info = Implementation(name="frontdesk", version="1")
    async with contextlib.AsyncExitStack() as stays:
        if server.url is None:
            program, *words = server.command
            env = {server.key_variable: key} if server.key_variable else {}
            transport = stdio_client(
                StdioServerParameters(command=program, args=words, env=env),
                # The SDK only hands it on to the process.
                errlog=errors or cast("TextIO", DEVNULL),
            )
        else:
            http = await stays.enter_async_context(_http(server, key, tls))
            transport = streamable_http_client(
                server.url, http_client=http, max_sse_event_size=ANSWER_BYTES
            )
        yield await stays.enter_async_context(Client(transport, client_info=info, cache=None))


async def listed(client: Client) -> list[Tool]:
    """Every tool that the server tells of."""
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        found += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def pin_of(tool: Tool) -> Pin:
    """What a server tells of a tool, as it is pinned."""
    return Pin(
        description=tool.description or "",
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
    )


def _http(server: Server, key: str, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
    headers = {"Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    secure = (server.url or "").startswith("https:")
    verify = tls if secure and tls else secure
    return httpx2.AsyncClient(
        headers=headers,
        verify=verify,
        transport=_Capped(httpx2.AsyncHTTPTransport(verify=verify)),
        timeout=httpx2.Timeout(None, connect=server.connect_timeout_s),
        trust_env=False,
    )


class _Capped(httpx2.AsyncBaseTransport):
    """Ends an answer that is longer than any should be; events have a limit of their own."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _CappedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _CappedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = ANSWER_BYTES
        async for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                raise httpx2.ReadError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
