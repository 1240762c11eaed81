"""Opens the MCP servers of one call. Apart from the rest, since it loads the SDK."""

import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from tools.catalogue import Tool
from tools.remote.declared import Server
from tools.remote.line import Line
from tools.remote.offering import as_tool
from tools.remote.pins import Pins


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
    async with AsyncExitStack() as stays:
        for server in servers:
            pinned = pins.get(server.name, {})
            line = await stays.enter_async_context(Line(server, pinned, tls))
            lines.append(line)
            for name, declared in server.tools.items():
                offered = server.offered_name(name)
                tools[offered] = as_tool(offered, name, declared, pinned[name], line.reach)
        try:
            yield tools
        finally:
            # All at once, so that their endings take no longer than one.
            for line in lines:
                line.leave()
