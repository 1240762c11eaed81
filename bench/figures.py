"""The figures we promise, each with its target and whether it was met. Pure."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from bench.samples import Cost, Samples

LEAST_CALLS, LEAST_TURNS, MOST_MINUTES = 20, 100, 12
PATH_MS = 280
"""What the caller waits beyond the worker's metric, documented in docs/metrics.md."""


class Figure(BaseModel):
    """One promise. `value` None: nothing was measured, and the promise is not met."""

    name: str
    value: float | None
    target: str
    met: bool


def figures(
    ours: Samples, peers: dict[str, Samples], cost: Cost, *, minutes: float
) -> list[Figure]:
    """Every figure of the benchmark; `bench` says what each means."""
    overhead = percentile([turn.overhead_ms for turn in ours.turns], 50)
    found = [
        _at_most("minutes", round(minutes, 1), MOST_MINUTES),
        _at_least("calls", ours.calls, LEAST_CALLS),
        _at_least("turns", len(ours.turns), LEAST_TURNS),
        _at_most("failed_calls", len(ours.failures), 0),
        _at_most("invite_to_200_ms_p95", percentile(ours.answer_ms, 95), 600),
        _at_most("200_to_first_audio_ms_p95", percentile(ours.greeting_ms, 95), 700),
        _at_most("response_overhead_ms_p50", overhead, 220),
        _at_most("barge_in_stop_ms_p95", percentile(ours.stop_ms, 95), 500),
        _at_most("gate_read_ms_p95", percentile(cost.read_ms, 95), 5),
        _at_most("gate_write_ms_p95", percentile(cost.write_ms, 95), 20),
        _within("gap_less_metric_less_path_ms_p50", percentile(unexplained_ms(ours), 50), 150),
    ]
    for name, samples in peers.items():
        theirs = percentile([turn.overhead_ms for turn in samples.turns], 50)
        met = overhead is not None and theirs is not None and overhead < theirs
        target = f"more than ours ({overhead})"
        label = f"response_overhead_ms_p50_{name}"
        found.append(Figure(name=label, value=theirs, target=target, met=met))
    return found


def spread(samples: Samples) -> dict[str, object]:
    """One contestant's calls in numbers: p5, p50 and p95 of everything measured on a call."""
    turns = samples.turns
    found = {
        "invite_to_200_ms": samples.answer_ms,
        "200_to_first_audio_ms": samples.greeting_ms,
        "gap_ms": [turn.gap_ms for turn in turns],
        "vad_silence_ms": [turn.silence_ms for turn in turns],
        "model_ms": [turn.model_ms for turn in turns],
        "response_overhead_ms": [turn.overhead_ms for turn in turns],
        "onset_ms": [turn.onset_ms for turn in turns if turn.onset_ms is not None],
        "response_overhead_less_onset_ms": [turn.overhead_less_onset_ms for turn in turns],
        "metric_ms": [turn.metric_ms for turn in turns if turn.metric_ms is not None],
        "gap_less_metric_less_path_ms": unexplained_ms(samples),
        "barge_in_stop_ms": samples.stop_ms,
    }
    return {
        "calls": samples.calls,
        "stalled": samples.stalled,
        "failures": samples.failures,
        "turns": len(turns),
        **{
            name: {f"p{q}": percentile(values, q) for q in (5, 50, 95)}
            for name, values in found.items()
        },
    }


def unexplained_ms(samples: Samples) -> list[float]:
    """Of every turn with a metric: what neither the metric nor the path accounts for."""
    found = (turn.unexplained_ms(PATH_MS) for turn in samples.turns)
    return [ms for ms in found if ms is not None]


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
