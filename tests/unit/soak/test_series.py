"""What series must say, added up from records, and where they differ."""

import pytest

from records import CallOutcome
from records.view import Consent, Latency, Recording, Tokens
from rehearsal.soak.plan import Kind
from rehearsal.soak.series import Difference, Series, differences, recorded, scraped
from tests.unit.soak.calls import cost, made, record, resumed

SCRAPED = """\
# TYPE frontdesk_turns_total counter
frontdesk_turns_total{speaker="agent"} 3.0
# TYPE frontdesk_clips_played_total counter
frontdesk_clips_played_total{reason="apology"} 1.0
frontdesk_clips_played_total{reason="still_there"} 2.0
# TYPE frontdesk_call_duration_seconds histogram
frontdesk_call_duration_seconds_bucket{direction="inbound",le="+Inf"} 4.0
frontdesk_call_duration_seconds_count{direction="inbound"} 4.0
frontdesk_call_duration_seconds_sum{direction="inbound"} 20.0
# TYPE frontdesk_recordings_total counter
frontdesk_recordings_total{result="stored"} 2.0
frontdesk_recordings_total{result="failed"} 1.0
# TYPE frontdesk_calls_active gauge
frontdesk_calls_active 2.0
"""
CANCELLED = made(Kind.CANCELLED)
KILLED = made(Kind.KILLED)
ANNOUNCED = Consent(at=0, policy="announce", jurisdiction="US-OR", answer="announced")


def series(name: str, **labels: str) -> Series:
    """A series of the worker's."""
    return Series(f"frontdesk_{name}", tuple(sorted(labels.items())))


def test_of_a_scrape_only_what_the_record_knows_is_compared() -> None:
    """A clip's name is not in it, nor how often a recording was stored in vain."""
    assert scraped(SCRAPED) == {
        series("turns_total", speaker="agent"): 3,
        series("clips_played_total"): 3,
        series("recordings_total", result="stored"): 2,
        series("call_duration_seconds_count", direction="inbound"): 4,
    }


def test_a_call_counts_for_everything_that_is_in_its_record() -> None:
    """Its end, its turns, and each use of a tool by how it ended."""
    found = recorded([record(CANCELLED, consent=ANNOUNCED)])
    ended = {"profile": CANCELLED.plan.line.name, "outcome": "completed"}

    assert found[series("calls_started_total", direction="inbound")] == 1
    assert found[series("calls_ended_total", **ended)] == 1
    assert found[series("call_duration_seconds_count", direction="inbound")] == 1
    assert found[series("turns_total", speaker="caller")] == 3
    assert found[series("tool_uses_total", tool="cancel_order", outcome="needs_yes")] == 1
    assert found[series("tool_uses_total", tool="cancel_order", outcome="ok")] == 1
    assert found[series("consent_total", policy="announce", answer="announced")] == 1


def test_a_killed_job_is_a_lost_call_whose_length_nobody_knows() -> None:
    """And the job that goes on counts as a call, whose caller had agreed before."""
    both = [record(KILLED, consent=ANNOUNCED), resumed(KILLED, consent=ANNOUNCED)]
    found = recorded(both)
    lost = {"profile": KILLED.plan.line.name, "outcome": CallOutcome.LOST.value}

    assert found[series("calls_ended_total", **lost)] == 1
    assert found[series("calls_resumed_total")] == 1
    assert found[series("calls_started_total", direction="inbound")] == 2
    assert found[series("call_duration_seconds_count", direction="inbound")] == 1
    assert found[series("consent_total", policy="announce", answer="announced")] == 1


def test_tokens_that_were_cached_are_not_counted_twice() -> None:
    """The record has them in the input, as the provider does; the series tell them apart."""
    used = Tokens(model="m", input_text=100, input_cached_text=64, input_audio=9, output_audio=5)
    found = recorded([record(CANCELLED, tokens=[used]), record(CANCELLED, tokens=[used])])

    def of(direction: str, kind: str) -> float:
        return found[series("model_tokens_total", model="m", direction=direction, kind=kind)]

    assert (of("input", "text"), of("input", "cached_text")) == (72, 128)
    assert (of("input", "audio"), of("output", "audio")) == (18, 10)


def test_costs_add_up_in_whole_currency() -> None:
    """By profile and kind; the record has millionths."""
    one = record(CANCELLED, profile="p", cost=[cost("telephony", 1500), cost("telephony", 500)])

    assert recorded([one])[series("call_cost_usd_total", profile="p", kind="telephony")] == 0.002


@pytest.mark.parametrize(("stored_at", "times"), [(None, 0), (7.0, 1)])
def test_only_stored_recordings_count(stored_at: float | None, times: int) -> None:
    """One that waits is counted when it is stored."""
    sound = Recording(name="a", began_at=0, seconds=5, bytes=9, sha256="0", stored_at=stored_at)
    found = recorded([record(CANCELLED, recording=sound)])

    assert found.get(series("recordings_total", result="stored"), 0) == times


def test_measured_greetings_count() -> None:
    """One of each call that was greeted, whatever else was measured."""
    spans = [Latency(at=0, what=what, ms=300) for what in ("greeting", "dead_air")]

    found = recorded([record(CANCELLED, latencies=spans)])
    assert found[series("greeting_seconds_count")] == 1


def test_what_differs_is_told_from_both_sides() -> None:
    """Also what only one side has; what is 0 on one and not there on the other is the same."""
    calls, turns, clips = (series(name) for name in ("calls", "turns", "clips"))

    assert differences({calls: 2, turns: 1, clips: 0}, {calls: 3}) == [
        Difference(calls, 2, 3),
        Difference(turns, 1, 0),
    ]


@pytest.mark.parametrize(("apart", "same"), [(5e-7, True), (2e-6, False)])
def test_costs_are_the_same_to_a_millionth(apart: float, same: bool) -> None:
    """They are added up in another order on the two sides."""
    costs = series("call_cost_usd_total")

    assert (differences({costs: 1.0}, {costs: 1.0 + apart}) == []) is same


def test_a_series_is_written_as_prometheus_has_it() -> None:
    """So that it can be looked up."""
    assert str(series("turns_total", speaker="agent")) == 'frontdesk_turns_total{speaker="agent"}'
    assert str(series("calls_resumed_total")) == "frontdesk_calls_resumed_total"
