"""What a process logs and traces, for tests that look at all of it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.logs import bind_call, configure_logs


@contextmanager
def logged(level: str = "info", *, keep_pii: bool = False) -> Iterator[io.StringIO]:
    """The lines that are logged while the block runs, as a worker logs them."""
    root = logging.getLogger()
    before, was, stream = root.handlers[:], root.level, io.StringIO()
    configure_logs(level, keep_pii=keep_pii, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = before
        root.setLevel(was)
        bind_call(None)
        structlog.reset_defaults()


@contextmanager
def traced() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    """A provider and what is traced through it: OpenTelemetry's own can be set only once."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield provider, exporter
    finally:
        provider.shutdown()
