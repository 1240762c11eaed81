"""Pins what the MCP servers of a profile tell of the tools that it lists; `tools import mcp`.

Apart from the rest, since it loads the SDK. A mistake of one server leaves the file as it was.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from configs import ConfigError, Mistake, load
from tools.remote.declared import Server
from tools.remote.offering import misfits, offered_schema
from tools.remote.pins import Pin, Pins, Unpinned, read_pins, write_pins
from tools.remote.wire import connected, listed, pin_of


class _Servers(BaseModel):
    """Of a profile only what is needed here: it may not be complete yet."""

    model_config = ConfigDict(extra="ignore")

    mcp_servers: tuple[Server, ...] = ()


async def pin(profile: Path) -> list[str]:
    """Ask every server of `profile` and write its pins; what was found, in lines for people.

    Raises:
        ConfigError: the profile, or what it says of these servers, has mistakes.
    """
    servers = load(profile, _Servers).mcp_servers
    if not servers:
        raise ConfigError([Mistake(profile, 1, "mcp_servers", "it names no MCP server")])
    told = [await _told(profile, place, server) for place, server in enumerate(servers)]
    found = dict(zip((server.name for server in servers), told, strict=True))
    mistakes = [
        Mistake.at(profile, f"mcp_servers.{place}.tools.{name}", says)
        for place, server in enumerate(servers)
        for name, says in _wrong(server, found[server.name])
    ]
    if mistakes:
        raise ConfigError(mistakes)
    before: Pins = {}
    with contextlib.suppress(Unpinned):
        before = read_pins(profile)
    write_pins(profile, {s.name: {name: found[s.name][name] for name in s.tools} for s in servers})
    return [
        line
        for server in servers
        for line in _lines(server, found[server.name], before.get(server.name, {}))
    ]


async def _told(profile: Path, place: int, server: Server) -> Mapping[str, Pin]:
    try:
        async with asyncio.timeout(server.connect_timeout_s):
            async with connected(server, errors=sys.stderr) as client:
                return {tool.name: pin_of(tool) for tool in await listed(client)}
    except Exception as error:
        # Whatever the SDK's transports raise, often in groups.
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        says = f"{server.name} did not tell its tools ({type(cause).__name__}): is it up"
        says += f", and {server.key_variable} its key?" if server.key_variable else "?"
        raise ConfigError([Mistake.at(profile, f"mcp_servers.{place}", says)]) from error


def _wrong(server: Server, found: Mapping[str, Pin]) -> Iterator[tuple[str, str]]:
    for name, declared in server.tools.items():
        if name in found:
            yield from ((name, says) for says in misfits(declared, found[name]))
        else:
            yield name, f"{server.name} has no such tool; it has: {', '.join(sorted(found))}"


def _lines(server: Server, found: Mapping[str, Pin], before: Mapping[str, Pin]) -> Iterator[str]:
    for name, declared in server.tools.items():
        pinned = before.get(name)
        state = "new" if pinned is None else "as before"
        if pinned is not None and not pinned.same_as(found[name]):
            state = "CHANGED"
        asked = ", ".join(offered_schema(found[name], declared)["properties"]) or "nothing"
        yield f"{server.offered_name(name)}: {state}; the model fills {asked}"
    if left := sorted(found.keys() - server.tools.keys()):
        yield f"{server.name}: not listed, so not offered: {', '.join(left)}"
