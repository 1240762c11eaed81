"""Real TCP resets: knows the transport behind each request and can cut it with an RST.

ASGI hides the socket, so the office's HTTP protocol class notes its transport by peer address.
Used by `faults` through `reset`, and by `serving`.
"""

import asyncio
import socket
import struct
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}

# l_onoff=1, l_linger=0: close() sends RST instead of FIN.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class KnownTransport(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, with its transport findable by the peer's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport."""
        super().connection_made(transport)
        self._peer = cast("tuple[str, int]", transport.get_extra_info("peername")[:2])
        _open[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        _open.pop(self._peer, None)
        super().connection_lost(exc)


def reset(scope: Scope) -> None:
    """Cut the connection of this request: the peer sees ECONNRESET, not an orderly end."""
    client: Any = scope.get("client")
    transport = _open.get((client[0], client[1])) if client else None
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
