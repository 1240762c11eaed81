"""Reads off a call's waveform when each side spoke, and from that how the call felt.

Pure, over what `timeline` recorded; the bench, `make call` and tests judge calls by it. For
what the phone itself said it takes the exact times of the clips instead of looking for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rehearsal.phone.call import CallResult
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.utterances import Spoken, spoken

STOP_MERGE_S = 0.2
"""Pauses that end an interrupted speech: short, or a stop followed by an answer is missed."""
DEAD_AIR_S = 3.0
UNDER_WAY_S = 0.1
"""An agent that began less than this before the caller was not interrupted: both began."""


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
