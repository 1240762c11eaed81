"""Where a number was issued, and that the committed tables say what their sources say."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from records.consent import UNKNOWN, jurisdiction_of
from records.consent.places import area_codes

ELSEWHERE = {"+1555": "US-OR", "+15557": "US-NY", "+1415": "US-NY"}


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+14155550100", "US-CA"),
        ("+12125550100", "US-NY"),
        ("+16045550100", "CA"),
        ("+17875550100", "PR"),
        ("+12425550100", "BS"),
        ("+4930123456", "DE"),
        ("+442079460000", "GB"),
        ("+41446681800", "CH"),
        (None, UNKNOWN),
        ("+15550001111", UNKNOWN),
        ("+18005550100", UNKNOWN),
        ("+15005550100", UNKNOWN),
        ("+1415555", UNKNOWN),
        ("+80012345678", UNKNOWN),
        ("+999123456", UNKNOWN),
        ("+490000", UNKNOWN),
    ],
)
def test_a_number_says_where_it_was_issued(number: str | None, place: str) -> None:
    """Withheld, toll-free, personal, cut short and made-up ones say nothing."""
    assert jurisdiction_of(number) == place


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+15550001111", "US-OR"),
        ("+15557001111", "US-NY"),
        ("+14155550100", "US-CA"),
        ("+18005550100", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_a_company_may_know_numbers_that_no_plan_knows(number: str | None, place: str) -> None:
    """The longest beginning counts, and what the plan says is not overruled."""
    assert jurisdiction_of(number, ELSEWHERE) == place


@given(st.text(max_size=20) | st.from_regex(r"\+[0-9]{1,18}", fullmatch=True))
def test_no_number_is_too_strange(number: str) -> None:
    """Carriers send anything; it is a place or none."""
    assert re.fullmatch(r"[A-Z]{2}(-[A-Z]{2})?|unknown", jurisdiction_of(number))


def test_no_area_code_is_in_two_places() -> None:
    """The table would say what was read last."""
    codes = [code for place in area_codes().areas.values() for code in place]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("place", area_codes().areas)
def test_area_codes_are_where_libphonenumber_has_them(place: str) -> None:
    """Its metadata knows the country of each, its geodata the state or towns in it."""
    country, _, state = place.partition("-")
    for code in area_codes().areas[place]:
        number = phonenumbers.parse(f"+1{code}2345678")
        assert phonenumbers.region_code_for_number(number) == country
        assert not state or _states(code) == {state}


# libphonenumber has one town of a neighbour under this code.
BORDER = {201: {"NY"}}


def _states(code: int) -> set[str]:
    """States that libphonenumber names under an area code."""
    names = _names()[f"1{code}"]
    towns = {found[1] for name in names if (found := re.search(r", ([A-Z]{2})$", name))}
    whole = {STATES[name] for name in names if name in STATES}
    return (towns | whole) - BORDER.get(code, set())


@cache
def _names() -> Mapping[str, list[str]]:
    """English names by country and area code."""
    found: dict[str, list[str]] = defaultdict(list)
    for prefix, data in GEOCODE_DATA.items():
        found[prefix[:4]].append(data.get("en", ""))
    return found


STATES = {
    "Alabama": "AL",
    "Alaska": "AK",
    "Arizona": "AZ",
    "Arkansas": "AR",
    "California": "CA",
    "Colorado": "CO",
    "Connecticut": "CT",
    "Delaware": "DE",
    "Florida": "FL",
    "Georgia": "GA",
    "Hawaii": "HI",
    "Idaho": "ID",
    "Illinois": "IL",
    "Indiana": "IN",
    "Iowa": "IA",
    "Kansas": "KS",
    "Kentucky": "KY",
    "Louisiana": "LA",
    "Maine": "ME",
    "Maryland": "MD",
    "Massachusetts": "MA",
    "Michigan": "MI",
    "Minnesota": "MN",
    "Mississippi": "MS",
    "Missouri": "MO",
    "Montana": "MT",
    "Nebraska": "NE",
    "Nevada": "NV",
    "New Hampshire": "NH",
    "New Jersey": "NJ",
    "New Mexico": "NM",
    "New York": "NY",
    "North Carolina": "NC",
    "North Dakota": "ND",
    "Ohio": "OH",
    "Oklahoma": "OK",
    "Oregon": "OR",
    "Pennsylvania": "PA",
    "Rhode Island": "RI",
    "South Carolina": "SC",
    "South Dakota": "SD",
    "Tennessee": "TN",
    "Texas": "TX",
    "Utah": "UT",
    "Vermont": "VT",
    "Virginia": "VA",
    "Washington State": "WA",
    "Washington D.C.": "DC",
    "Washington, D.C.": "DC",
    "West Virginia": "WV",
    "Wisconsin": "WI",
    "Wyoming": "WY",
}
