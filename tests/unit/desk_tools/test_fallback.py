"""What a caller is offered whom a tool has let down, and when it is only open hours that help."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import cut
from tools import sentences
from tools.changing import CALL_BACK
from tools.outcome import Outcome

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def failed(desk: Desk, times: int = 1) -> dict[str, Any]:
    """The last answer of an order looked up in vain so often."""
    told: dict[str, Any] = {}
    for _ in range(times):
        desk.office.troubles.extend([("/orders/4271", cut)] * 2)
        told = await desk.use("look_up_order", order="4271")
    assert told["outcome"] == "unavailable"
    return told


async def test_a_failure_is_followed_by_what_its_policy_offers() -> None:
    """The caller hears the offer, the model which tool takes it up."""
    fallback = {"look_up_order": {"fallback": CALL_BACK}}
    async with opened(more=("promise_callback",), policies=fallback) as desk:
        told = await failed(desk)

    assert told["say"] == f"{sentences.READ_FAILED} {CALL_BACK.say}"
    assert "promise_callback" in told["next_step"]


async def test_nothing_is_offered_that_the_profile_does_not_have() -> None:
    """A promise that no tool keeps is not made."""
    async with opened(policies={"look_up_order": {"fallback": CALL_BACK}}) as desk:
        told = await failed(desk)

    assert (told["say"], "next_step" in told) == (sentences.READ_FAILED, False)


async def test_a_person_takes_the_place_of_the_fallback() -> None:
    """Whoever was let down twice is not sent round once more, and it is counted."""
    fallback = {"look_up_order": {"fallback": CALL_BACK}}
    async with opened(more=("promise_callback", "ask_for_person"), policies=fallback) as desk:
        told = await failed(desk, times=2)

    assert told["say"] == f"{sentences.READ_FAILED} {sentences.OFFER_PERSON}"
    assert [use.escalated for use in desk.uses] == [False, True]


async def test_a_policy_says_which_outcomes_lead_to_a_person() -> None:
    """Refusals too, where a caller who is refused needs somebody to talk to."""
    policy = {"escalate_on": frozenset({Outcome.REFUSED}), "escalate_after": 1}
    async with opened(more=("ask_for_person",), policies={"look_up_order": policy}) as desk:
        told = await desk.use("look_up_order", order="9999")

    assert told["say"].endswith(sentences.OFFER_PERSON)


@pytest.mark.parametrize(("at", "reason"), [(SUNDAY, "closed"), (None, None)])
async def test_some_things_are_done_only_while_the_company_is_open(
    at: datetime | None, reason: str | None
) -> None:
    """By the opening hours of the profile, on the company's clock."""
    at = at or datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    async with opened(at=at, policies={"look_up_order": {"in_hours": True}}) as desk:
        told = await desk.use("look_up_order", order="4271")

    assert told.get("reason") == reason
