"""How reports become series: whose names become labels, and how many there can ever be."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from agent.counting import METHODS, UNKNOWN, Counting
from agent.profile import Profile, load_profiles
from agent.reports import CallEnded, CallStarted, Happened, Report, Spent, Timed, ToolUsed
from bench.figures import MOST_SERIES
from bench.scrape import FEW, feed
from records import CallOutcome
from tests.unit.worker.test_reports import value
from tools import catalogue

ACME = Profile(name="acme", model="gpt-realtime", transcription_model="gpt-4o-mini-transcribe")
CALL = CallStarted(call_id="c1", room="r1", profile="acme")
SHIPPED = Path(__file__).parents[3] / "rehearsal" / "profiles"

DECLARED = {
    "answer_seconds": (),
    "audio_underruns_total": (),
    "budget_stops_total": ("scope",),
    "build_info": ("version", "config_hash"),
    "call_capacity": (),
    "call_cost_usd_total": ("profile", "kind"),
    "call_duration_seconds": ("direction",),
    "calls_active": (),
    "calls_ended_total": ("profile", "outcome"),
    "calls_refused_total": ("reason",),
    "calls_resumed_total": (),
    "calls_started_total": ("direction",),
    "clips_played_total": ("reason",),
    "consent_total": ("policy", "answer"),
    "dead_air_events_total": ("cause",),
    "dead_air_seconds": ("cause",),
    "event_loop_lag_seconds": (),
    "greeting_seconds": (),
    "identity_checks_total": ("method", "outcome"),
    "interruptions_total": (),
    "model_connect_seconds": ("model",),
    "model_errors_total": ("effect",),
    "model_first_audio_seconds": (),
    "model_reconnects_total": ("model",),
    "model_tokens_total": ("model", "direction", "kind"),
    "oldest_unpersisted_seconds": (),
    "record_entries_lost_total": (),
    "recording_backlog_bytes": (),
    "recordings_total": ("result",),
    "records_closed_lost_total": (),
    "records_pending": (),
    "redactions_total": ("kind",),
    "reprompts_total": ("kind",),
    "retention_deleted_total": ("class",),
    "tool_breaker_open": ("tool",),
    "tool_denied_total": ("tool", "reason"),
    "tool_duplicates_suppressed_total": ("tool",),
    "tool_duration_seconds": ("tool",),
    "tool_escalations_total": ("tool",),
    "tool_fillers_total": ("tool",),
    "tool_requests_total": ("tool",),
    "tool_retries_total": ("tool",),
    "tool_uses_total": ("tool", "outcome"),
    "tool_writes_settled_total": ("found",),
    "tool_writes_unsettled": (),
    "turn_first_sound_seconds": ("sound",),
    "turn_response_seconds": ("tool_used",),
    "turns_total": ("speaker",),
    "worker_draining": (),
    "worker_full_transitions_total": (),
    "worker_registered": (),
}


def count(report: Report, call: CallStarted | None = CALL) -> None:
    """Count a report on a worker that answers for acme."""
    Counting({"acme": ACME}).count(report, call)


def test_these_series_are_declared_with_these_labels() -> None:
    """Dashboards and alerts are built on their names; one that goes is missed here first."""
    found = {
        name.removeprefix("frontdesk_"): tuple(collector._labelnames)
        for collector, names in REGISTRY._collector_to_names.items()
        for name in [max(names, key=lambda name: (name.endswith("_total"), -len(name)))]
        if name.startswith("frontdesk_") and hasattr(collector, "_labelnames")
    }

    assert found == DECLARED


def test_ten_thousand_calls_make_no_more_series_than_ten() -> None:
    """A scrape stays what it is, and far below what one worker may have."""
    profiles = load_profiles(SHIPPED)

    def series() -> int:
        return sum(len(family.samples) for family in REGISTRY.collect())

    feed(profiles, range(FEW))
    after_few = series()
    feed(profiles, range(FEW, 100 * FEW))

    assert series() == after_few <= MOST_SERIES


def test_a_profile_that_this_worker_does_not_know_becomes_no_label() -> None:
    """Whatever a job says it answered as."""
    ended = CallEnded(outcome=CallOutcome.COMPLETED)
    before = value("frontdesk_calls_ended_total", profile=UNKNOWN, outcome="completed")
    for call in (None, CALL.model_copy(update={"profile": "+15550001111"})):
        count(ended, call)

    after = value("frontdesk_calls_ended_total", profile=UNKNOWN, outcome="completed")
    assert after == before + 2
    assert not [
        sample
        for family in REGISTRY.collect()
        for sample in family.samples
        if "+15550001111" in sample.labels.values()
    ]


def test_a_model_is_named_by_the_profile_of_the_call() -> None:
    """A job tells how long, not with whom."""
    before = value("frontdesk_model_connect_seconds_count", model="gpt-realtime")
    count(Timed(what="model_connect", seconds=0.1))

    assert value("frontdesk_model_connect_seconds_count", model="gpt-realtime") == before + 1


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [("text", 60), ("cached_text", 40), ("audio", 30), ("cached_audio", 20)],
)
def test_cached_tokens_are_counted_apart(kind: str, tokens: int) -> None:
    """They cost less; together they are what the provider counts as input."""
    of = {"model": "gpt-realtime", "direction": "input", "kind": kind}
    before = value("frontdesk_model_tokens_total", **of)
    count(Spent(input_text=100, input_cached_text=40, input_audio=50, input_cached_audio=20))

    assert value("frontdesk_model_tokens_total", **of) == before + tokens


def test_transcription_is_another_model() -> None:
    """Finance pays both."""
    of = {"model": "gpt-4o-mini-transcribe", "direction": "output", "kind": "text"}
    before = value("frontdesk_model_tokens_total", **of)
    count(Spent(by="transcription", output_text=7))

    assert value("frontdesk_model_tokens_total", **of) == before + 7


@pytest.mark.parametrize(
    ("outcome", "reason", "proof"),
    [
        ("ok", "", "verified"),
        ("refused", "no_match", "failed"),
        ("refused", "locked", "locked"),
        ("refused", "no_keys", "unfinished"),
        ("unavailable", "", "unfinished"),
    ],
)
def test_proofs_of_who_calls_are_counted_by_what_came_of_them(
    outcome: str, reason: str, proof: str
) -> None:
    """Guessing shows as failures, an office that is down does not."""
    of = {"method": "pin", "outcome": proof}
    before = value("frontdesk_identity_checks_total", **of)
    count(ToolUsed(tool="verify_by_pin", outcome=outcome, reason=reason, seconds=1.0))

    assert value("frontdesk_identity_checks_total", **of) == before + 1


def test_the_tools_that_prove_who_calls_exist() -> None:
    """One that is renamed would be counted no more."""
    assert set(catalogue(list(METHODS))) == set(METHODS)


def test_a_write_that_is_not_done_twice_is_counted() -> None:
    """Promise two, as a number."""
    before = value("frontdesk_tool_duplicates_suppressed_total", tool="cancel_order")
    count(ToolUsed(tool="cancel_order", outcome="duplicate", seconds=0.1))

    assert value("frontdesk_tool_duplicates_suppressed_total", tool="cancel_order") == before + 1


def test_several_at_once_are_one_report() -> None:
    """A turn with three numbers in it is no three messages."""
    before = value("frontdesk_redactions_total", kind="phone")
    count(Happened(what="redaction", why="phone", times=3))

    assert value("frontdesk_redactions_total", kind="phone") == before + 3


@pytest.mark.parametrize(
    ("what", "why"),
    [("dead_air", "bored"), ("reprompt", ""), ("turn", "clip"), ("model_error", "words of it")],
)
def test_a_reason_that_is_not_of_the_closed_set_does_not_travel(what: str, why: str) -> None:
    """A label can hold nothing that nobody has thought of."""
    with pytest.raises(ValidationError):
        Happened.model_validate({"what": what, "why": why})
