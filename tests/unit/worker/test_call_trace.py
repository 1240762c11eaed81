"""The span of a call: what it is told, where it stands, and that there is none without tracing."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from agent import call_trace
from agent.call_trace import Place, place, traced
from records import CallOutcome
from records.spans import record_write
from tests import observed

NOWHERE = Place("", "")


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was traced; OpenTelemetry's provider can be set only once, so its door is used."""
    with observed.traced() as (provider, exporter):
        monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
        yield exporter


def spans(out: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """What has ended, by name."""
    return {span.name: span for span in out.get_finished_spans()}


def test_a_call_tells_who_answered_and_how_it_ended(out: InMemorySpanExporter) -> None:
    """An operator finds calls by these."""
    with traced("c-1"):
        call_trace.tell_profile("acme")
        call_trace.tell_outcome(CallOutcome.FAILED)

    call = spans(out)["call"]
    assert dict(call.attributes or {}) == {
        "frontdesk.call": "c-1",
        "frontdesk.profile": "acme",
        "frontdesk.outcome": "failed",
    }
    assert call.status.status_code is StatusCode.ERROR


def test_a_call_that_was_served_is_no_error(out: InMemorySpanExporter) -> None:
    """Nor is one whose caller hung up."""
    with traced("c-1"):
        call_trace.tell_outcome(CallOutcome.ABANDONED)

    assert spans(out)["call"].status.status_code is StatusCode.UNSET


def test_the_answer_is_as_long_as_it_rang(out: InMemorySpanExporter) -> None:
    """It ends when it is told, and began before the call knew of it."""
    with traced("c-1"):
        call_trace.tell_answered(0.25)

    answer, call = spans(out)["answer"], spans(out)["call"]
    assert answer.start_time is not None
    assert answer.end_time is not None
    assert answer.end_time - answer.start_time == 250_000_000
    assert answer.parent == call.context


def test_the_place_of_a_call_is_known_while_it_lasts(out: InMemorySpanExporter) -> None:
    """For its record and for every line that is logged."""
    with traced("c-1"):
        known = place()

    context = spans(out)["call"].context
    assert known == (f"{context.trace_id:032x}", f"{context.span_id:016x}")
    assert place() == NOWHERE


def test_without_tracing_there_is_no_id() -> None:
    """And whoever tells something is told nothing."""
    with traced("c-1"):
        call_trace.tell_profile("acme")
        call_trace.tell_answered(1.0)
        call_trace.tell_resumed("1" * 32 + "-" + "2" * 16)
        assert place() == NOWHERE


def test_a_call_that_goes_on_leads_to_the_one_that_died(out: InMemorySpanExporter) -> None:
    """By what its job had told of itself."""
    with traced("dead"):
        before = str(place())
    with traced("next"):
        call_trace.tell_resumed(before)

    (link,) = out.get_finished_spans()[-1].links
    assert f"{link.context.trace_id:032x}-{link.context.span_id:016x}" == before


@pytest.mark.parametrize("known", [str(NOWHERE), "robin", "1" * 32])
def test_a_call_that_died_untraced_is_no_link(out: InMemorySpanExporter, known: str) -> None:
    """Nor is what nobody understands; it spoils nothing."""
    with traced("next"):
        call_trace.tell_resumed(known)

    call = spans(out)["call"]
    assert call.links == ()
    assert (call.attributes or {})["frontdesk.resumed"] is True


def test_writing_the_record_is_part_of_the_call(out: InMemorySpanExporter) -> None:
    """What was written and how much of it; an error leaves its type, and passes on."""
    with traced("c-1"), pytest.raises(OSError, match="Robin"), record_write("turn", entries=3):
        raise OSError("Robin's turn")

    write = spans(out)["record write"]
    assert dict(write.attributes or {}) == {
        "frontdesk.record": "turn",
        "frontdesk.entries": 3,
        "error.type": "OSError",
    }
    assert write.events == ()
    assert write.status.description is None
    assert write.parent == spans(out)["call"].context
