"""The trace of the call that this process holds: its span, its id, and what is known of the call.

One trace for each call: livekit-agents begins it with `job_entrypoint` when the job is offered, the
span `call` in it is ours, and everything that happens in the call hangs below. The worker opens it
(`agent.worker`), the call tells it what becomes known (`agent.call`). Without tracing all of this
does nothing, and there is no id.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, Span, SpanContext, StatusCode, TraceFlags

from records.outcome import CallOutcome

_SCOPE = "frontdesk.call"
_PLACE = re.compile(r"([0-9a-f]{32})-([0-9a-f]{16})")

# A process holds one call at most, and rtc calls back from contexts of its own.
_process: dict[str, Span] = {}


class Place(NamedTuple):
    """Where a call's span stands, in hexadecimal; "" and "" without tracing."""

    trace_id: str
    span_id: str

    def __str__(self) -> str:
        """As another process is told of it; "" without tracing."""
        return "-".join(filter(None, self))


@contextmanager
def traced(call_id: str, name: str = "call") -> Iterator[None]:
    """A span for all that the block does; `name` is `call`, or `apology` for a rescuing job."""
    with trace.get_tracer(_SCOPE).start_as_current_span(
        name,
        attributes={"frontdesk.call": call_id},
        # An error's words may hold the caller's.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        _process["call"] = span
        try:
            yield
        finally:
            del _process["call"]


def place() -> Place:
    """Where the span of this process's call stands: for its record and its logs."""
    context = _span().get_span_context()
    if not context.is_valid:
        return Place("", "")
    return Place(trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id))


def tell_profile(profile: str) -> None:
    """Who answers the call."""
    _span().set_attribute("frontdesk.profile", profile)


def tell_outcome(outcome: CallOutcome) -> None:
    """How the call ended; one that failed is found as an error."""
    _span().set_attribute("frontdesk.outcome", outcome.value)
    if outcome is CallOutcome.FAILED:
        _span().set_status(StatusCode.ERROR)


def tell_answered(after_s: float) -> None:
    """A span `answer` over the last `after_s` seconds, in which the caller heard it ring."""
    now = time.time_ns()
    trace.get_tracer(_SCOPE).start_span(
        "answer",
        context=trace.set_span_in_context(_span()),
        start_time=now - round(after_s * 1e9),
    ).end(now)


def tell_resumed(before: str) -> None:
    """Link the trace of the call that this one goes on with; `before` is the text of its place."""
    _span().set_attribute("frontdesk.resumed", value=True)
    if known := _PLACE.fullmatch(before):
        trace_id, span_id = (int(number, 16) for number in known.groups())
        sampled = TraceFlags(TraceFlags.SAMPLED)
        _span().add_link(SpanContext(trace_id, span_id, is_remote=True, trace_flags=sampled))


def _span() -> Span:
    return _process.get("call", INVALID_SPAN)
