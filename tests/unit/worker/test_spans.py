"""What of a span leaves a job, and what does not."""

import ast
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    TraceState,
)
from opentelemetry.util.types import AttributeValue

from agent import spans
from agent.spans import SPANS, UNNAMED
from agent.tracing import Sparing

NAMES = frozenset({"acme", "gpt-realtime", "look_up_order"})
LISTED = sorted(
    spans._FIGURES | spans._WORDS.keys() | spans._NAMED | spans._IDS | spans._CODED | spans._TYPED
)
# Whose values come out of source text: there, a word is told from a code by nobody.
OUT_OF_SOURCE = spans._CODED | spans._TYPED
FOREIGN = (
    "lk.sip.fromUser",
    "lk.sip.phoneNumber",
    "lk.pii.participant_identity",
    "lk.pii.user_transcript",
    "lk.participant_identity",
    "gen_ai.tool.call.arguments",
    "gen_ai.input.messages",
    "exception.message",
    "exception.stacktrace",
    "frontdesk.something_new",
    "http.url",
)
OPENING = ("start_span", "start_as_current_span", "detached_span", "session_span")


class Traced:
    """A provider whose spans come out as a receiver would get them."""

    def __init__(self) -> None:
        self.out = InMemorySpanExporter()
        provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(Sparing(self.out, NAMES)))
        self.tracer = provider.get_tracer("livekit-agents")
        self.foreign = provider.get_tracer("+15550001111")

    def one(self, attributes: Mapping[str, AttributeValue]) -> ReadableSpan:
        """What is left of a span with `attributes`."""
        self.tracer.start_span("agent_turn", attributes=attributes).end()
        return self.out.get_finished_spans()[-1]

    def told(self) -> str:
        """All that came out."""
        return " ".join(map(_all_of, self.out.get_finished_spans()))


def _all_of(span: ReadableSpan) -> str:
    assert span.instrumentation_scope is not None
    scope = span.instrumentation_scope
    parts: list[object] = [
        span.name,
        dict(span.attributes or {}),
        span.status.description,
        scope.to_json(),
    ]
    parts += [(event.name, dict(event.attributes or {})) for event in span.events]
    parts += [(link.context, dict(link.attributes or {})) for link in span.links]
    return repr([*parts, span.context, span.parent, span.resource.to_json()])


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Numbers of telephones and cards as switches, people and libraries write them."""
    digits = draw(st.text("0123456789", min_size=8, max_size=16).filter(lambda d: d[0] != "0"))
    cut = draw(st.integers(2, 5))
    spelled = [digits, f"+{digits}", f"sip_+{digits}", f"sip:{digits}@10.0.0.1", f"call-{digits}_x"]
    spelled += [f"call_{digits}", f"RM_{digits}", f"speech_{digits}_1"]
    between = draw(st.sampled_from([" ", "-", ".", "/"]))
    return draw(st.sampled_from([*spelled, f"+{digits[:cut]}{between}{digits[cut:]}"]))


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
WORDS = st.lists(LETTERS, min_size=2, max_size=6).map(" ".join)
ADDRESSES = st.builds("{}.{}@{}.example".format, LETTERS, LETTERS, LETTERS)
# One word of a caller, which no closed set holds.
NAME = LETTERS.map(lambda word: f"Q{word}".title())
PLANTED = st.one_of(numbers(), WORDS, ADDRESSES, NAME)


def plant(traced: Traced, key: str, value: str) -> None:
    """Put `value` wherever something can be put in a span."""
    try:
        whole = int(value.lstrip("+"))
    except ValueError:
        whole = 15550001111
    many: Sequence[str] = [value, "speaking", value]
    figure = whole if abs(whole) < 2**63 else 2**62
    everywhere: list[dict[str, AttributeValue]] = [{key: value}, {key: many}, {key: figure}]
    everywhere += [{key: {value: value}}, {value: "speaking", f"lk.{value}": 1}]
    for attributes in everywhere:
        traced.one(attributes)
    traced.tracer.start_span(value).end()
    traced.foreign.start_span("agent_turn").end()
    state = TraceState([("vendor", value.encode().hex()[:200])])
    place = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    parent = trace.set_span_in_context(NonRecordingSpan(place))
    span = traced.tracer.start_span("call", parent, links=[Link(place, {key: value})])
    span.add_event(value, {key: value})
    span.add_event("try", {key: value, "frontdesk.result": "answered"})
    span.record_exception(ValueError(value), attributes={key: value})
    span.set_status(StatusCode.ERROR, value)
    span.end()


@pytest.mark.parametrize("round_", range(4))
def test_nothing_that_is_planted_comes_out(round_: int) -> None:
    """Neither numbers, addresses nor words; 1,200 of them, each in some fifteen places."""
    planted: list[str] = []
    keys = [*LISTED, *FOREIGN]

    @settings(max_examples=300, deadline=None, database=None, derandomize=round_ == 0)
    @given(PLANTED, st.sampled_from(keys))
    def plants(value: str, key: str) -> None:
        if key in OUT_OF_SOURCE and value.isalpha():
            return
        planted.append(value)
        traced = Traced()
        plant(traced, key, value)
        told = traced.told()
        digits = "".join(char for char in value if char.isdigit())
        assert value not in told
        assert len(digits) < 8 or digits not in told
        assert value.encode().hex()[:200] not in told

    plants()
    assert len(planted) >= 250


def test_what_an_operator_needs_comes_out() -> None:
    """States, codes, ids of machines, figures, and names of the company's own."""
    kept: dict[str, AttributeValue] = {
        "frontdesk.call": "20261125T200829-a3e4a891",
        "frontdesk.outcome": "completed",
        "frontdesk.reason": "office_unreachable",
        "frontdesk.profile": "acme",
        "error.type": "APIStatusError",
        "gen_ai.request.model": "gpt-realtime",
        "gen_ai.response.id": "resp_af107031a1f26ac7",
        "gen_ai.usage.input_tokens": 3501,
        "lk.e2e_latency": 0.5863959789276123,
        "lk.interrupted": True,
        "lk.room_sid": "RM_BXusQrxe7J93",
        "lk.speech_id": "speech_d155c5146017_2",
        "lk.speech.queue_wait": 7.1e-05,
        "lk.connection_state": "CONN_RECONNECTING",
    }

    assert dict(Traced().one(kept).attributes or {}) == kept


