"""Argument forms that several areas share: digits however a model writes them, and places."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from tools.heard import words

STATES: Mapping[str, str] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
}
"""The United States by their two letters, as a person says them."""


def plain_digits(value: object) -> object:
    """Numbers and digits with spaces, dashes or "#" as bare digits; anything else unchanged."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return str(value)
    if isinstance(value, str) and len(value) <= 40:
        return "".join(char for char in value if char not in " -#,.")
    return value


def one_line(value: str) -> str:
    """Text without control characters."""
    if not value.isprintable():
        raise ValueError("write it on one line, in plain characters")
    return value


def sayable(value: str) -> str:
    """Text in which there is something that a read-back can be heard to name."""
    if not words(one_line(value)):
        raise ValueError("it has to hold letters or digits")
    return value


def one_segment(value: str) -> str:
    """Text that fills one place in a path, and leads nowhere else."""
    if value in ("", ".", "..") or not one_line(value):
        raise ValueError("it names nothing")
    return value


def _known_state(value: str) -> str:
    if value not in STATES:
        raise ValueError("there is no such state")
    return value


FiveDigits: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{5}$"), BeforeValidator(plain_digits)]
State: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_state)]
