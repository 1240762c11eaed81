"""Opens the MCP servers of one call. Apart from the rest, since it loads the SDK."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tools.catalogue import Tool
from tools.remote.declared import Server
from tools.remote.line import Line
from tools.remote.offering import as_tool
from tools.remote.pins import Pins

# The SDK gives a server that was started 2 s to end by itself, then 2 s each to two signals; one
# that nobody had the time to kill would stay.
CLOSE_S = 7.0
CANCEL_S = 1.0


@asynccontextmanager
async def open_servers(
    servers: Collection[Server], pins: Pins, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mapping[str, Tool]]:
    """The tools of these servers for one call, which `offering.mistakes` has found in order.

    Nobody waits for a server here: tools are offered as pinned, and connections are opened beside
    the call.
    """
    tools: dict[str, Tool] = {}
    lines: list[Line] = []
    try:
        for server in servers:
            if not server.tools:
                continue
            pinned = pins.get(server.name, {})
            line = Line(server, pinned, tls)
            lines.append(line)
            for name, declared in server.tools.items():
                offered = server.offered_name(name)
                tools[offered] = as_tool(offered, name, declared, pinned[name], line.reach)
        yield tools
    finally:
        for line in lines:
            line.leave()
        await _ended({task for line in lines for task in line.tasks})


async def _ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """All at once, so that their endings take no longer than one."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=CLOSE_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=CANCEL_S)
