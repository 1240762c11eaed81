"""When an appointment may start: opening hours, closures and time zones to moments. Pure.

Hours are wall-clock times of the location. A moment is made in the location's zone and compared in
UTC, so days on which clocks change offer exactly the moments that exist. Called by `appointments`
and `seed`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class Hours:
    """Open on `weekday` (0 is Monday) from `opens` to `closes`, wall-clock."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Booking:
    """A resource is taken from `starts` (inclusive) to `ends` (exclusive); both aware."""

    starts: datetime
    ends: datetime


def day_slots(
    day: date,
    *,
    hours: Iterable[Hours],
    closed_on: Collection[date],
    zone: ZoneInfo,
    length: timedelta,
) -> list[datetime]:
    """Aware starts on `day`, in `zone`, at which something of `length` ends before closing."""
    if day in closed_on:
        return []
    found: list[datetime] = []
    for span in hours:
        if span.weekday == day.weekday():
            closes = datetime.combine(day, span.closes, zone).astimezone(UTC)
            found += [
                start
                for start in _wall_steps(day, span.opens, span.closes, zone)
                if start.astimezone(UTC) + length <= closes
            ]
    return sorted(found)


def is_free(start: datetime, length: timedelta, taken: Iterable[Booking]) -> bool:
    """Whether nothing in `taken` overlaps `length` from `start`."""
    begins = start.astimezone(UTC)
    ends = begins + length
    return all(ends <= b.starts or begins >= b.ends for b in taken)


def _wall_steps(day: date, opens: time, closes: time, zone: ZoneInfo) -> Iterator[datetime]:
    wall = datetime.combine(day, opens)
    while wall < datetime.combine(day, closes):
        start = wall.replace(tzinfo=zone)
        # A wall time that the clock skips does not survive the way through UTC.
        if start.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
            yield start
        wall += STEP
