"""The figures we promise, each with its target and whether it was met. Pure."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from bench.samples import Samples

LEAST_CALLS, LEAST_TURNS = 20, 100
PATH_MS = 340
"""What the caller waits beyond the worker's metric, documented in docs/metrics.md."""


class Figure(BaseModel):
    """One promise. `value` None: nothing was measured, and the promise is not met."""

    name: str
    value: float | None
    target: str
    met: bool


def figures(
    ours: Samples, peers: dict[str, Samples], *, path_ms: float, least_calls: int = LEAST_CALLS
) -> list[Figure]:
    """Every figure of the benchmark, milliseconds unless the name says otherwise."""
    overhead = percentile([turn.overhead_ms for turn in ours.turns], 50)
    pairs = [(t.gap_ms, t.metric_ms) for t in ours.turns if t.metric_ms is not None]
    off = percentile([gap - metric - path_ms for gap, metric in pairs], 50)
    least_turns = LEAST_TURNS * least_calls // LEAST_CALLS
    found = [
        _at_least("calls", ours.calls, least_calls),
        _at_least("turns", len(ours.turns), least_turns),
        _at_most("failed_calls", ours.failed, 0),
        _at_most("invite_to_200_ms_p95", percentile(ours.answer_ms, 95), 600),
        _at_most("200_to_first_audio_ms_p95", percentile(ours.greeting_ms, 95), 700),
        _at_most("response_overhead_ms_p50", overhead, 220),
        _at_most("barge_in_stop_ms_p95", percentile(ours.stop_ms, 95), 500),
        _within("metric_minus_waveform_ms_p50", off, 150),
    ]
    for name, samples in peers.items():
        theirs = percentile([turn.overhead_ms for turn in samples.turns], 50)
        met = overhead is not None and theirs is not None and overhead < theirs
        target = f"more than ours ({overhead})"
        label = f"response_overhead_ms_p50_{name}"
        found.append(Figure(name=label, value=theirs, target=target, met=met))
    return found


def percentile(values: Sequence[float], q: float) -> float | None:
    """A percentile in whole numbers, None of nothing."""
    return round(float(np.percentile(values, q))) if values else None


def _at_most(name: str, value: float | None, limit: float) -> Figure:
    met = value is not None and value <= limit
    return Figure(name=name, value=value, target=f"<= {limit:g}", met=met)


def _at_least(name: str, value: float, limit: float) -> Figure:
    return Figure(name=name, value=value, target=f">= {limit:g}", met=value >= limit)


def _within(name: str, value: float | None, limit: float) -> Figure:
    met = value is not None and abs(value) <= limit
    return Figure(name=name, value=value, target=f"within +-{limit:g}", met=met)
