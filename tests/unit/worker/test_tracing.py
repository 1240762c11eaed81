"""Where a job's spans go, as settings have it."""

import io
import json
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agent import tracing
from agent.profile import Profile, Profiles
from agent.settings import Settings
from agent.tracing import Told, set_up_traces
from tests.observed import logged

PROFILES = Profiles([Profile(name="acme", model="gpt-realtime-mini", tools=("look_up_order",))])


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What was logged."""
    with logged() as stream:
        yield stream


def settings(**changes: object) -> Settings:
    """A worker's settings with `changes`."""
    known = {
        "livekit_url": "ws://127.0.0.1:1",
        "livekit_api_key": "key",
        "livekit_api_secret": "secret",
        "openai_api_key": "none",
    }
    return Settings.model_validate({**known, **changes})


def test_nothing_is_traced_unless_a_setting_of_ours_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Variables that were meant for other programs turn nothing on."""
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.setenv(name, "http://collector:4318")
    before = trace.get_tracer_provider()
    set_up_traces(settings(), PROFILES)

    assert trace.get_tracer_provider() is before


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("https://collector/", "https://collector/v1/traces"),
        ("https://traces.example.com/otlp/key", "https://traces.example.com/otlp/key"),
    ],
)
def test_a_receiver_is_named_by_its_address(url: str, endpoint: str) -> None:
    """As collectors are named everywhere, or by the whole path."""
    assert tracing._endpoint(url) == endpoint


def test_a_span_is_told_the_names_in_the_companys_files() -> None:
    """Lines, tools and models; the model's provider as livekit-agents calls it."""
    names = set(tracing._names(settings(agent_name="desk"), PROFILES.values()))

    assert names >= {"desk", "openai", "acme", "gpt-realtime-mini", "look_up_order"}


def test_a_password_in_the_models_address_is_no_name() -> None:
    """The host is."""
    names = set(tracing._names(settings(openai_base_url="http://me:pw@model:1/v1"), ()))

    assert names == {"frontdesk", "model:1"}


class Down(SpanExporter):
    """A receiver that takes nothing."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Refuse."""
        return SpanExportResult.FAILURE


def test_lost_spans_are_told_once(log: io.StringIO) -> None:
    """With where to look, and not at each export of a long call."""
    told = Told(Down())
    for _ in range(3):
        told.export([])

    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert line["level"] == "warning"
    assert "look after the receiver or the disk" in line["event"]
