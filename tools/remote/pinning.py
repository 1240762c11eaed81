"""Pins what the MCP servers of a profile tell of the tools that it lists; `tools import mcp`.

Apart from the rest, since it loads the SDK. A mistake of one server leaves the file as it was, and
so does a tool that is another one than before, until somebody has looked and accepts it.
"""

import asyncio
import difflib
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from configs import ConfigError, Mistake, load
from tools import tls_context
from tools.foreign import shown
from tools.remote.declared import Server
from tools.remote.needed import missing
from tools.remote.offering import misfits, offered_schema
from tools.remote.pins import Pin, Pins, as_text, pins_file, read_pins, write_pins
from tools.remote.wire import TooManyTools, cause_of, connected, listed, pin_of

MOST_TOLD, NAME_CHARS = 20, 64


class _Servers(BaseModel):
    """Of a profile only what is needed here: it may not be complete yet."""

    model_config = ConfigDict(extra="ignore")

    mcp_servers: tuple[Server, ...] = ()


class Changed(Exception):
    """Tools are not as they were pinned; the message shows what is different."""


async def pin(profile: Path, *, accept: bool = False) -> list[str]:
    """Ask every server of `profile` and write its pins; what was found, in lines for people.

    Raises:
        ConfigError: the profile, or what it says of these servers, has mistakes.
        Unpinned: there are pins that cannot be read, so nobody knows what they were.
        Changed: something is different from before, and it is not to `accept` that.
        OSError: the pins cannot be written.
    """
    servers = load(profile, _Servers).mcp_servers
    if not servers:
        raise ConfigError([Mistake(profile, 1, "mcp_servers", "it names no MCP server")])
    told = [await _told(profile, place, server) for place, server in enumerate(servers)]
    found = dict(zip((server.name for server in servers), told, strict=True))
    mistakes = [
        Mistake.at(profile, ("mcp_servers", place, "tools", name), says)
        for place, server in enumerate(servers)
        for name, says in _wrong(server, found[server.name])
    ]
    if mistakes:
        raise ConfigError(mistakes)
    before: Pins = read_pins(profile) if pins_file(profile).exists() else {}
    now = {s.name: {name: found[s.name][name] for name in s.tools} for s in servers}
    if not accept and (changes := "\n".join(_changes(before, now))):
        raise Changed(changes)
    write_pins(profile, now)
    return [
        line
        for server in servers
        for line in _lines(server, found[server.name], before.get(server.name, {}))
    ]


async def _told(profile: Path, place: int, server: Server) -> Mapping[str, Pin]:
    lacking = [
        Mistake.at(profile, ("mcp_servers", place, field), says) for field, says in missing(server)
    ]
    if lacking:
        raise ConfigError(lacking)
    try:
        async with asyncio.timeout(server.connect_timeout_s):
            async with connected(server, tls_context(), errors=sys.stderr) as client:
                return {tool.name: pin_of(tool) for tool in await listed(client)}
    except Exception as error:
        # Whatever the SDK's transports raise.
        cause = cause_of(error)
        says = f"{server.name} did not tell its tools ({type(cause).__name__}): is it up"
        says += f", and {server.key_variable} its key?" if server.key_variable else "?"
        if isinstance(cause, TooManyTools):
            says = f"{server.name} tells of {cause}: nobody reads so many"
        raise ConfigError([Mistake.at(profile, ("mcp_servers", place), says)]) from error


def _wrong(server: Server, found: Mapping[str, Pin]) -> Iterator[tuple[str, str]]:
    for name, declared in server.tools.items():
        if name in found:
            yield from ((name, shown(says, most=None)) for says in misfits(declared, found[name]))
        else:
            near = difflib.get_close_matches(name, found, n=MOST_TOLD, cutoff=0.5) or sorted(found)
            yield name, f"{server.name} has no such tool; it has: {_named(near)}"


def _changes(before: Pins, now: Pins) -> Iterator[str]:
    """What is different of tools that were pinned before."""
    for server, tools in now.items():
        for name, found in tools.items():
            pinned = before.get(server, {}).get(name)
            if pinned is None or pinned.same_as(found):
                continue
            was, is_now = (as_text(pin.model_dump(mode="json")) for pin in (pinned, found))
            lines = difflib.unified_diff(
                was.splitlines(), is_now.splitlines(), "pinned", "told now", lineterm=""
            )
            yield from (f"{server}: {name}", *lines)


def _lines(server: Server, found: Mapping[str, Pin], before: Mapping[str, Pin]) -> Iterator[str]:
    for name, declared in server.tools.items():
        pinned = before.get(name)
        state = "new" if pinned is None else "as before"
        if pinned is not None and not pinned.same_as(found[name]):
            state = "changed, and accepted"
        asked = _named(offered_schema(found[name], declared)["properties"]) or "nothing"
        yield f"{server.offered_name(name)}: {state}; the model fills {asked}"
    if left := sorted(found.keys() - server.tools.keys()):
        yield f"{server.name}: not listed, so not offered: {_named(left)}"


def _named(names: Collection[str]) -> str:
    """Names that a server made, on one line and not too many."""
    told = [shown(name, most=NAME_CHARS) for name in names]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return ", ".join(told[:MOST_TOLD]) + more
