"""Whether a part really works: each probe asks it in its own protocol, once.

`rehearsal.stack.process` asks again until the answer is yes, the part dies or time is up. A probe
that cannot connect answers no; it never raises for a part that is not there yet.
"""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

PROBE_TIMEOUT_S = 1.0

Probe: TypeAlias = Callable[[int], Awaitable[bool]]
"""Takes the part's process id; tells whether it is ready."""


def redis_answers(port: int) -> Probe:
    """Redis replies to PING."""

    async def probe(_: int) -> bool:
        return await _exchange(port, b"PING\r\n") == b"+PONG\r\n"

    return probe


def http_answers(port: int, path: str) -> Probe:
    """A GET of `path` on loopback is answered 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"

    async def probe(_: int) -> bool:
        return (await _exchange(port, request.encode())).startswith(b"HTTP/1.1 200 ")

    return probe


def sip_answers(port: int) -> Probe:
    """An OPTIONS request over UDP is answered 200."""

    async def probe(_: int) -> bool:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.setblocking(False)
            udp.bind(("127.0.0.1", 0))
            udp.connect(("127.0.0.1", port))
            try:
                async with asyncio.timeout(PROBE_TIMEOUT_S):
                    await loop.sock_sendall(udp, _options(port, udp.getsockname()[1]))
                    return (await loop.sock_recv(udp, 2048)).startswith(b"SIP/2.0 200 ")
            except (OSError, TimeoutError):
                return False

    return probe


def names_its_pid(file: Path) -> Probe:
    """`file` has been written by the very process that was started, not by one before it."""

    async def probe(pid: int) -> bool:
        try:
            return (await asyncio.to_thread(file.read_text, "utf-8")).split() == [str(pid)]
        except OSError:
            return False

    return probe


def says(file: Path, words: str) -> Probe:
    """`words` stand in `file`: for programs that only their log tells about."""

    async def probe(_: int) -> bool:
        try:
            return words in await asyncio.to_thread(file.read_text, "utf-8", "replace")
        except OSError:
            return False

    return probe


async def _exchange(port: int, request: bytes) -> bytes:
    """The first line that a TCP server on loopback answers; empty if it does not."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


def _options(port: int, own_port: int) -> bytes:
    # An ephemeral branch, tag and Call-ID: livekit-sip answers a repeated one from its cache.
    mark = secrets.token_hex(6)
    lines = (
        f"OPTIONS sip:127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{own_port};branch=z9hG4bK{mark};rport",
        "Max-Forwards: 1",
        f"From: <sip:ready@127.0.0.1:{own_port}>;tag={mark}",
        f"To: <sip:127.0.0.1:{port}>",
        f"Call-ID: {mark}@127.0.0.1",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:ready@127.0.0.1:{own_port}>",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()
