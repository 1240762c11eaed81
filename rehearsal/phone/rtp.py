"""RTP packets (RFC 3550): bytes to fields and back, and the counters of one outgoing stream.

Pure. Media paces what `Outgoing` makes; the timeline places what `read` finds.
"""

import secrets
import struct
from dataclasses import dataclass
from typing import NamedTuple

PACKET_S = 0.02
PACKET_SAMPLES = 160

_HEADER = struct.Struct("!BBHII")


class Packet(NamedTuple):
    """One RTP packet. `timestamp` counts samples and wraps at 2**32, `sequence` at 2**16."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    marker: bool
    payload: bytes

    def __bytes__(self) -> bytes:
        kind = self.payload_type | (0x80 if self.marker else 0)
        head = _HEADER.pack(0x80, kind, self.sequence, self.timestamp, self.ssrc)
        return head + self.payload


def read(datagram: bytes) -> Packet | None:
    """Take a datagram apart; None when it is not RTP version 2 or contradicts its own lengths."""
    if len(datagram) < _HEADER.size:
        return None
    first, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(datagram) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
    padding = datagram[-1] if first & 0x20 else 0
    end = len(datagram) - padding
    if first >> 6 != 2 or end < start:
        return None
    payload = datagram[start:end]
    return Packet(kind & 0x7F, sequence, timestamp, ssrc, bool(kind & 0x80), payload)


@dataclass
class Outgoing:
    """Numbers the packets of one outgoing stream.

    `origin` is the RTP timestamp of the stream's first sample; both it and `sequence` start at
    random (RFC 3550 section 5.1).
    """

    ssrc: int
    sequence: int
    origin: int

    @classmethod
    def fresh(cls) -> "Outgoing":
        """Start a stream of its own source, sequence and timestamp."""
        return cls(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))

    def packet(self, payload_type: int, sample: int, payload: bytes, *, marker: bool) -> Packet:
        """Make the next packet, whose payload starts `sample` samples into the stream."""
        timestamp = (self.origin + sample) & 0xFFFFFFFF
        made = Packet(payload_type, self.sequence, timestamp, self.ssrc, marker, payload)
        self.sequence = (self.sequence + 1) & 0xFFFF
        return made


def unwrap(value: int, near: int, bits: int) -> int:
    """Extend a counter that wraps at 2**`bits` to the number closest to the extended `near`."""
    span = 1 << bits
    return near + ((value - near + span // 2) % span) - span // 2
