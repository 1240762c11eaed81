"""Keys of the phone as telephone-events (RFC 4733): what to send for one key, and what was heard.

Pure. A key holds the time of its audio: all its packets carry the timestamp at which it was
pressed, with a growing duration, and the last one is sent three times.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rehearsal.phone.rtp import PACKET_SAMPLES, Packet

KEYS = "0123456789*#ABCD"
PRESSED_PACKETS = 8  # 160 ms; carriers ask for at least 40 ms
PAUSE_PACKETS = 4  # 80 ms between two keys, so that two equal ones stay two
_END = 0x80
_VOLUME = 10  # -10 dBm0
_EVENT = struct.Struct("!BBH")


class Heard(NamedTuple):
    """One key heard: pressed at `at_s` (seconds on the call's timeline)."""

    key: str
    at_s: float


def press(key: str) -> Iterator[list[tuple[bytes, bool]]]:
    """Yield, for each 20 ms of one press, the payloads to send, each with its marker bit."""
    number = KEYS.index(key)
    for packet in range(1, PRESSED_PACKETS + 1):
        duration = packet * PACKET_SAMPLES
        if packet < PRESSED_PACKETS:
            yield [(_EVENT.pack(number, _VOLUME, duration), packet == 1)]
        else:
            # RFC 4733 section 2.5.1.4: the end is said three times, against loss.
            yield [(_EVENT.pack(number, _VOLUME | _END, duration), False)] * 3


@dataclass
class Listener:
    """Turns event packets into keys: one key however many packets, lost or repeated, told of it."""

    _latest: tuple[int, int] | None = None

    def hear(self, packet: Packet, at_s: float) -> Heard | None:
        """Take one packet; the key it starts, or None for a repeat, an old one or no key."""
        if len(packet.payload) < _EVENT.size:
            return None
        number, _, duration = _EVENT.unpack_from(packet.payload)
        press_of = (packet.ssrc, packet.timestamp)
        if number >= len(KEYS) or self._is_old(press_of):
            return None
        self._latest = press_of
        # The first packet may be lost; the duration of a later one says when the key went down.
        late_by = max(0, duration - PACKET_SAMPLES) / 8000
        return Heard(KEYS[number], at_s - late_by)

    def _is_old(self, press_of: tuple[int, int]) -> bool:
        if self._latest is None or press_of[0] != self._latest[0]:
            return False
        ahead = (press_of[1] - self._latest[1]) & 0xFFFFFFFF
        return ahead == 0 or ahead >= 0x80000000
