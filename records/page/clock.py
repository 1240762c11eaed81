"""The times of one call as its page shows them: since the answer, and in UTC beside it.

Used by everything else that makes the page. A call that nobody answered counts from its beginning.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from records.view import CallView


@dataclass(frozen=True)
class CallClock:
    """Turns seconds since 1970 into what people read. `zero` is the answer."""

    zero: float
    answered: bool

    def since(self, at: float) -> float:
        """Seconds since the answer, negative while it rang; to a thousandth."""
        return round(at - self.zero, 3)

    def label(self, at: float) -> str:
        """`01:23.4` since the answer; `-00:02.1` while it rang, `1:01:23.4` after an hour."""
        return label_of(self.since(at))


def clock_of(call: CallView) -> CallClock:
    """The clock that a call's page is written by."""
    answered = call.answered_at is not None
    return CallClock(call.started_at if call.answered_at is None else call.answered_at, answered)


def label_of(seconds: float) -> str:
    """A time since the answer, or a duration, as `mm:ss.s`."""
    tenths = round(abs(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if seconds < 0 and tenths else ""
    shown = f"{minutes:02}:{rest // 10:02}.{rest % 10}"
    return f"{sign}{hours}:{shown}" if hours else f"{sign}{shown}"


def in_utc(at: float) -> str:
    """`2026-11-25 19:56:40.300 UTC`."""
    return f"{_moment(at):%Y-%m-%d %H:%M:%S}.{_milliseconds(at):03} UTC"


def machine(at: float) -> str:
    """The same moment for programs, ISO 8601."""
    return f"{_moment(at):%Y-%m-%dT%H:%M:%S}.{_milliseconds(at):03}Z"


def _moment(at: float) -> datetime:
    # Whole thousandths first: a datetime would cut them off instead of rounding.
    return datetime.fromtimestamp(round(at * 1000) // 1000, UTC)


def _milliseconds(at: float) -> int:
    return round(at * 1000) % 1000
