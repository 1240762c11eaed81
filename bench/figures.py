"""The figures we promise, each with its target and whether it was met. Pure."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from bench.kept import KeptCost
from bench.samples import Cost, Samples
from bench.scrape import Scrape

LEAST_CALLS, LEAST_TURNS, MOST_MINUTES = 20, 100, 12
MOST_SERIES = 2000
SILENCE_ERROR_MS = 300
"""A silence of the waveform that is told with a larger error was not told."""


class Figure(BaseModel):
    """One promise. `value` None: nothing was measured, and the promise is not met."""

    name: str
    value: float | None
    target: str
    met: bool


def figures(
    ours: Samples,
    peers: dict[str, Samples],
    cost: Cost,
    *,
    minutes: float,
    scrapes: tuple[Scrape, Scrape] | None = None,
    kept: KeptCost | None = None,
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
        *_agreed(ours),
        *_scraped(scrapes),
        _at_most("kept_cores", kept.cores if kept else None, 0.015),
        _at_most("kept_pss_mb", kept.pss_mb if kept else None, 15),
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
        "metric_ms": [answer.metric_ms for answer in samples.answers],
        "response_error_ms": [answer.error_ms for answer in samples.answers],
        "dead_air_error_ms": [s.error_ms for s in samples.silences if s.error_ms is not None],
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


def _agreed(ours: Samples) -> list[Figure]:
    """Whether the worker's metrics tell what callers heard."""
    errors = [answer.error_ms for answer in ours.answers]
    bias = round(float(np.mean(errors))) if errors else None
    missed = [s for s in ours.silences if s.error_ms is None or abs(s.error_ms) > SILENCE_ERROR_MS]
    return [
        _at_least("answers_with_metric", len(errors), LEAST_TURNS),
        _within("response_bias_ms", bias, 50),
        _at_most("response_error_ms_p95", percentile([abs(ms) for ms in errors], 95), 150),
        _at_least("silences", len(ours.silences), LEAST_CALLS),
        _at_most("silences_missed", len(missed) if ours.silences else None, 0),
    ]


def _scraped(scrapes: tuple[Scrape, Scrape] | None) -> list[Figure]:
    """Whether a scrape costs after many calls what it costs after few."""
    few, many = scrapes or (None, None)
    growth = round(many.ms / few.ms, 2) if few and many else None
    larger = round(many.size_bytes / few.size_bytes, 2) if few and many else None
    return [
        _at_most("scrape_growth", growth, 1.2),
        _at_most("scrape_bytes_growth", larger, 1.2),
        _at_most("scrape_series", many.series if many else None, MOST_SERIES),
    ]


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
