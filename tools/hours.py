"""When the company is open, and until when a promise holds that is made now. Pure.

Hours are wall-clock times of the company's zone, as its profile has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

HALF_HOUR = timedelta(minutes=30)
# A company that is closed for longer promises nothing by itself.
DAYS_AHEAD = 14


def _office_days() -> Mapping[int, tuple[time, time]]:
    return dict.fromkeys(range(5), (time(9), time(18)))


@dataclass(frozen=True)
class OpeningHours:
    """From when to when each weekday (0 is Monday); days that are left out are closed."""

    days: Mapping[int, tuple[time, time]] = field(default_factory=_office_days)

    def are_now(self, now: datetime) -> bool:
        """Whether the company is open at `now`, which is aware of the company's zone."""
        opens, closes = self.days.get(now.weekday(), (time.min, time.min))
        return opens <= now.time() < closes

    def after(self, now: datetime, opening: timedelta) -> datetime:
        """When the company will have been open for `opening`, on the next half hour."""
        left = opening
        for ahead in range(DAYS_AHEAD):
            begins, ends = self._span(now.date() + timedelta(days=ahead), now)
            if ends - begins >= left:
                return _half_hour_after(begins + left)
            left -= max(ends - begins, timedelta())
        raise ValueError("the profile's opening_hours leave no day open")

    def _span(self, day: date, now: datetime) -> tuple[datetime, datetime]:
        """What is left of a day's opening."""
        opens, closes = self.days.get(day.weekday(), (time.min, time.min))
        begins = datetime.combine(day, opens, now.tzinfo)
        return max(begins, now), datetime.combine(day, closes, now.tzinfo)


def _half_hour_after(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    while whole < at:
        whole += HALF_HOUR
    return whole
