"""What one measured call yields: the gaps a caller waited, and whose time they were.

Pure. The gap comes from the waveform of the caller's leg; the model tells how long it waited for
silence and how long it took itself; the rest is the path and the worker, which is what is compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from records import CallView
from rehearsal.phone.measure import Measures
from rehearsal.rehearse.agreement import Agreement, Answer, Silent


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One answered turn, milliseconds. `onset_ms` is how long the model's voice was too soft for a
    telephone, None where nothing tells."""

    gap_ms: float
    silence_ms: float
    model_ms: float
    onset_ms: float | None = None

    @property
    def overhead_ms(self) -> float:
        """What is neither the model's wait for silence nor its own time."""
        return self.gap_ms - self.silence_ms - self.model_ms

    @property
    def overhead_less_onset_ms(self) -> float:
        """The overhead less the soft beginning of the model's voice."""
        return self.overhead_ms - (self.onset_ms or 0.0)


@dataclass
class Samples:
    """Everything that one contestant's calls yielded, milliseconds."""

    calls: int = 0
    """Calls measured."""
    failures: list[str] = field(default_factory=list)
    """What went wrong, one sentence for each call that did not go as its script says."""
    stalled: int = 0
    """Calls left out, since the phone itself was too slow for the audio."""
    answer_ms: list[float] = field(default_factory=list)
    greeting_ms: list[float] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    stop_ms: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """Answers, each with what the worker's metric says of it; none of peers."""
    silences: list[Silent] = field(default_factory=list)
    """The same of silences."""
    record: CallView | None = None
    """What the worker wrote of the latest call; none of peers'."""

    def agree(self, found: Agreement) -> None:
        """Add what the worker told of one call."""
        self.answers += found.answers
        self.silences += found.silences

    def add(
        self,
        measures: Measures,
        *,
        began_at: float,
        model_turns: Sequence[Mapping[str, Any]],
    ) -> None:
        """Add one call.

        Args:
            measures: the waveform of the caller's leg.
            began_at: wall clock of the timeline's zero, seconds since 1970.
            model_turns: the model's ledger of the session.
        """
        self.calls += 1
        if measures.answer_s is not None:
            self.answer_ms.append(measures.answer_s * 1000)
        if measures.greeting_s is not None:
            self.greeting_ms.append(measures.greeting_s * 1000)
        self.stop_ms += [barge.seconds * 1000 for barge in measures.barge_ins]
        for gap in measures.gaps:
            start, end = began_at + gap.start_s, began_at + gap.end_s
            if own := _turn_between(model_turns, start, end):
                self.turns.append(
                    Turn(
                        gap_ms=gap.seconds * 1000,
                        silence_ms=float(own["vad_silence_ms"]),
                        model_ms=float(own["model_ms"]),
                        onset_ms=own.get("onset_ms"),
                    )
                )


def _turn_between(
    turns: Sequence[Mapping[str, Any]], start: float, end: float
) -> Mapping[str, Any] | None:
    """The model's turn whose audio ended this gap."""
    for turn in turns:
        spoke = turn["first_audio_at"]
        if turn["cause"] == "speech" and spoke is not None and start <= spoke <= end:
            return turn
    return None


@dataclass
class Cost:
    """Milliseconds of the gate alone, of each use."""

    read_ms: list[float] = field(default_factory=list)
    write_ms: list[float] = field(default_factory=list)
