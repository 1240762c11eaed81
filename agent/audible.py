"""Which of the agent's sound a caller can hear, chunk by chunk, as it leaves.

A voice that is sent is not yet a voice that is heard: models begin with silence, and an "f" is too
soft for a telephone. `agent.playout` asks here for each chunk that leaves, in its own thread, and
`agent.voice` for clips on a track of their own. Pure; times are monotonic seconds.
"""

from typing import NamedTuple

import numpy as np

AUDIBLE_DBFS = -46.0
"""RMS of a chunk above which it is heard; comfort noise is -60, a soft consonant -40."""
# A click is shorter, and so is what rounding makes of silence.
SURE_S = 0.03
SURE_WITHIN_S = 0.1
APART_S = 0.2
"""What follows sound after less than this goes on with it."""

_POWER = (32768 * 10 ** (AUDIBLE_DBFS / 20)) ** 2


class Sound(NamedTuple):
    """Sound began at `began_at`; `after` is when the one before it had ended, -inf for none."""

    began_at: float
    after: float


class Sounding:
    """One voice that leaves: when it begins to be heard, and until when it was."""

    def __init__(self) -> None:
        self.ended_at = float("-inf")
        """When the latest audible chunk has been heard out."""
        self._loud: list[float] = []

    def hear(self, pcm: bytes | memoryview, at: float, seconds: float) -> Sound | None:
        """One chunk of 16-bit mono at 24 kHz, heard from `at` on; the sound that began with it."""
        if not audible(pcm):
            return None
        if at - self.ended_at < APART_S:
            self.ended_at = at + seconds
            return None
        self._loud = [then for then in self._loud if at - then < SURE_WITHIN_S] + [at]
        if len(self._loud) * seconds < SURE_S - seconds / 2:
            return None
        begun = Sound(self._loud[0], self.ended_at)
        self._loud, self.ended_at = [], at + seconds
        return begun


def audible(pcm: bytes | memoryview) -> bool:
    """Whether 16-bit mono at 24 kHz can be heard on a telephone, which has nothing above 4 kHz."""
    samples = np.frombuffer(pcm, np.int16)
    # Three samples to one: what a telephone leaves out is mostly gone, at no cost.
    narrow = samples[: len(samples) // 3 * 3].reshape(-1, 3).sum(axis=1, dtype=np.float32) / 3
    return len(narrow) > 0 and float(np.dot(narrow, narrow)) / len(narrow) > _POWER
