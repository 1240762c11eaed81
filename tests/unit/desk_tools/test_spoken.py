"""Values as they are said aloud."""

from datetime import date

import pytest

from tools import spoken


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (8950, "89 dollars and 50 cents"),
        (100, "1 dollar"),
        (101, "1 dollar and 1 cent"),
        (5, "5 cents"),
        (0, "0 dollars"),
        (149900, "1499 dollars"),
    ],
)
def test_money_is_said_in_words(cents: int, said: str) -> None:
    """Cents become dollars and cents, in the right number."""
    assert spoken.money(cents) == said


@pytest.mark.parametrize(
    ("day", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (25, "25th")]
)
def test_days_have_their_ending(day: int, said: str) -> None:
    """Ordinals are said as people say them."""
    assert spoken.day(date(2026, 11, day)).endswith(f"November {said}")


def test_lists_and_digits_are_said() -> None:
    """Things are joined in one breath, numbers said digit by digit."""
    assert spoken.listing(["a lamp", "a lock", "a bag"]) == "a lamp, a lock and a bag"
    assert spoken.listing(["a lamp"]) == "a lamp"
    assert spoken.digits("4271") == "4 2 7 1"
