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


def test_numbers_are_said_digit_by_digit() -> None:
    """A model would read a thousand where an order has four digits."""
    assert spoken.digits("4271") == "4 2 7 1"
