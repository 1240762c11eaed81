"""The RTP socket of one call: sends 20 ms packets by the clock, and takes in what comes.

Driven by the event loop's timer, not by a task, so that a packet leaves within a millisecond of its
time. The call owns it and gives it what was agreed; the timeline keeps what passes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from rehearsal.phone import dtmf, rtp
from rehearsal.phone.g711 import CODECS, RATE_HZ
from rehearsal.phone.mouth import Mouth
from rehearsal.phone.negotiation import Agreed
from rehearsal.phone.timeline import Timeline
from rehearsal.phone.udp import UdpSocket
from rehearsal.speech import Pcm

STALL_S = 0.2
"""Later than this, audio waits instead of leaving in one burst that receivers would drop."""

_BY_PAYLOAD = {codec.payload_type: codec for codec in CODECS.values()}


class Media(UdpSocket):
    """One call's audio.

    Args:
        mouth: what to send.
        timeline: where both directions are kept.
        on_heard: told of the audio of each packet and its time, on the clock.
        on_key: told of each key heard.
        on_tick: called every 20 ms with the clock's time, also while nothing is heard.
    """

    def __init__(
        self,
        mouth: Mouth,
        timeline: Timeline,
        *,
        on_heard: Callable[[Pcm, float], None],
        on_key: Callable[[dtmf.Heard], None],
        on_tick: Callable[[float], None],
    ) -> None:
        super().__init__()
        self.agreed: Agreed | None = None
        self.strange = 0
        """Datagrams that were no RTP, or of a payload nobody agreed to."""
        self.stalls = 0
        """Times this process was too late to keep the pace; audio sent then is not to be judged."""
        self.latest_s = 0.0
        """The worst lateness of a packet sent, in seconds."""
        self._mouth, self._timeline = mouth, timeline
        self._on_heard, self._on_key, self._on_tick = on_heard, on_key, on_tick
        self._timer: asyncio.TimerHandle | None = None
        self._stream = rtp.Outgoing.fresh()
        self._sample = 0
        self._started = 0.0
        self._talking = False
        self._keys: deque[tuple[str, Callable[[str, float, float], None]]] = deque()
        self._press: Iterator[list[tuple[bytes, bool]]] | None = None
        self._pressed_at = 0
        self._pause = 0
        self._listener = dtmf.Listener()

    def start(self) -> None:
        """Begin to send; again is no harm."""
        if self._timer is None:
            self._started = self._loop.time()
            self._tick()

    def press(self, key: str, on_done: Callable[[str, float, float], None]) -> None:
        """Queue a key; `on_done` gets it with the clock's times of its start and end."""
        self._keys.append((key, on_done))

    def close(self) -> None:
        """Stop and close the socket; what is being said is cut short."""
        if self._timer is not None:
            self._timer.cancel()
        self._mouth.hush(self._loop.time())
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:  # noqa: ARG002
        """Take in one packet."""
        now = self._loop.time()
        packet = rtp.read(data)
        if packet is None or self.agreed is None:
            self.strange += packet is None
            return
        if packet.payload_type == self.agreed.events:
            if heard := self._listener.hear(packet, now - self._timeline.t0):
                self._on_key(heard)
            return
        codec = _BY_PAYLOAD.get(packet.payload_type)
        if packet.payload_type == self.agreed.payload_type:
            codec = self.agreed.codec
        if codec is None:
            self.strange += 1
            return
        pcm = codec.decode(packet.payload)
        self._timeline.add_heard(now, timestamp=packet.timestamp, ssrc=packet.ssrc, pcm=pcm)
        self._on_heard(pcm, now)

    def error_received(self, exc: Exception) -> None:
        """Leave a refused packet alone: the other side closes its socket before our BYE is done."""

    def _tick(self) -> None:
        now = self._loop.time()
        late = now - self._due
        if late > STALL_S:
            self.stalls += 1
            self._sample += int(late / rtp.PACKET_S) * rtp.PACKET_SAMPLES
        self.latest_s = max(self.latest_s, late)
        while self._due <= now:
            self._send(self._due)
            self._sample += rtp.PACKET_SAMPLES
        self._on_tick(now)
        self._timer = self._loop.call_at(self._due, self._tick)

    @property
    def _due(self) -> float:
        return self._started + self._sample / RATE_HZ

    def _send(self, at: float) -> None:
        agreed = self.agreed
        if agreed is None or not agreed.sends:
            self._talking = False
            return
        if self._pressing(agreed):
            self._talking = False
            return
        payload = agreed.codec.encode(self._mouth.next(rtp.PACKET_SAMPLES, at))
        self._timeline.add_sent(at, agreed.codec.decode(payload))
        # The marker says that talk resumes (RFC 3551 section 4.1).
        self._put(agreed, agreed.payload_type, self._sample, payload, marker=not self._talking)
        self._talking = True

    def _pressing(self, agreed: Agreed) -> bool:
        """Send this moment's event packets; False when no key is down."""
        if self._pause:
            self._pause -= 1
            return False
        if not self._keys or agreed.events is None:
            return False
        if self._press is None:
            self._press, self._pressed_at = dtmf.press(self._keys[0][0]), self._sample
        payloads = next(self._press, None)
        if payloads is None:
            return False
        for payload, marker in payloads:
            self._put(agreed, agreed.events, self._pressed_at, payload, marker=marker)
        end = self._sample + rtp.PACKET_SAMPLES
        if end - self._pressed_at >= dtmf.PRESSED_PACKETS * rtp.PACKET_SAMPLES:
            key, on_done = self._keys.popleft()
            self._press, self._pause = None, dtmf.PAUSE_PACKETS
            start_s, end_s = self._pressed_at / RATE_HZ, end / RATE_HZ
            on_done(key, self._started + start_s, self._started + end_s)
        return True

    def _put(
        self, agreed: Agreed, payload_type: int, sample: int, payload: bytes, *, marker: bool
    ) -> None:
        assert self._transport is not None
        packet = self._stream.packet(payload_type, sample, payload, marker=marker)
        self._transport.sendto(bytes(packet), agreed.to)
