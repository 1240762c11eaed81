"""What the worker's series must say of calls, added up from their records; and where they differ.

Only series of which the record knows as much as the worker does. Pure; `ending` scrapes and reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from records import CallOutcome, CallView

# A cost is a sum of floats of what the record has in millionths.
CLOSE_ENOUGH = 1e-6
MICRO = 1_000_000

COMPARED = (
    "frontdesk_calls_started_total",
    "frontdesk_calls_resumed_total",
    "frontdesk_calls_ended_total",
    "frontdesk_call_duration_seconds_count",
    "frontdesk_greeting_seconds_count",
    "frontdesk_turns_total",
    "frontdesk_interruptions_total",
    "frontdesk_clips_played_total",
    "frontdesk_tool_uses_total",
    "frontdesk_model_tokens_total",
    "frontdesk_consent_total",
    "frontdesk_call_cost_usd_total",
    "frontdesk_recordings_total",
)
# The record has a clip's words and not its name.
_SUMMED = {"frontdesk_clips_played_total": frozenset({"reason"})}
# A try that failed is counted, and one more is made: of that the record says nothing.
_NOT_OF_THE_RECORD = ("frontdesk_recordings_total", "failed")


class Series(NamedTuple):
    """One series: its name and its labels, sorted."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """As Prometheus writes it."""
        inside = ",".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.name}{{{inside}}}" if inside else self.name


class Difference(NamedTuple):
    """A series that says something else than the records do."""

    series: Series
    counted: float
    """By the worker."""
    recorded: float


def scraped(text: str) -> dict[Series, float]:
    """The compared series of what `/metrics` answered."""
    found: defaultdict[Series, float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            told_apart = (sample.name, sample.labels.get("result"))
            if sample.name in COMPARED and told_apart != _NOT_OF_THE_RECORD:
                gone = _SUMMED.get(sample.name, frozenset())
                kept = {name: value for name, value in sample.labels.items() if name not in gone}
                found[_series(sample.name, **kept)] += sample.value
    return dict(found)


def recorded(calls: Iterable[CallView]) -> dict[Series, float]:
    """The same, added up from the records."""
    found: defaultdict[Series, float] = defaultdict(float)
    for call in calls:
        for series, number in (*_of_the_call(call), *_of_its_parts(call), *_of_its_money(call)):
            found[series] += number
    return dict(found)


def differences(
    counted: Mapping[Series, float], from_records: Mapping[Series, float]
) -> list[Difference]:
    """Where the two do not say the same; a series that is not there says 0."""
    both = sorted(counted.keys() | from_records.keys())
    told = (Difference(one, counted.get(one, 0.0), from_records.get(one, 0.0)) for one in both)
    return [one for one in told if abs(one.counted - one.recorded) > CLOSE_ENOUGH]


def _series(name: str, **labels: str) -> Series:
    return Series(name, tuple(sorted(labels.items())))


def _of_the_call(call: CallView) -> Iterator[tuple[Series, float]]:
    yield _series("frontdesk_calls_started_total", direction=call.direction), 1
    if call.resumes:
        yield _series("frontdesk_calls_resumed_total"), 1
    if call.outcome is not None:
        ended = {"profile": call.profile, "outcome": call.outcome.value}
        yield _series("frontdesk_calls_ended_total", **ended), 1
    # Nobody measures the end of a call whose job was killed.
    if call.answered_at is not None and call.outcome not in (None, CallOutcome.LOST):
        yield _series("frontdesk_call_duration_seconds_count", direction=call.direction), 1
    # Who agreed in the call that this one goes on with is counted there.
    if call.consent is not None and not call.resumes:
        consent = {"policy": call.consent.policy, "answer": call.consent.answer}
        yield _series("frontdesk_consent_total", **consent), 1


def _of_its_parts(call: CallView) -> Iterator[tuple[Series, float]]:
    for turn in call.turns:
        if turn.speaker == "clip":
            yield _series("frontdesk_clips_played_total"), 1
        else:
            yield _series("frontdesk_turns_total", speaker=turn.speaker), 1
    for use in call.tools:
        yield _series("frontdesk_tool_uses_total", tool=use.tool, outcome=use.outcome), 1
    greetings = sum(latency.what == "greeting" for latency in call.latencies)
    yield _series("frontdesk_greeting_seconds_count"), greetings
    yield _series("frontdesk_interruptions_total"), call.interruptions
    if call.recording is not None and call.recording.stored_at is not None:
        yield _series("frontdesk_recordings_total", result="stored"), 1


def _of_its_money(call: CallView) -> Iterator[tuple[Series, float]]:
    for used in call.tokens:
        by_kind = {
            ("input", "text"): used.input_text - used.input_cached_text,
            ("input", "audio"): used.input_audio - used.input_cached_audio,
            ("input", "cached_text"): used.input_cached_text,
            ("input", "cached_audio"): used.input_cached_audio,
            ("output", "text"): used.output_text,
            ("output", "audio"): used.output_audio,
        }
        for (direction, kind), number in by_kind.items():
            of = {"model": used.model, "direction": direction, "kind": kind}
            yield _series("frontdesk_model_tokens_total", **of), number
    for line in call.cost:
        of = {"profile": call.profile, "kind": line.kind}
        yield _series("frontdesk_call_cost_usd_total", **of), line.amount_micro / MICRO
