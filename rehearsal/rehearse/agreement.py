"""Whether the worker's metrics tell what the caller heard: each answer and silence, held together.

Pure, over the waveform of the caller's leg and the record of the same call. `make call` shows it
for one call, `bench` sums it up. Milliseconds, unless the name says seconds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from records import CallView
from rehearsal.phone.call import CallResult
from rehearsal.phone.measure import Measures, dead_air
from rehearsal.phone.utterances import Spoken

UP_MS, DOWN_MS = 95, 90
"""Sound's way from the phone to the worker and back, on one machine."""
END_LATE_MS, BEGIN_EARLY_MS = 95, 90
"""How late the worker's voice detection has a caller's voice end, and how early begin."""
PATH_MS = UP_MS + DOWN_MS + END_LATE_MS
"""What a caller waits for an answer beyond the worker's metric, documented in docs/metrics.md."""
LEAST_SILENCE_S = 1.5
"""The worker tells of silences of a second; what it hears of one may be so much shorter."""
NEAR_S = 0.5
"""What leaves the worker is heard that much later at most."""

_SAME_S = 0.002


@dataclass(frozen=True)
class Answer:
    """One answer. `gap_ms` is what the caller waited, `metric_ms` what the worker told of it."""

    heard_at_s: float
    gap_ms: float
    metric_ms: float

    @property
    def error_ms(self) -> float:
        """What neither the metric nor the path accounts for."""
        return self.gap_ms - self.metric_ms - PATH_MS


@dataclass(frozen=True)
class Silent:
    """One silence of the waveform. `path_ms` is what it lasts longer there than at the worker;
    `metric_ms` is what the worker told of it, None if nothing."""

    began_s: float
    gap_ms: float
    path_ms: float
    metric_ms: float | None

    @property
    def error_ms(self) -> float | None:
        """What neither the metric nor the path accounts for; None for one that is missing."""
        return None if self.metric_ms is None else self.gap_ms - self.metric_ms - self.path_ms


@dataclass(frozen=True)
class Agreement:
    """Everything that was held together on one call."""

    answers: tuple[Answer, ...]
    silences: tuple[Silent, ...]


def agreement(result: CallResult, measures: Measures, record: CallView) -> Agreement:
    """Hold the record of a call beside its waveform, `measures`, which is that of `result`."""
    began_at, answered_s, ended = wall(result.timeline.t0), result.answered_s, result.ended
    if answered_s is None or ended is None:
        return Agreement((), ())
    silent = silences(
        measures, record, began_at=began_at, answered_s=answered_s, ended_s=ended.at_s
    )
    return Agreement(tuple(answers(measures, record, began_at=began_at)), tuple(silent))


def wall(monotonic: float) -> float:
    """A time of the event loop's clock as seconds since 1970."""
    return time.time() - (time.monotonic() - monotonic)


def answers(measures: Measures, record: CallView, *, began_at: float) -> list[Answer]:
    """Every gap that an answer of the model ended, with the response time of that answer.

    A fixed sentence may end a silence; the answer then comes later, and no gap is its own.

    Args:
        measures: the waveform.
        record: the worker's record of the same call.
        began_at: wall clock of the waveform's zero, seconds since 1970.
    """
    found = []
    for gap in measures.gaps:
        end = began_at + gap.end_s
        told = [
            turn.response_ms
            for turn in record.turns
            if turn.response_ms is not None
            and turn.began_at is not None
            and abs(end - DOWN_MS / 1000 - turn.began_at) < NEAR_S
        ]
        if told:
            found.append(Answer(gap.end_s, gap.seconds * 1000, told[0]))
    return found


def silences(
    measures: Measures, record: CallView, *, began_at: float, answered_s: float, ended_s: float
) -> list[Silent]:
    """Every silence of the waveform of at least LEAST_SILENCE_S, with what the worker told of it.

    The last one is left out: the worker hears the line close before the phone does.
    """
    voices = [*measures.caller, *measures.agent]
    found = []
    for silence in dead_air(voices, start_s=answered_s, end_s=ended_s, least_s=LEAST_SILENCE_S):
        if silence.end_s >= ended_s:
            continue
        # What the worker hears lies within it, but for the path.
        middle = began_at + (silence.start_s + silence.end_s) / 2
        told = [
            span.ms
            for span in record.latencies
            if span.what == "dead_air" and span.at <= middle <= span.at + span.ms / 1000
        ]
        found.append(
            Silent(
                silence.start_s,
                (silence.end_s - silence.start_s) * 1000,
                _path_ms(silence, measures.caller, answered_s),
                told[0] if told else None,
            )
        )
    return found


def _path_ms(silence: Spoken, caller: Sequence[Spoken], answered_s: float) -> float:
    """How much longer a silence lasts on the caller's leg, by who spoke before and after it.

    What the caller says comes to the worker later, what the agent says comes to the caller later;
    so a silence that the caller ends lasts longer at the worker than with them.
    """
    by_caller = any(abs(said.end_s - silence.start_s) < _SAME_S for said in caller)
    to_caller = any(abs(said.start_s - silence.end_s) < _SAME_S for said in caller)
    starts_late = UP_MS + END_LATE_MS if by_caller else -DOWN_MS
    if silence.start_s == answered_s:
        starts_late = 0
    ends_late = UP_MS - BEGIN_EARLY_MS if to_caller else -DOWN_MS
    return starts_late - ends_late