def test_names_are_those_of_the_companys_files() -> None:
    """A model can invent the name of a tool, and put anything into it."""
    left = Traced().one({"gen_ai.tool.name": "call_robin_ellis", "frontdesk.tool": "look_up_order"})

    assert dict(left.attributes or {}) == {"frontdesk.tool": "look_up_order"}


def test_an_error_is_told_by_its_type() -> None:
    """What it says may be what the caller said."""
    traced = Traced()
    span = traced.tracer.start_span("call")
    span.record_exception(KeyError("Robin Ellis"))
    span.set_status(StatusCode.ERROR, "Robin Ellis")
    span.end()
    (left,) = traced.out.get_finished_spans()

    assert [dict(event.attributes or {}) for event in left.events] == [
        {"exception.type": "KeyError"}
    ]
    assert (left.status.status_code, left.status.description) == (StatusCode.ERROR, None)


def test_a_strangers_span_has_no_name() -> None:
    """Its place and its time are kept."""
    traced = Traced()
    traced.foreign.start_span("GET /customers/robin").end()
    (left,) = traced.out.get_finished_spans()

    assert left.name == UNNAMED
    assert left.instrumentation_scope is not None
    assert left.instrumentation_scope.name == UNNAMED
    assert left.context.is_valid


def test_spans_of_the_library_keep_their_names() -> None:
    """Those that this version opens in a call; a new version may have new ones to look at."""
    found = importlib.util.find_spec("livekit.agents")
    assert found is not None
    assert found.origin is not None
    root = Path(found.origin).parent
    opened = {name for part in ("voice", "ipc") for name in _opened(root / part)}
    opened |= _opened(root / "job.py")

    assert len(opened) > 20
    # Judges are none of a call's.
    assert opened - SPANS == {"judge_evaluation"}


def _opened(place: Path) -> set[str]:
    files = [place] if place.is_file() else place.rglob("*.py")
    calls = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    ]
    return {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in OPENING and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }
