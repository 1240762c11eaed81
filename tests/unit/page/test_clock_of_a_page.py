"""Times as the page of a call shows them."""

import pytest

from records.page.clock import clock_of, in_utc, label_of, machine
from tests.recorded_call import ANSWERED, cancelled_order


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "00:00.0"),
        (-0.04, "00:00.0"),
        (-2.14, "-00:02.1"),
        (59.96, "01:00.0"),
        (83.44, "01:23.4"),
        (3599.94, "59:59.9"),
        (3599.96, "1:00:00.0"),
        (5025.0, "1:23:45.0"),
    ],
)
def test_a_time_is_minutes_seconds_and_tenths(seconds: float, shown: str) -> None:
    """Rounded as a whole, so that no second has sixty; hours only where there are any."""
    assert label_of(seconds) == shown


def test_the_moment_itself_is_in_utc_and_rounded_not_cut() -> None:
    """Both forms of it say the same."""
    at = 1795636799.9996

    assert in_utc(at) == "2026-11-25 20:00:00.000 UTC"
    assert machine(at) == "2026-11-25T20:00:00.000Z"


def test_a_call_counts_from_its_answer() -> None:
    """What rang before is negative."""
    call = cancelled_order()

    clock = clock_of(call)

    assert clock.answered
    assert clock.label(call.started_at) == "-00:01.4"
    assert clock.since(ANSWERED + 2.5) == 2.5


def test_a_call_that_nobody_answered_counts_from_its_begin() -> None:
    """Then nothing is negative."""
    call = cancelled_order().model_copy(update={"answered_at": None})

    clock = clock_of(call)

    assert not clock.answered
    assert clock.since(call.started_at) == 0
