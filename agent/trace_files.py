"""Traces on this machine's disk: a file for each call, in a folder for each day.

For a developer's machine and the rehearsal, where no collector runs. Each line is one OTLP export
in JSON, as OpenTelemetry's file exporters write it and collectors read it. Written by the exporter
thread of a job (`agent.tracing`); days that are over are removed when a new one begins.
"""

import base64
import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import format_trace_id

MOST_BYTES = 8 * 1024 * 1024
"""A file is not written on beyond this; an hour of talk makes about 2 MB."""
_DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_BYTES = frozenset({"traceId", "spanId", "parentSpanId"})


class TraceFiles(SpanExporter):
    """Appends spans to `<folder>/<UTC day>/<trace id>.jsonl`, for its owner's eyes only.

    A full or broken disk fails the export, which nobody waits for, and nothing else.
    """

    def __init__(self, folder: Path, *, keep_days: int) -> None:
        self._folder, self._keep = folder, timedelta(days=keep_days)
        # A call that goes on past midnight stays in one file.
        self._files: dict[int, Path] = {}

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write one line for each trace among `spans`."""
        try:
            written = [
                self._write(trace_id, list(of_one))
                for trace_id, of_one in groupby(sorted(spans, key=_trace), key=_trace)
            ]
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS if all(written) else SpanExportResult.FAILURE

    def _write(self, trace_id: int, spans: list[ReadableSpan]) -> bool:
        line = (json.dumps(_otlp(spans), separators=(",", ":")) + "\n").encode()
        file = os.open(self._file(trace_id), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.fstat(file).st_size + len(line) > MOST_BYTES:
                return False
            # In the kernel when this returns: a process that is killed takes nothing along.
            return os.write(file, line) == len(line)
        finally:
            os.close(file)

    def _file(self, trace_id: int) -> Path:
        if trace_id not in self._files:
            day = self._folder / f"{datetime.now(UTC):%Y-%m-%d}"
            self._begin(day)
            self._files[trace_id] = day / f"{format_trace_id(trace_id)}.jsonl"
        return self._files[trace_id]

    def _begin(self, day: Path) -> None:
        try:
            day.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            return
        # Whichever job makes the day's folder removes the old ones.
        oldest = datetime.now(UTC).date() - self._keep
        for other in self._folder.iterdir():
            if _DAY.fullmatch(other.name) and date.fromisoformat(other.name) < oldest:
                shutil.rmtree(other, ignore_errors=True)


def _trace(span: ReadableSpan) -> int:
    return span.context.trace_id if span.context else 0


def _otlp(spans: list[ReadableSpan]) -> dict[str, Any]:
    """An export as OTLP has it in JSON: ids in hexadecimal, and not in protobuf's base64."""
    exported = MessageToDict(encode_spans(spans), use_integers_for_enums=True)
    for of_resource in exported["resourceSpans"]:
        for of_scope in of_resource["scopeSpans"]:
            for span in of_scope["spans"]:
                _in_hexadecimal(span)
                for link in span.get("links", ()):
                    _in_hexadecimal(link)
    return exported


def _in_hexadecimal(place: dict[str, Any]) -> None:
    for name in _BYTES & place.keys():
        place[name] = base64.b64decode(place[name]).hex()
