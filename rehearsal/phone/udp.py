"""What both sockets of a phone have in common, the one for signalling and the one for audio."""

import asyncio
from typing import cast

from rehearsal.phone.messages import Address


class UdpSocket(asyncio.DatagramProtocol):
    """A bound datagram socket that knows where it is."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to send by."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    @property
    def address(self) -> Address:
        """Where the socket is bound."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return (host, port)
