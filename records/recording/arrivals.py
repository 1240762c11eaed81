"""When frames of one voice were heard, from when they arrived. Pure.

Frames come late and in heaps whenever this machine pauses, never early: each belongs no later than
what came after it allows. So a moment of frames is kept back, and then placed sample by sample.
Used by `records.recording.writing`, one for each source of sound.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from records.recording.opus import RATE_HZ, Sound

# The event loop of a call was seen to stand still for 200 ms; what it missed then comes at once.
LOOK_AHEAD_S = 0.3
# Less is taken for the noise of clocks: a voice is not cut into pieces for it.
TOLERANCE_S = 0.005
_TOLERANCE = round(TOLERANCE_S * RATE_HZ)
_BYTES_PER_SAMPLE = 2


class Run(NamedTuple):
    """Sound without a hole. `begin` counts samples from the beginning of the recording."""

    begin: int
    sound: Sound


class Arrivals:
    """The frames of one source, in order of arrival. Times are seconds of the recording."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, bytes]] = deque()
        self._next = 0
        """The sample behind the last one that was placed."""

    def add(self, pcm: bytes, ends_at: float) -> None:
        """A frame of 16-bit mono sound whose last sample was heard at `ends_at`, or before it."""
        self._frames.append((ends_at, pcm))

    def settled(self, until: float) -> list[Run]:
        """Place what had arrived LOOK_AHEAD_S before `until`, and take it out."""
        begins = self._begins()
        frames = [pcm for at, pcm in self._frames if at <= until - LOOK_AHEAD_S]
        for _ in frames:
            self._frames.popleft()
        runs: list[tuple[int, bytearray]] = []
        for begin, pcm in zip(begins, frames, strict=False):
            new = pcm
            if begin > self._next + _TOLERANCE:
                self._next = begin
                runs.append((begin, bytearray()))
            elif begin < self._next - _TOLERANCE:
                # It would lie over what was placed before.
                new = pcm[(self._next - begin) * _BYTES_PER_SAMPLE :]
            if not runs:
                runs.append((self._next, bytearray()))
            runs[-1][1].extend(new)
            self._next += len(new) // _BYTES_PER_SAMPLE
        return [Run(begin, np.frombuffer(pcm, np.int16)) for begin, pcm in runs]

    def _begins(self) -> list[int]:
        """The first sample of each frame."""
        begins, later = [], float("inf")
        for at, pcm in reversed(self._frames):
            later = min(at, later) - len(pcm) / _BYTES_PER_SAMPLE / RATE_HZ
            begins.append(round(later * RATE_HZ))
        return begins[::-1]
