"""Days are the company's: a caller at its desk in the evening has not reached tomorrow."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.unit.desk_tools.desk import opened
from tools import CallFacts

# Order 4271 is expected on November 25th.
EVENING_OF_THE_25TH = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Los_Angeles", date(2026, 11, 25)),
        ("UTC", date(2026, 11, 26)),
        ("Asia/Tokyo", date(2026, 11, 26)),
    ],
)
def test_today_is_the_companys_day(zone: str, day: date) -> None:
    """One moment, and the day it is where the company is."""
    facts = CallFacts("call-1", None, "en", EVENING_OF_THE_25TH, zone)

    assert facts.today == day


def test_the_day_ends_at_the_companys_midnight() -> None:
    """Also where the clocks are not those of the worker's machine."""
    midnight = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    calls = [
        CallFacts("call-1", None, "en", at, "America/Los_Angeles")
        for at in (midnight - timedelta(seconds=1), midnight)
    ]

    assert [call.today.day for call in calls] == [25, 26]


async def test_an_order_due_today_is_not_late_yet() -> None:
    """In the evening in Los Angeles it is tomorrow in UTC already."""
    async with opened(at=EVENING_OF_THE_25TH, zone="America/Los_Angeles") as desk:
        told = await desk.use("look_up_order", order="4271")

    assert "should arrive on Wednesday, November 25th" in told["say"]


async def test_an_order_due_yesterday_is_late() -> None:
    """In Tokyo the same moment is the day after."""
    async with opened(at=EVENING_OF_THE_25TH, zone="Asia/Tokyo") as desk:
        told = await desk.use("look_up_order", order="4271")

    assert told["say"].startswith("Order 4 2 7 1 is late.")
