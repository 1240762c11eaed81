"""MCP on the wire: how a server is reached, what it tells of its tools and answers, by the SDK.

Used by `tools.remote.connection` during calls and by `tools.remote.pinning` for operators. Of HTTP
every answer has a bound. A `command` is trusted like the rest of its machine: the SDK reads whole
lines of it, however long, before anybody could count.
"""

import contextlib
import contextvars
import logging
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from subprocess import DEVNULL
from typing import Any, TextIO, cast

import opentelemetry.context
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared import _otel
from mcp_types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    PaginatedRequestParams,
    Tool,
)
from opentelemetry.trace import NoOpTracer

from tools.remote.declared import Server
from tools.remote.pins import Pin
from tools.remote.web import ANSWER_BYTES, http_client

# Reading and comparing so many takes some milliseconds, in which nothing else of a call goes on.
MOST_TOOLS = 500
MOST_PAGES = 20

# Errors that the SDK makes where no answer came, by their code and first words. A server may use
# the same codes for its own; in doubt nothing was answered.
_NO_ANSWER: Mapping[int, tuple[str, ...]] = {
    CONNECTION_CLOSED: ("Connection closed", "SSE stream "),
    REQUEST_TIMEOUT: ("Request ",),
    PARSE_ERROR: ("Failed to parse ",),
    METHOD_NOT_FOUND: ("Not Found",),
    INTERNAL_ERROR: ("Server returned an error response",),
    INVALID_REQUEST: (
        "Session terminated",
        "Unexpected content type: ",
        "Redirect to ",
        "server answered a request with 202",
    ),
}

# The SDK, which calls itself "client" too, logs what servers say at every level, and what they were
# asked for; it writes it into its spans as well, and has no switch for them.
for _sdk in ("mcp", "client"):
    logging.getLogger(_sdk).setLevel(logging.CRITICAL + 1)
_otel._tracer = NoOpTracer()  # noqa: SLF001


class TooManyTools(Exception):
    """A server tells of more than anybody could look through."""


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
            http = await stays.enter_async_context(http_client(server, key, tls))
            transport = streamable_http_client(
                server.url, http_client=http, max_sse_event_size=ANSWER_BYTES
            )
        yield await stays.enter_async_context(Client(transport, client_info=info, cache=None))


async def listed(client: Client) -> list[Tool]:
    """Every tool that the server tells of.

    Raises:
        TooManyTools: there are more than are read.
    """
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        found += page.tools
        cursor = page.next_cursor
        if len(found) > MOST_TOOLS:
            break
        if cursor is None:
            return found
    raise TooManyTools(f"more than {MOST_TOOLS} tools, or {MOST_PAGES} pages of them")


async def called(client: Client, tool: str, arguments: Mapping[str, Any]) -> CallToolResult | None:
    """What the server answers to one call; None for an error that it has answered instead.

    Raises:
        MCPError: there was no answer.
    """
    params = CallToolRequestParams(name=tool, arguments=dict(arguments))
    try:
        # Not `call_tool`: it asks twice where it sees fit, and judges by the server's schema.
        return await client.session.send_request(CallToolRequest(params=params), CallToolResult)
    except MCPError as error:
        if error.message.startswith(_NO_ANSWER.get(error.code, ())):
            raise
        return None


def pin_of(tool: Tool) -> Pin:
    """What a server tells of a tool, as it is pinned."""
    return Pin(
        description=tool.description or "",
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
    )


def cause_of(error: BaseException) -> BaseException:
    """What went wrong, out of the groups in which the SDK's transports raise it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def untraced() -> contextvars.Context:
    """The present context without its span, which the SDK would tell the server of."""
    context = contextvars.copy_context()
    context.run(opentelemetry.context.attach, opentelemetry.context.Context())
    return context
