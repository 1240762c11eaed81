"""Values as a person says them on the phone, in English. Pure; called by business areas."""

from collections.abc import Sequence
from datetime import date, time


def digits(number: str) -> str:
    """Digit by digit: "4271" is "4 2 7 1"."""
    return " ".join(number)


def day(value: date) -> str:
    """Weekday, month and day: "Wednesday, November 25th"."""
    number = value.day
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{value:%A}, {value:%B} {number}{ending}"


def clock(value: time) -> str:
    """The time of day: "9 30 in the morning", "noon", "2 in the afternoon"."""
    if (value.hour, value.minute) == (12, 0):
        return "noon"
    part = "morning" if value.hour < 12 else "afternoon" if value.hour < 18 else "evening"
    minutes = f" {value.minute:02}" if value.minute else ""
    return f"{value.hour % 12 or 12}{minutes} in the {part}"


def listed(values: Sequence[str]) -> str:
    """One after the other: "9 in the morning, noon and 2 in the afternoon"."""
    *first, last = values
    return f"{', '.join(first)} and {last}" if first else last


def money(cents: int) -> str:
    """US money from integer cents: "89 dollars and 50 cents"."""
    dollars, rest = divmod(cents, 100)
    parts = []
    if dollars or not rest:
        parts.append(f"{dollars} dollar{'' if dollars == 1 else 's'}")
    if rest:
        parts.append(f"{rest} cent{'' if rest == 1 else 's'}")
    return " and ".join(parts)
