"""The UDP socket under a user agent: datagrams in, what it wants sent out, and its one timer.

With `udp` the only module of the signalling that knows asyncio. Opened by the phone.
"""

import asyncio

from rehearsal.phone.udp import UdpSocket
from rehearsal.phone.useragent import UserAgent


class SipSocket(UdpSocket):
    """Drives one user agent; `flush` after every command given to it or to a call of it."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: asyncio.TimerHandle | None = None
        self._agent: UserAgent | None = None

    def drive(self, agent: UserAgent) -> None:
        """Feed this agent from now on."""
        self._agent = agent

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Feed one datagram."""
        if self._agent is not None:
            self._agent.receive(data, (str(addr[0]), int(addr[1])), self._loop.time())
            self.flush()

    def error_received(self, exc: Exception) -> None:
        """Leave an unreachable peer to the timers of its transaction."""

    def flush(self) -> None:
        """Send what waits and set the timer for what comes next."""
        if self._agent is None or self._transport is None or self._transport.is_closing():
            return
        while self._agent.outbox:
            data, to = self._agent.outbox.popleft()
            self._transport.sendto(data, to)
        if self._timer is not None:
            self._timer.cancel()
        due = self._agent.due
        self._timer = self._loop.call_at(due, self._on_timer) if due < float("inf") else None

    def _on_timer(self) -> None:
        assert self._agent is not None
        self._agent.tick(self._loop.time())
        self.flush()

    def close(self) -> None:
        """Close the socket; nothing is sent or heard any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
