"""Traces on disk: in a form that collectors read, bounded, and not for ever."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanContext, Tracer, format_span_id, format_trace_id

from agent import trace_files
from agent.trace_files import TraceFiles


def tracer(files: TraceFiles) -> Tracer:
    """Whose spans go into `files`."""
    provider = TracerProvider(resource=Resource({"service.name": "frontdesk"}))
    provider.add_span_processor(SimpleSpanProcessor(files))
    return provider.get_tracer("frontdesk.call")


def today() -> str:
    """The name of the day's folder."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def spans_in(file: Path) -> list[dict[str, Any]]:
    """Each span of a file."""
    exports = [json.loads(line) for line in file.read_text().splitlines()]
    return [export["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for export in exports]


def test_a_trace_is_a_file_as_otlp_has_it(tmp_path: Path) -> None:
    """Ids in hexadecimal, kinds as numbers, a line for each export."""
    source = tracer(TraceFiles(tmp_path, keep_days=7))
    with source.start_as_current_span("call") as call:
        source.start_span("answer").end()
    place: SpanContext = call.get_span_context()
    trace_id = format_trace_id(place.trace_id)

    answer, told = spans_in(tmp_path / today() / f"{trace_id}.jsonl")

    assert (answer["name"], told["name"]) == ("answer", "call")
    assert answer["traceId"] == told["traceId"] == trace_id
    assert answer["parentSpanId"] == told["spanId"] == format_span_id(place.span_id)
    assert told["kind"] == 1


def test_each_call_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Readable by nobody but the worker."""
    source = tracer(TraceFiles(tmp_path, keep_days=7))
    source.start_span("call").end()
    source.start_span("call").end()

    files = list((tmp_path / today()).iterdir())

    assert len(files) == 2
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct((tmp_path / today()).stat().st_mode & 0o777) == "0o700"


def test_a_new_day_removes_old_ones(tmp_path: Path) -> None:
    """And nothing that it has not made."""
    days = [f"{datetime.now(UTC) - timedelta(days=age):%Y-%m-%d}" for age in (3, 2, 1)]
    for name in (*days, "2020-99-99", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text("")
    tracer(TraceFiles(tmp_path, keep_days=2)).start_span("call").end()

    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*days[1:], "2020-99-99", "mine", today()}


def test_a_file_grows_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that never ends fills no disk."""
    monkeypatch.setattr(trace_files, "MOST_BYTES", 1000)
    source = tracer(TraceFiles(tmp_path, keep_days=7))
    with source.start_as_current_span("call"):
        for _ in range(20):
            source.start_span("answer").end()

    (file,) = (tmp_path / today()).iterdir()
    assert 0 < file.stat().st_size <= 1000
    assert {span["name"] for span in spans_in(file)} == {"answer"}


def test_a_disk_that_fails_is_told_to_nobody_but_the_exporter(tmp_path: Path) -> None:
    """No call hears of it."""
    (tmp_path / "file").write_text("")
    files = TraceFiles(tmp_path / "file" / "traces", keep_days=7)
    place = SpanContext(1, 2, is_remote=False)
    span = ReadableSpan("call", place, resource=Resource({}))

    assert files.export([span]) is SpanExportResult.FAILURE
