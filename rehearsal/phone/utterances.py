"""When one side of a call spoke, read off its waveform to the millisecond.

Pure numpy. `measure` asks for the agent's side; the bench may ask for any recording at 8 kHz.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.loudness import LOUDEST_FLOOR_DBFS, levels, threshold
from rehearsal.speech import Pcm

MERGE_S = 0.3
"""Pauses shorter than this lie within an utterance; between words of a voice they reach 0.25 s."""
LEAST_S = 0.04
"""Shorter sounds are clicks."""

_WINDOW = RATE_HZ // 100
_FINE = RATE_HZ // 1000


class Spoken(NamedTuple):
    """A stretch of speech, in seconds on the call's timeline."""

    start_s: float
    end_s: float


def spoken(pcm: Pcm, *, merge_s: float = MERGE_S, least_s: float = LEAST_S) -> list[Spoken]:
    """Find speech in one direction at 8 kHz: what stands out of its noise floor.

    Stretches closer than `merge_s` become one, shorter than `least_s` are dropped. Edges are found
    to the millisecond.
    """
    if len(pcm) < _WINDOW:
        return []
    coarse = levels(pcm, _WINDOW)
    floor = float(np.percentile(coarse, 10))
    line = threshold(min(floor, LOUDEST_FLOOR_DBFS))
    loud = np.flatnonzero(coarse > line)
    if not len(loud):
        return []
    # Windows apart by more than the merge begin a new stretch; each edge is then sharpened.
    breaks = np.flatnonzero(np.diff(loud) > 1) + 1
    runs = [(int(run[0]), int(run[-1]) + 1) for run in np.split(loud, breaks)]
    edges = [_sharpen(pcm, start * _WINDOW, end * _WINDOW, line) for start, end in runs]
    return _merged([edge for edge in edges if edge], merge_s, least_s)


def _sharpen(pcm: Pcm, start: int, end: int, line: float) -> Spoken | None:
    begin = max(0, start - _WINDOW)
    fine = np.flatnonzero(levels(pcm[begin : end + _WINDOW], _FINE) > line)
    if not len(fine):
        return None
    first, last = begin + int(fine[0]) * _FINE, begin + (int(fine[-1]) + 1) * _FINE
    return Spoken(first / RATE_HZ, last / RATE_HZ)


def _merged(found: Sequence[Spoken], merge_s: float, least_s: float) -> list[Spoken]:
    merged: list[Spoken] = []
    for stretch in found:
        if merged and stretch.start_s - merged[-1].end_s < merge_s:
            merged[-1] = Spoken(merged[-1].start_s, max(merged[-1].end_s, stretch.end_s))
        else:
            merged.append(stretch)
    return [stretch for stretch in merged if stretch.end_s - stretch.start_s >= least_s]
