"""What one measured call yields: the gaps a caller waited, and whose time they were.

Pure. The gap comes from the waveform of the caller's leg; the model tells how long it waited for
silence and how long it took itself; the rest is the path and the worker, which is what is compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.phone.measure import Measures


@dataclass(frozen=True)
class Turn:
    """One answered turn, milliseconds. `metric_ms` is the worker's own, None for peers."""

    gap_ms: float
    overhead_ms: float
    metric_ms: float | None = None


@dataclass
class Samples:
    """Everything that one contestant's calls yielded, milliseconds."""

    calls: int = 0
    failed: int = 0
    answer_ms: list[float] = field(default_factory=list)
    greeting_ms: list[float] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    stop_ms: list[float] = field(default_factory=list)

    def __iadd__(self, other: "Samples") -> "Samples":
        """Take in another's calls."""
        self.calls += other.calls
        self.failed += other.failed
        self.answer_ms += other.answer_ms
        self.greeting_ms += other.greeting_ms
        self.turns += other.turns
        self.stop_ms += other.stop_ms
        return self

    def add(
        self,
        measures: Measures,
        *,
        began_at: float,
        model_turns: Sequence[Mapping[str, Any]],
        metrics_ms: Sequence[tuple[float, float]] = (),
    ) -> None:
        """Add one call.

        Args:
            measures: the waveform of the caller's leg.
            began_at: wall clock of the timeline's zero, seconds since 1970.
            model_turns: the model's ledger of the session.
            metrics_ms: the worker's response times, each with the wall clock of its record.
        """
        self.calls += 1
        if measures.answer_s is not None:
            self.answer_ms.append(measures.answer_s * 1000)
        if measures.greeting_s is not None:
            self.greeting_ms.append(measures.greeting_s * 1000)
        self.stop_ms += [barge.seconds * 1000 for barge in measures.barge_ins]
        for gap in measures.gaps:
            start, end = began_at + gap.start_s, began_at + gap.end_s
            own_ms = _models_own_ms(model_turns, start, end)
            if own_ms is not None:
                gap_ms = gap.seconds * 1000
                metric = _first_after(metrics_ms, end)
                self.turns.append(Turn(gap_ms, gap_ms - own_ms, metric))


def _models_own_ms(turns: Sequence[Mapping[str, Any]], start: float, end: float) -> float | None:
    """Silence waited for and own time of the model's turn whose audio ended this gap."""
    for turn in turns:
        spoke = turn["first_audio_at"]
        if turn["cause"] == "speech" and spoke is not None and start <= spoke <= end:
            return float(turn["vad_silence_ms"]) + float(turn["model_ms"])
    return None


def _first_after(metrics_ms: Sequence[tuple[float, float]], at: float) -> float | None:
    """The response time of the answer that began at `at`: records are written at its end."""
    return next((ms for written_at, ms in metrics_ms if written_at >= at), None)
