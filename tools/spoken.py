"""Values as a person says them on the phone, in English. Pure; called by business areas."""

from datetime import date


def digits(number: str) -> str:
    """Digit by digit: "4271" is "4 2 7 1"."""
    return " ".join(number)


def day(value: date) -> str:
    """Weekday, month and day: "Wednesday, November 25th"."""
    number = value.day
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{value:%A}, {value:%B} {number}{ending}"


def money(cents: int) -> str:
    """US money from integer cents: "89 dollars and 50 cents"."""
    dollars, rest = divmod(cents, 100)
    parts = []
    if dollars or not rest:
        parts.append(f"{dollars} dollar{'' if dollars == 1 else 's'}")
    if rest:
        parts.append(f"{rest} cent{'' if rest == 1 else 's'}")
    return " and ".join(parts)
