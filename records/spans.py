"""Spans of writing a record: what a call waited for its own book-keeping.

Opened by whatever writes into a record's database; without tracing it does nothing. A span hangs
below the call if its task was started by the call.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import StatusCode


@contextmanager
def record_write(what: str, *, entries: int = 1) -> Iterator[None]:
    """A span `record write` around one write of `entries` entries.

    `what` is a code out of source text such as `turn` or `batch`, never anybody's data. An error
    marks the span, passes on, and leaves its type there and not its words.
    """
    with trace.get_tracer("frontdesk.records").start_as_current_span(
        "record write",
        attributes={"frontdesk.record": what, "frontdesk.entries": entries},
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", type(error).__name__)
            raise
