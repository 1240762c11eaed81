"""An MCP server that does what a test says, byte by byte: what the SDK's own server never does.

It agrees on a protocol of 2025 over HTTP and has a read and a write. `on` takes over what it
answers to a method of MCP, or to GET and DELETE; whoever answers nothing leaves the request open.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.integration.remote.conftest import Talk, talk_over
from tools.remote import Pins, Server
from tools.remote.pins import Pin

PATIENCE_S = 10.0
CONTENT = {"content": [{"type": "text", "text": "a note"}]}
READ: dict[str, Any] = {"effect": "read", "assurance": "none"}
WRITE: dict[str, Any] = {
    "effect": "write",
    "assurance": "none",
    "spoken_yes": True,
    "read_back": "Shall I open a ticket about {title}?",
    "action_words": ["open"],
    "errors_change_nothing": True,
}


def told(name: str, argument: str, kind: str) -> dict[str, Any]:
    """A tool as a server lists it."""
    schema = {"type": "object", "properties": {argument: {"type": kind}}, "required": [argument]}
    return {"name": name, "description": f"{name}.", "inputSchema": schema}


TOOLS = (told("read_note", "number", "integer"), told("create_ticket", "title", "string"))


@dataclass(frozen=True)
class Asked:
    """One request, and the ways to answer it."""

    method: str
    params: Mapping[str, Any]
    ident: Any
    headers: bytes
    writer: asyncio.StreamWriter

    def send(self, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        """An answer of HTTP."""
        named = {"content-type": "application/json", "content-length": str(len(body))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in named.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    def body(self, **part: Any) -> bytes:
        """A message of JSON-RPC that answers this one."""
        return json.dumps({"jsonrpc": "2.0", "id": self.ident, **part}).encode()

    def result(self, result: Mapping[str, Any], **headers: str) -> None:
        """What was asked for."""
        self.send(self.body(result=result), status=200, **headers)

    def error(self, code: int, message: str, *, status: int = 200) -> None:
        """An error of JSON-RPC."""
        self.send(self.body(error={"code": code, "message": message}), status=status)

    def events(self, *messages: bytes, **headers: str) -> None:
        """A stream of events, one message each, which then ends."""
        stream = b"".join(b"event: message\ndata: " + one + b"\n\n" for one in messages)
        self.send(stream, status=200, content_type="text/event-stream", **headers)


Handler: TypeAlias = Callable[[Asked], Awaitable[None]]


@dataclass
class Fake:
    """The server; what it was asked is in `seen`, by method, and in `calls`."""

    tools: list[dict[str, Any]] = field(default_factory=lambda: [*TOOLS])
    session: str = ""
    on: dict[str, Handler] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    port: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def server(self, **changes: Any) -> Server:
        """As a profile declares it."""
        tools = {"read_note": READ, "create_ticket": WRITE}
        url = f"http://127.0.0.1:{self.port}/mcp"
        return Server.model_validate({"name": "desk", "url": url, "tools": tools, **changes})

    async def heard(self, method: str) -> None:
        """Wait until it was asked something."""
        async with asyncio.timeout(PATIENCE_S):
            while method not in self.seen:
                self._news.clear()
                await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await self._one(await _read(head, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, asked: Asked) -> None:
        self.seen.append(asked.method)
        self._news.set()
        if asked.method == "tools/call":
            self.calls.append(asked.params)
        await self.on.get(asked.method, self.usual)(asked)

    async def usual(self, asked: Asked) -> None:
        """Answer as a server does."""
        if asked.method == "initialize":
            named = {"mcp_session_id": self.session} if self.session else {}
            info = {"name": "fake", "version": "1"}
            about = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            asked.result({**about, "serverInfo": info}, **named)
        elif asked.method == "tools/list":
            asked.result({"tools": self.tools})
        elif asked.method == "tools/call":
            asked.result(CONTENT)
        elif asked.method in ("GET", "DELETE"):
            asked.send(status=405)
        elif asked.ident is None:
            asked.send(status=202)
        else:
            asked.error(-32601, "no such method")


async def _read(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    body = await reader.readexactly(int(sizes[0].split(b":")[1])) if sizes else b""
    message = json.loads(body) if body else {}
    method = message.get("method", head.split()[0].decode())
    return Asked(method, message.get("params", {}), message.get("id"), head, writer)


@asynccontextmanager
async def faking() -> AsyncIterator[Fake]:
    """A server that is up."""
    fake = Fake()
    async with await asyncio.start_server(fake.serve, "127.0.0.1", 0) as listening:
        fake.port = listening.sockets[0].getsockname()[1]
        yield fake


@asynccontextmanager
async def talking_to(fake: Fake, **changes: Any) -> AsyncIterator[Talk]:
    """A call whose gate offers its tools."""
    async with talk_over([fake.server(**changes)], pins_of("desk")) as talk:
        yield talk


def pins_of(*servers: str) -> Pins:
    """What such servers told when somebody looked."""
    pins = {
        tool["name"]: Pin(description=tool["description"], input_schema=tool["inputSchema"])
        for tool in TOOLS
    }
    return dict.fromkeys(servers, pins)
