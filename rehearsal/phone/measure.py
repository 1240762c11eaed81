"""Reads off a call's waveform when each side spoke, and from that how the call felt.

Pure numpy over what `timeline` recorded; the bench, `make call` and tests judge calls by it. For
what the phone itself said it takes the exact times of the clips instead of looking for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rehearsal.phone.call import CallResult
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.loudness import LOUDEST_FLOOR_DBFS, levels, threshold
from rehearsal.speech import Pcm

MERGE_S = 0.3
"""Pauses shorter than this lie within an utterance; between words of a voice they reach 0.25 s."""
STOP_MERGE_S = 0.2
"""The same for finding where an agent stopped: short, or a stop followed by an answer is missed."""
LEAST_S = 0.04
"""Shorter sounds are clicks."""
DEAD_AIR_S = 3.0
UNDER_WAY_S = 0.1
"""An agent that began less than this before the caller was not interrupted: both began."""

_WINDOW = RATE_HZ // 100
_FINE = RATE_HZ // 1000


class Spoken(NamedTuple):
    """A stretch of speech, in seconds on the call's timeline."""

    start_s: float
    end_s: float


class Gap(NamedTuple):
    """The caller finished at `start_s`, the agent was heard at `end_s`: what the caller waited."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s


class BargeIn(NamedTuple):
    """The caller began to speak over the agent at `start_s`; the agent fell silent at `stop_s`."""

    start_s: float
    stop_s: float

    @property
    def seconds(self) -> float:
        """How long the agent talked on."""
        return self.stop_s - self.start_s


@dataclass(frozen=True)
class Measures:
    """One call by its waveform, in seconds; None for what never happened."""

    answer_s: float | None
    """From the INVITE to its 200."""
    greeting_s: float | None
    """From the 200 to the first sound of the agent."""
    caller: tuple[Spoken, ...]
    agent: tuple[Spoken, ...]
    gaps: tuple[Gap, ...]
    barge_ins: tuple[BargeIn, ...]
    dead_air: tuple[Spoken, ...]
    """Stretches of at least `DEAD_AIR_S` of the answered call in which nobody spoke."""


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


def gaps(caller: Sequence[Spoken], agent: Sequence[Spoken]) -> list[Gap]:
    """Find what each thing the caller said was answered by, before the caller spoke again."""
    found: list[Gap] = []
    for at, said in enumerate(caller):
        again = caller[at + 1].start_s if at + 1 < len(caller) else float("inf")
        answer = next((a.start_s for a in agent if a.start_s >= said.end_s), None)
        if answer is not None and answer < again:
            found.append(Gap(said.end_s, answer))
    return found


def barge_ins(caller: Sequence[Spoken], agent: Sequence[Spoken]) -> list[BargeIn]:
    """Find where the caller spoke over an agent that was under way."""
    return [
        BargeIn(said.start_s, spoke.end_s)
        for said in caller
        for spoke in agent
        if spoke.start_s + UNDER_WAY_S < said.start_s < spoke.end_s
    ]


def dead_air(
    spoke: Sequence[Spoken], *, start_s: float, end_s: float, least_s: float = DEAD_AIR_S
) -> list[Spoken]:
    """Find stretches of at least `least_s` in which none of `spoke`, of either side, falls."""
    silent: list[Spoken] = []
    since = start_s
    for stretch in sorted([*spoke, Spoken(end_s, end_s)]):
        if stretch.start_s > end_s:
            break
        if stretch.start_s - since >= least_s:
            silent.append(Spoken(since, stretch.start_s))
        since = max(since, stretch.end_s)
    return silent


def measure(result: CallResult) -> Measures:
    """Measure a call that is over. What the phone played without text (noise) is not speech."""
    heard = result.timeline.render().heard
    # No clip is speech of the agent before the answer: that is early media, a ringing tone.
    answered = result.answered_s
    begun = 0.0 if answered is None else answered
    agent = [s for s in spoken(heard) if s.end_s > begun]
    stops = [s for s in spoken(heard, merge_s=STOP_MERGE_S) if s.end_s > begun]
    caller = [Spoken(s.start_s, s.end_s) for s in result.said if s.text]
    ended = result.ended.at_s if result.ended else len(heard) / RATE_HZ
    everybody = [*agent, *caller]
    return Measures(
        answer_s=answered,
        greeting_s=agent[0].start_s - begun if answered is not None and agent else None,
        caller=tuple(caller),
        agent=tuple(agent),
        gaps=tuple(gaps(caller, agent)),
        barge_ins=tuple(barge_ins(caller, stops)),
        dead_air=()
        if answered is None
        else tuple(dead_air(everybody, start_s=answered, end_s=ended)),
    )
