"""When an appointment may start, clock changes included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rehearsal.office.slots import Booking, Hours, day_slots, is_free

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
SUNDAY_NIGHT = [Hours(6, time(1, 0), time(4, 0))]


def starts(day: date, hours: list[Hours], length: timedelta = HOUR) -> list[datetime]:
    """Slots in New York without closures."""
    return day_slots(day, hours=hours, closed_on=(), zone=NEW_YORK, length=length)


def test_slots_end_before_closing() -> None:
    """The last slot is the one that still fits."""
    found = starts(date(2026, 11, 24), [Hours(1, time(9), time(11))])

    assert [f"{s:%H:%M}" for s in found] == ["09:00", "09:30", "10:00"]


def test_other_weekdays_and_closures_have_none() -> None:
    """Hours hold for their weekday only, and a closure ends them."""
    day, hours = date(2026, 11, 24), [Hours(1, time(9), time(11))]

    assert starts(day + timedelta(days=1), hours) == []
    assert day_slots(day, hours=hours, closed_on={day}, zone=NEW_YORK, length=HOUR) == []


def test_the_skipped_hour_offers_nothing() -> None:
    """In the night when clocks go forward, times that do not exist are not offered."""
    found = starts(date(2026, 3, 8), SUNDAY_NIGHT)

    assert [f"{s:%H:%M %z}" for s in found] == [
        "01:00 -0500",
        "01:30 -0500",
        "03:00 -0400",
    ]


def test_the_repeated_hour_is_long_enough() -> None:
    """In the night when clocks go back, lengths are true lengths."""
    found = starts(date(2026, 11, 1), SUNDAY_NIGHT, length=timedelta(hours=3))

    assert [f"{s:%H:%M %z}" for s in found] == ["01:00 -0400", "01:30 -0400"]


def test_bookings_block_what_they_overlap() -> None:
    """A slot is free if it ends when the booking begins, or begins when it ends."""
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    taken = [Booking(nine, nine + HOUR)]

    free = [is_free(nine + timedelta(minutes=m), HOUR, taken) for m in (-60, -30, 0, 30, 60)]
    assert free == [True, False, False, False, True]
