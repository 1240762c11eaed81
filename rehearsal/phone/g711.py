"""G.711, the audio of every carrier: 16-bit samples to bytes and back, by table.

The tables follow ITU-T G.711. Media calls this fifty times a second and direction, so a packet is
one numpy look-up. Nothing here knows of RTP.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rehearsal.speech import Pcm

RATE_HZ = 8000

_Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Codec:
    """One of the two laws: its name in SDP, its static payload type (RFC 3551) and its tables."""

    name: str
    payload_type: int
    encoding: _Bytes = field(repr=False)
    decoding: Pcm = field(repr=False)

    def encode(self, pcm: Pcm) -> bytes:
        """Turn samples at 8 kHz into as many bytes."""
        return self.encoding[pcm.astype(np.int32) + 32768].tobytes()

    def decode(self, payload: bytes) -> Pcm:
        """Turn bytes into as many samples at 8 kHz."""
        return self.decoding[np.frombuffer(payload, dtype=np.uint8)]


def _mu_decoding() -> Pcm:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 15) << 3) + 132 << ((code >> 4) & 7)) - 132
    decoded: Pcm = np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)
    return decoded


def _mu_encoding() -> _Bytes:
    linear = np.arange(-32768, 32768, dtype=np.int32)
    magnitude = np.minimum(np.abs(linear), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    sign = np.where(linear < 0, 0x80, 0)
    encoded: _Bytes = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return encoded


def _a_decoding() -> Pcm:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code >> 4) & 7
    step = ((code & 15) << 4) + np.where(segment == 0, 8, 0x108)
    magnitude = step << np.maximum(segment - 1, 0)
    decoded: Pcm = np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)
    return decoded


def _a_encoding() -> _Bytes:
    linear = np.arange(-32768, 32768, dtype=np.int32) >> 3
    # One's complement mirrors the negative half exactly, so that -1 and 0 share a step's size.
    magnitude = np.where(linear >= 0, linear, ~linear)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 15
    mask = np.where(linear >= 0, 0xD5, 0x55)
    encoded: _Bytes = (((segment << 4) | mantissa) ^ mask).astype(np.uint8)
    return encoded


PCMU = Codec("PCMU", 0, _mu_encoding(), _mu_decoding())
PCMA = Codec("PCMA", 8, _a_encoding(), _a_decoding())
CODECS = {codec.name: codec for codec in (PCMU, PCMA)}
