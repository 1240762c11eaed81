"""When a company is open, and until when a promise holds."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tools.hours import OpeningHours

ZONE = ZoneInfo("America/Los_Angeles")
# Weekdays from nine to six, Saturdays from ten to four.
HOURS = OpeningHours({**dict.fromkeys(range(5), (time(9), time(18))), 5: (time(10), time(16))})
FOUR = timedelta(hours=4)


def at(day: int, clock: str) -> datetime:
    """A moment in November 2026, of which the 23rd is a Monday."""
    return datetime.combine(datetime(2026, 11, day), time.fromisoformat(clock), ZONE)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("now", "by"),
    [
        (at(23, "09:00"), at(23, "13:00")),
        (at(23, "09:10"), at(23, "13:30")),
        (at(23, "14:00"), at(23, "18:00")),
        (at(23, "16:00"), at(24, "11:00")),
        (at(23, "03:00"), at(23, "13:00")),
        (at(23, "22:00"), at(24, "13:00")),
        (at(27, "17:00"), at(28, "13:00")),
        (at(28, "15:30"), at(30, "12:30")),
        (at(29, "12:00"), at(30, "13:00")),
    ],
)
def test_a_promise_holds_until_so_much_opening_time_has_passed(now: datetime, by: datetime) -> None:
    """Over nights and Sundays, on the next half hour."""
    assert HOURS.after(now, FOUR) == by


@pytest.mark.parametrize(
    ("now", "are_open"),
    [
        (at(23, "08:59"), False),
        (at(23, "09:00"), True),
        (at(23, "17:59"), True),
        (at(23, "18:00"), False),
        (at(29, "12:00"), False),
    ],
)
def test_a_company_is_open_from_its_first_minute_to_before_its_last(
    now: datetime, are_open: bool
) -> None:
    """Whoever calls at closing time is too late."""
    assert HOURS.are_now(now) is are_open


def test_a_company_that_never_opens_promises_nothing() -> None:
    """A mistake of the profile, not a promise for the year after."""
    with pytest.raises(ValueError, match="opening_hours"):
        OpeningHours({}).after(at(23, "09:00"), FOUR)


def test_clocks_that_change_do_not_change_a_promise() -> None:
    """Clocks went back on November 1st; opening hours are wall-clock times."""
    saturday = datetime(2026, 10, 31, 15, 0, tzinfo=ZONE)

    assert HOURS.after(saturday, FOUR) == datetime(2026, 11, 2, 12, 0, tzinfo=ZONE)
