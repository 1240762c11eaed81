"""What a caller is owed before their words are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from records.consent import UNKNOWN, Needs, Policy, Recording, Rules, law_of, owed
from records.consent.law import jurisdictions
from records.consent.owed import STRICTNESS
from records.consent.places import area_codes

UNION = """
AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE
"""
QUIET = Rules(one_party=Policy.NONE)
PLACES = st.sampled_from([*jurisdictions().jurisdictions, "BG", "XX", UNKNOWN])


def test_every_state_is_in_the_table() -> None:
    """All that the area codes know, with the District of Columbia."""
    states = {place for place in area_codes().areas if place.startswith("US-")}

    assert len(states) == 51
    assert states <= set(jurisdictions().jurisdictions)


def test_no_country_of_the_union_can_be_recorded_without_a_word() -> None:
    """Its regulation wants callers to be told, whatever the criminal code says."""
    assert all(
        (law := law_of(place)) is None or law.needs is not Needs.ONE for place in UNION.split()
    )


def test_the_table_is_of_a_day_and_names_a_statute_for_each_place() -> None:
    """Whoever checks it must know what against."""
    table = jurisdictions()

    assert table.compiled.year >= 2026
    assert all(any(char.isdigit() for char in law.source) for law in table.jurisdictions.values())


@pytest.mark.parametrize(
    ("caller", "company", "policy", "decides"),
    [
        ("US-NY", "US-OR", Policy.ANNOUNCE, "US-NY"),
        ("US-NY", "US-CA", Policy.ASK, "US-CA"),
        ("US-CA", "US-NY", Policy.ASK, "US-CA"),
        ("DE", "US-NY", Policy.ASK, "DE"),
        ("GB", "US-NY", Policy.ANNOUNCE, "GB"),
        (UNKNOWN, "US-NY", Policy.ASK, UNKNOWN),
        ("BG", "US-NY", Policy.ASK, "BG"),
        ("US-NY", UNKNOWN, Policy.ASK, UNKNOWN),
    ],
)
def test_the_stricter_end_holds(caller: str, company: str, policy: Policy, decides: str) -> None:
    """By the rules that ship; an end that nobody knows is the strictest."""
    found = owed(Rules(), caller, company)

    assert (found.policy, found.jurisdiction) == (policy, decides)
    assert decides in found.because


def test_what_decided_is_told_with_its_statute() -> None:
    """A reviewer reads it in the record of the call."""
    assert owed(Rules(), "US-CA", "US-NY").because == (
        "the caller's number: US-CA, everybody's consent is needed (Cal. Penal Code §§ 632, 632.7)"
    )


def test_nothing_is_said_only_where_no_law_wants_it() -> None:
    """`none` is announced where callers have to be told."""
    assert owed(QUIET, "US-NY", "US-OR").policy is Policy.NONE
    assert owed(QUIET, "GB", "US-OR").policy is Policy.ANNOUNCE
    assert owed(QUIET, "US-NY", "GB").policy is Policy.ANNOUNCE


@pytest.mark.parametrize(
    "written",
    [
        {"one_party": "ask", "all_party": "announce"},
        {"all_party": "ask", "unknown": "announce"},
        {"all_party": "none"},
        {"unknown": "none"},
    ],
)
def test_rules_that_owe_less_to_whom_more_is_owed_are_refused(written: dict[str, str]) -> None:
    """A mistake in a profile must not be found out by a court."""
    with pytest.raises(ValidationError):
        Rules.model_validate(written)


def test_a_company_that_keeps_no_words_owes_nothing() -> None:
    """Neither as sound nor as text."""
    silent = Recording(transcript=False)

    assert silent.owed_to(None).policy is Policy.NONE
    assert not silent.may_ask


def test_words_kept_as_text_alone_are_kept_on_the_same_terms() -> None:
    """To the caller they are a record of what they said."""
    assert Recording(jurisdiction="US-NY").owed_to("+14155550100").policy is Policy.ASK


def test_a_profile_that_says_nothing_asks_everybody() -> None:
    """Nobody knows where the company is."""
    assert Recording().owed_to("+12125550100").policy is Policy.ASK


@given(PLACES, PLACES)
def test_neither_end_ever_loosens_the_other(caller: str, company: str) -> None:
    """Whatever the pair, nothing less is owed than for either place alone."""
    both = STRICTNESS.index(owed(QUIET, caller, company).policy)
    alone = [STRICTNESS.index(owed(QUIET, place, place).policy) for place in (caller, company)]

    assert both == max(alone)
