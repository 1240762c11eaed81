"""One timeline of a call for both directions: what the phone sent and what it heard, when.

Seconds count from the INVITE. A packet lies where it was on the wire: its first sample at the
moment it left or, once the delays of its neighbours are known, at the moment it would have arrived
without jitter. So a time read off the left channel and one read off the right may be subtracted.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rehearsal import wav
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.rtp import unwrap
from rehearsal.speech import Pcm

LOOK_AHEAD = 25
"""Packets (0.5 s) whose quickest tells when the others were due."""
LATE_PACKETS = 5
"""Fewer late packets, at the end of a stream, are jitter; more are a sender that paused."""
RESTART_S = 0.25
"""A step of this size between timestamp and clock is another stream, not jitter."""
TOLERATED_S = 0.005
"""Smaller changes of delay do not move the audio: a shift is a click."""


class Stereo(NamedTuple):
    """Both directions at 8 kHz, equally long; index over 8000 is seconds since the INVITE."""

    sent: Pcm
    heard: Pcm


class _Heard(NamedTuple):
    arrived_s: float
    sample: int
    """Its timestamp, unwrapped."""
    stream: int
    pcm: Pcm


class Timeline:
    """Collects audio as it passes; `t0` is the clock's time of the INVITE."""

    def __init__(self, t0: float) -> None:
        self.t0 = t0
        self._sent: list[tuple[int, Pcm]] = []
        self._heard: list[_Heard] = []
        self._stream = 0
        self._source: int | None = None
        self._seen: set[tuple[int, int]] = set()
        self.repeated = 0
        """Packets heard twice; the second is dropped."""

    def add_sent(self, at: float, pcm: Pcm) -> None:
        """Note audio sent at the clock's time `at`."""
        self._sent.append((round((at - self.t0) * RATE_HZ), pcm))

    def add_heard(self, at: float, *, timestamp: int, ssrc: int, pcm: Pcm) -> None:
        """Note one packet heard at the clock's time `at`, in order of arrival."""
        last = self._heard[-1] if self._heard else None
        same_source = ssrc == self._source
        arrived = at - self.t0
        sample = unwrap(timestamp, last.sample, 32) if last and same_source else timestamp
        if last is None or not same_source or self._jumped(last, arrived, sample):
            self._stream += 1
            self._seen.clear()
        self._source = ssrc
        if (self._stream, sample) in self._seen:
            self.repeated += 1
            return
        self._seen.add((self._stream, sample))
        self._heard.append(_Heard(arrived, sample, self._stream, pcm))

    def _jumped(self, last: _Heard, arrived: float, sample: int) -> bool:
        step = (arrived - last.arrived_s) - (sample - last.sample) / RATE_HZ
        return abs(step) > RESTART_S

    def render(self) -> Stereo:
        """Lay out everything collected so far; silence where nothing was."""
        heard = [
            (start, packet.pcm) for start, packet in zip(self._starts(), self._heard, strict=True)
        ]
        ends = [start + len(pcm) for start, pcm in (*self._sent, *heard)]
        length = max(ends, default=0)
        return Stereo(_lay(self._sent, length), _lay(heard, length))

    def _starts(self) -> list[int]:
        """Where each packet heard belongs: its timestamp, plus the delay its stream has just now.

        The delay is that of the quickest packet among the next `LOOK_AHEAD`: a packet held up alone
        is put back in its place, and a sender that paused stays late from there on.
        """
        delays = np.array([p.arrived_s - p.sample / RATE_HZ for p in self._heard])
        streams = np.array([p.stream for p in self._heard])
        starts: list[int] = []
        delay, stream = 0.0, -1
        for at, packet in enumerate(self._heard):
            ahead = slice(at, at + LOOK_AHEAD)
            near = delays[ahead][streams[ahead] == packet.stream]
            quickest = float(near.min())
            late_for_good = quickest > delay + TOLERATED_S and len(near) >= LATE_PACKETS
            if packet.stream != stream or quickest < delay - TOLERATED_S or late_for_good:
                delay, stream = quickest, packet.stream
            starts.append(round((packet.sample / RATE_HZ + delay) * RATE_HZ))
        return starts

    def save(self, path: Path) -> None:
        """Write a stereo WAV, 16 bit, 8 kHz: left what was sent, right what was heard."""
        wav.write(path, np.column_stack(self.render()), rate_hz=RATE_HZ)


def _lay(pieces: list[tuple[int, Pcm]], length: int) -> Pcm:
    laid = np.zeros(length, dtype=np.int16)
    for start, pcm in pieces:
        cut = max(0, -start)
        piece = pcm[cut:]
        laid[start + cut : start + cut + len(piece)] = piece
    return laid
