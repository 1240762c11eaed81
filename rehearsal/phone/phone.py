"""The phone: a number, a SIP socket, and calls made and taken on them.

`open_phone` is how everybody gets one. Whatever happens inside its block, on leaving it every call
is ended the way its state wants and every socket closed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sipmessage import URI

from rehearsal.phone.call import SETTLE_TIMEOUT_S, Call, CallFailed
from rehearsal.phone.dialog import Identity
from rehearsal.phone.digest import Credentials
from rehearsal.phone.events import PhoneEvent
from rehearsal.phone.g711 import CODECS, Codec
from rehearsal.phone.machine import CallMachine
from rehearsal.phone.messages import Address, Header
from rehearsal.phone.negotiation import Negotiation
from rehearsal.phone.transport import SipSocket
from rehearsal.phone.useragent import UserAgent

SILENCE_S = 0.7
"""Quiet for this long, the other side counts as having finished."""

OnEvent = Callable[[PhoneEvent], None]


@dataclass(frozen=True)
class AnswerPolicy:
    """What the phone does when called.

    It rings for `ring_s` seconds and then answers with `code`: 200 takes the call, 486 is busy, 603
    declines, None never answers. With `door` callers must prove these credentials first.
    """

    ring_s: float = 0.0
    code: int | None = 200
    door: Credentials | None = None


class Phone:
    """One SIP phone; made by `open_phone`."""

    def __init__(
        self,
        socket: SipSocket,
        user: str,
        *,
        codec: Codec,
        policy: AnswerPolicy,
        seed: int,
        silence_s: float,
        on_event: OnEvent,
    ) -> None:
        self.identity = Identity(user, *socket.address)
        self.calls: list[Call] = []
        self._socket, self._codec, self._policy = socket, codec, policy
        self._seed, self._silence_s, self._on_event = seed, silence_s, on_event
        self._loop = asyncio.get_running_loop()
        self._invited: asyncio.Queue[Call] = asyncio.Queue()
        self._taken: asyncio.Queue[Call] = asyncio.Queue()
        self._agent = UserAgent(
            self.identity,
            new_media=self._new_media,
            on_invited=lambda machine, _: self._invited.put_nowait(self._new_call(machine)),
            door=policy.door,
        )
        socket.drive(self._agent)

    @property
    def malformed(self) -> int:
        """Datagrams heard that were no SIP message; answered 400 where they said whom to answer."""
        return self._agent.malformed

    async def dial(
        self,
        callee: str,
        *,
        proxy: Address | None = None,
        credentials: Credentials | None = None,
        headers: Iterable[Header] = (),
        on_event: OnEvent | None = None,
    ) -> Call:
        """Call a number through `proxy`, or a SIP URI; returns once the INVITE is on its way.

        Raises:
            CallFailed: `callee` is neither a SIP URI nor a number with a proxy to send it to.
        """
        uri, to = _destination(callee, proxy)
        machine = self._agent.dial(uri, to, self._new_media(), credentials)
        call = self._new_call(machine, on_event)
        await self._open_media(call)
        call.timeline.t0 = self._loop.time()
        machine.dial(call.timeline.t0, headers)
        self._socket.flush()
        return call

    async def incoming(self, *, timeout_s: float = 30.0) -> Call:
        """Wait for the next call to this phone; what answers it is the phone's policy.

        Raises:
            CallFailed: nobody called within `timeout_s`.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._taken.get()
        except TimeoutError as error:
            raise CallFailed(f"nobody called within {timeout_s:g} s") from error

    async def serve(self) -> None:
        """Take calls until cancelled; `open_phone` runs this."""
        async with asyncio.TaskGroup() as calls:
            while True:
                calls.create_task(self._take(await self._invited.get()))

    async def close(self) -> None:
        """End every call, wait a moment for the other sides to know, and close all sockets."""
        for call in self.calls:
            call.leave()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_TIMEOUT_S):
                    for call in self.calls:
                        await call.settled.wait()
        finally:
            for call in self.calls:
                call.media.close()
            self._socket.close()

    async def _take(self, call: Call) -> None:
        await self._open_media(call)
        if self._policy.code is None or self._policy.ring_s > 0:
            call.ring()
        self._taken.put_nowait(call)
        if self._policy.code is None:
            return
        await asyncio.sleep(self._policy.ring_s)
        if self._policy.code < 300:
            call.accept()
        else:
            call.refuse(self._policy.code)

    async def _open_media(self, call: Call) -> None:
        await self._loop.create_datagram_endpoint(
            lambda: call.media, local_addr=(self.identity.host, 0)
        )
        call.machine.media.port = call.media.address[1]

    def _new_media(self) -> Negotiation:
        return Negotiation(self.identity.host, 0, (self._codec,))

    def _new_call(self, machine: CallMachine, on_event: OnEvent | None = None) -> Call:
        call = Call(
            machine,
            flush=self._socket.flush,
            seed=self._seed + len(self.calls),
            silence_s=self._silence_s,
            on_event=on_event or self._on_event,
        )
        self.calls.append(call)
        return call


@asynccontextmanager
async def open_phone(
    *,
    user: str,
    host: str = "127.0.0.1",
    port: int = 0,
    codec: str = "PCMU",
    policy: AnswerPolicy | None = None,
    seed: int = 0,
    silence_s: float = SILENCE_S,
    on_event: OnEvent = lambda _: None,
) -> AsyncIterator[Phone]:
    """Open a phone with the number `user` on a UDP socket of its own.

    Args:
        user: its number, for example "+15550001111".
        host: IPv4 address to bind SIP and RTP to.
        port: SIP port; 0 for any free one.
        codec: "PCMU" or "PCMA".
        policy: what it does when called; answers at once by default.
        seed: of the comfort noise.
        silence_s: how long the other side must be quiet to have finished.
        on_event: told of everything on every call, unless `dial` is given another.
    """
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_datagram_endpoint(SipSocket, local_addr=(host, port))
    phone = Phone(
        socket,
        user,
        codec=CODECS[codec],
        policy=policy or AnswerPolicy(),
        seed=seed,
        silence_s=silence_s,
        on_event=on_event,
    )
    serving = asyncio.create_task(phone.serve())
    try:
        yield phone
    finally:
        serving.cancel()
        try:
            await asyncio.wait([serving], timeout=SETTLE_TIMEOUT_S)
        finally:
            await phone.close()
        if serving.done() and not serving.cancelled():
            serving.result()  # a mistake of ours while taking a call is not to be lost


def _destination(callee: str, proxy: Address | None) -> tuple[URI, Address]:
    try:
        if callee.startswith("sip:"):
            uri = URI.parse(callee)
            return uri, proxy or (uri.host, uri.port or 5060)
        if proxy is not None:
            return URI("sip", proxy[0], callee, port=proxy[1]), proxy
    except ValueError as error:
        raise CallFailed(f"{callee!r} is no SIP address") from error
    raise CallFailed(f"{callee!r} is a number: say which proxy it goes through")
