"""How loud a stretch of line is and what stands out of its noise, for `measure` and `detect`.

Pure numpy on 16-bit samples at 8 kHz.
"""

import numpy as np
from numpy.typing import NDArray

from rehearsal.phone.g711 import RATE_HZ
from rehearsal.speech import Pcm

QUIETEST_DBFS = -90.0
SPEECH_DBFS = -46.0
"""Never below this is speech: comfort noise is -60, a soft consonant of a voice -40."""
OVER_FLOOR_DB = 12.0
LOUDEST_FLOOR_DBFS = -42.0
"""A floor found above this is speech without pause, not noise."""


def levels(pcm: Pcm, frame: int) -> NDArray[np.float64]:
    """RMS of each whole frame of `frame` samples, in dBFS."""
    whole = pcm[: len(pcm) // frame * frame].reshape(-1, frame).astype(np.float64)
    power = np.mean(np.square(whole), axis=1)
    found: NDArray[np.float64] = np.maximum(
        10 * np.log10(np.maximum(power, 1e-3) / 32768**2), QUIETEST_DBFS
    )
    return found


def threshold(floor_dbfs: float) -> float:
    """The level in dBFS above which something is said over a noise floor."""
    return max(SPEECH_DBFS, min(floor_dbfs, LOUDEST_FLOOR_DBFS) + OVER_FLOOR_DB)


def bounds(pcm: Pcm) -> tuple[int, int]:
    """First and past-the-last sample of a clip's sound; (0, 0) if it has none."""
    found = np.flatnonzero(levels(pcm, RATE_HZ // 500) > SPEECH_DBFS)
    if not len(found):
        return (0, 0)
    step = RATE_HZ // 500
    return (int(found[0]) * step, (int(found[-1]) + 1) * step)


def trimmed(pcm: Pcm) -> Pcm:
    """A clip without the silence before and after its sound, so that its ends are its speech's."""
    start, end = bounds(pcm)
    return pcm[start:end]
