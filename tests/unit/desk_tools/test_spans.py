"""One span for each use of a tool, its requests as events, and nobody's data in either."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.observed import traced
from tests.unit.desk_tools.desk import Desk
from tests.unit.desk_tools.fake_office import cut, lost_after


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was traced; OpenTelemetry's provider can be set only once, so its door is used."""
    with traced() as (provider, exporter):
        monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
        yield exporter


def last(spans: InMemorySpanExporter) -> ReadableSpan:
    """The span of the latest use."""
    return spans.get_finished_spans()[-1]


def results(span: ReadableSpan) -> list[tuple[str, object]]:
    """The requests of a use, and what became of each."""
    return [(event.name, (event.attributes or {})["frontdesk.result"]) for event in span.events]


async def test_a_use_is_one_span_with_its_tries(desk: Desk, spans: InMemorySpanExporter) -> None:
    """A lost request and the one that repeated it are events of one use."""
    await desk.verify()
    desk.office.troubles.append(("/orders/4271", cut))
    await desk.use("look_up_order", order="4271")

    assert dict(last(spans).attributes or {}) == {
        "frontdesk.tool": "look_up_order",
        "frontdesk.outcome": "ok",
        "frontdesk.reason": "",
        "frontdesk.tries": 2,
    }
    assert results(last(spans)) == [("try", "office_cut_off"), ("try", "answered")]
    assert desk.uses[-1].retries == 1


async def test_finding_out_about_a_write_is_told_apart(
    desk: Desk, spans: InMemorySpanExporter
) -> None:
    """A dashboard does not count the question for a second write."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles.append(("/orders/4302/cancel", lost_after(desk.office)))
    await desk.use("cancel_order", order="4302")

    assert results(last(spans)) == [
        ("try", "answered"),
        ("try", "office_cut_off"),
        ("settle", "answered"),
    ]


async def test_no_span_holds_what_was_said(desk: Desk, spans: InMemorySpanExporter) -> None:
    """Neither names nor arguments of whoever made them up."""
    await desk.use("steal_4302", order="4302")
    await desk.use("look_up_order", order="4302; drop")

    told = [span.to_json() for span in spans.get_finished_spans()]
    assert len(told) == 2
    assert not any("4302" in span for span in told)
