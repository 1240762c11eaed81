"""Sets up OpenTelemetry in a job: where its spans go, what they may hold, how long it waits.

Called once by `agent.worker.prewarm`, before there is a call; without a setting it does nothing and
spans cost nothing. Spans leave by threads of their own: a receiver that is away or hangs costs a
call nothing, and a job that ends gives what is left FLUSH_TIMEOUT_S, after its line is closed.
"""

import logging
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from importlib.metadata import version
from multiprocessing.util import Finalize
from urllib.parse import urlsplit

import structlog
from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from agent.profile import Profile
from agent.settings import Settings
from agent.spans import spared
from agent.trace_files import TraceFiles

FLUSH_TIMEOUT_S = 2.0
"""How long a job that is over waits for its last spans to leave; its caller has gone by then."""
EXPORT_TIMEOUT_S = 5.0
"""How long one export may take, its repetitions included; what it held is dropped then."""
EXPORT_EVERY_S = 1.0
"""A job that is killed loses the spans of this time, and those that had not ended."""
# What waits while a receiver is slow: the turns of some twenty minutes. The oldest are dropped.
_MOST_WAITING = 4096
_AT_ONCE = 512

log = structlog.get_logger(__name__)


def set_up_traces(settings: Settings, profiles: Mapping[str, Profile]) -> None:
    """Trace what this process does from now on, if a setting says where to."""
    exporters = list(_exporters(settings))
    if not exporters:
        return
    if not settings.traces_pii:
        names = frozenset(_names(settings, profiles.values()))
        exporters = [Sparing(exporter, names) for exporter in exporters]
    # Not at exit by itself: it would wait for half a minute, and jobs end without `atexit`.
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(
            BatchSpanProcessor(
                Told(exporter),
                max_queue_size=_MOST_WAITING,
                max_export_batch_size=_AT_ONCE,
                schedule_delay_millis=EXPORT_EVERY_S * 1000,
            )
        )
    trace.set_tracer_provider(provider)
    telemetry.set_tracer_provider(provider, allow_pii=settings.traces_pii)
    Finalize(None, flush, args=(provider,), exitpriority=0)


def flush(provider: TracerProvider) -> None:
    """Let the last spans leave, for FLUSH_TIMEOUT_S at most; none can be made afterwards."""
    # The SDK's own timeouts are longer, or not kept.
    last = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
    last.start()
    last.join(FLUSH_TIMEOUT_S)
    if last.is_alive():
        log.warning("the last spans of a trace did not leave in time; they are lost")


class Sparing(SpanExporter):
    """Hands spans on without what might be anybody's (`agent.spans`)."""

    def __init__(self, inner: SpanExporter, names: Set[str]) -> None:
        self._inner, self._names = inner, names

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export what is left of `spans`."""
        return self._inner.export([spared(span, self._names) for span in spans])

    def shutdown(self) -> None:
        """End the exporter behind it."""
        self._inner.shutdown()


class Told(SpanExporter):
    """Logs once that exports fail, for as long as the process lives."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner, self._failed = inner, False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export `spans`, which are lost if that fails."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS and not self._failed:
            self._failed = True
            log.warning(
                "spans do not leave this job and are lost: look after the receiver or the disk "
                "that the settings of traces name"
            )
        return result

    def shutdown(self) -> None:
        """End the exporter behind it."""
        self._inner.shutdown()


def _exporters(settings: Settings) -> Iterator[SpanExporter]:
    if settings.traces_otlp_url is not None:
        # Told once by `Told`; the library tells of each export, in words of the receiver.
        logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)
        yield OTLPSpanExporter(
            endpoint=_endpoint(settings.traces_otlp_url),
            headers=dict(_headers(settings.traces_otlp_headers.get_secret_value())),
            timeout=EXPORT_TIMEOUT_S,
        )
    if settings.traces_dir is not None:
        yield TraceFiles(settings.traces_dir.resolve(), keep_days=settings.traces_keep_days)


def _headers(written: str) -> Iterator[tuple[str, str]]:
    for header in filter(None, written.split(",")):
        name, _, value = header.partition("=")
        yield name, value


def _endpoint(url: str) -> str:
    """Collectors are named by host and port; the path is the protocol's."""
    address = urlsplit(url)
    return address._replace(path="/v1/traces").geturl() if address.path in ("", "/") else url


def _resource() -> Resource:
    # Made without the SDK's detectors: a command line or an environment could hold anything.
    return Resource(
        {
            "service.name": "frontdesk",
            "service.version": version("frontdesk"),
            "host.name": socket.gethostname(),
        }
    )


def _names(settings: Settings, profiles: Iterable[Profile]) -> Iterator[str]:
    """What a span may be told of by name: all of it is in the company's own files."""
    yield settings.agent_name
    # As livekit-agents names the provider.
    host = urlsplit(settings.openai_base_url).netloc.rpartition("@")[2]
    yield telemetry.trace_types.gen_ai_provider_name(host) or host
    for profile in profiles:
        yield from (profile.name, profile.model, *profile.offered)
