"""Promises: noted before they are told, for a time at which somebody is there."""

import asyncio

import pytest

from records.ledger import MARGIN_S
from tests.unit.desk_tools.desk import ROBINS_PHONE, Desk, opened
from tests.unit.desk_tools.fake_office import cut
from tests.unit.desk_tools.virtual_time import pass_time

ABOUT = "The front wheel of my bike is bent."
MORE = ("promise_callback", "ask_for_person")


async def test_a_call_is_promised_and_noted() -> None:
    """With number, words and time; the caller hears the time."""
    async with opened(more=MORE, zone="America/Los_Angeles") as desk:
        told = await desk.use("promise_callback", about=ABOUT)

    assert told["say"] == (
        "I have noted that. Somebody will call you back by Monday, November 23rd"
        " at 2 in the afternoon."
    )
    (noted,) = desk.follow_ups.opened
    assert noted["kind"] == "callback"
    assert noted["words"]["about"] == ABOUT
    assert noted["words"]["phone"] == ROBINS_PHONE
    assert noted["promised_for"] == 1_795_471_200.0
    assert noted["tool_use"] == desk.ledger.rows[0].key


async def test_in_the_evening_the_promise_is_for_tomorrow() -> None:
    """By day and hour."""
    async with opened(more=MORE, zone="Europe/Berlin") as desk:
        told = await desk.use("promise_callback", about=ABOUT)

    assert told["say"].endswith("by Tuesday, November 24th at 1 in the afternoon.")


async def test_who_withholds_their_number_is_asked_for_one() -> None:
    """And only a number that they have said is noted."""
    async with opened(caller_number=None, more=MORE) as desk:
        asked = await desk.use("promise_callback", about=ABOUT)
        invented = await desk.use("promise_callback", about=ABOUT, phone="5550177123")
        desk.gate.caller_said("five five five oh one seven seven one two three")
        noted = await desk.use("promise_callback", about=ABOUT, phone="5550177123")

    assert (asked["reason"], invented["reason"]) == ("which_number", "not_heard")
    assert noted["outcome"] == "ok"
    assert [one["words"]["phone"] for one in desk.follow_ups.opened] == ["5550177123"]


async def test_a_person_gets_what_was_said_and_what_was_promised() -> None:
    """So that nobody has to ask the caller again."""
    async with opened(more=MORE) as desk:
        told = await desk.use(
            "ask_for_person", reason="Wants a refund of 300 dollars.", summary="Order 4418, bent."
        )

    assert told["say"].startswith("I can't put you through right now. Somebody will call you back")
    (noted,) = desk.follow_ups.opened
    assert noted["kind"] == "person"
    assert noted["words"]["summary"] == "Order 4418, bent."
    assert noted["words"]["promised"] in told["say"]


async def test_the_same_wish_is_noted_once() -> None:
    """However often the model or the caller repeats it."""
    async with opened(more=MORE) as desk:
        for _ in range(3):
            await desk.use("promise_callback", about=ABOUT)
    async with opened(more=MORE, after=desk) as later:
        again = await later.use("promise_callback", about=ABOUT)

    assert again["outcome"] == "duplicate"
    assert len(desk.follow_ups.opened) == 1


async def test_a_promise_that_cannot_be_noted_is_not_made() -> None:
    """Nobody would keep it."""
    async with opened(more=MORE) as desk:
        desk.follow_ups.broken = True
        told = await desk.use("promise_callback", about=ABOUT)

    assert told["outcome"] == "unknown"
    assert "call you back" not in told["say"]


async def test_a_promise_that_was_cut_off_is_in_doubt_and_not_made_twice() -> None:
    """The database took it while nobody waited any more: the next try finds it."""
    async with opened(more=MORE) as desk:
        desk.follow_ups.slow_s = 10.0
        told = await desk.use("promise_callback", about=ABOUT)
        desk.follow_ups.slow_s = 0.0
        again = await desk.use("promise_callback", about=ABOUT)

    assert (told["outcome"], again["outcome"]) == ("unknown", "duplicate")
    assert "nothing was changed" not in told["say"]
    assert len(desk.follow_ups.opened) == 1


async def test_a_promise_is_one_whoever_the_caller_turns_out_to_be() -> None:
    """A tool that needs no customer knows them by their number, before and after they are found."""
    async with opened(more=MORE) as desk:
        await desk.use("promise_callback", about=ABOUT)
        await desk.verify()
        again = await desk.use("promise_callback", about=ABOUT)

    assert again["outcome"] == "duplicate"


async def test_a_person_can_call_another_number() -> None:
    """If the caller said it, as with any call back."""
    wish = {"reason": "Is angry.", "summary": "Bent.", "phone": "5550177123"}
    async with opened(caller_number=None, more=MORE) as desk:
        desk.gate.caller_said("five five five oh one seven seven one two three")
        told = await desk.use("ask_for_person", **wish)

    assert told["outcome"] == "ok"


@pytest.mark.parametrize("noted", [True, False])
async def test_what_a_dead_job_promised_is_known_from_the_record(noted: bool) -> None:
    """The office is not asked about what it never heard of."""
    async with opened(more=MORE) as desk:
        desk.follow_ups.broken = not noted
        desk.ledger.ends = False
        await desk.use("promise_callback", about=ABOUT)
        desk.follow_ups.broken, desk.ledger.ends = False, True
        await pass_time(4 + MARGIN_S)
    async with opened(more=MORE, after=desk) as later:
        told = await later.use("promise_callback", about=ABOUT)

    assert told["outcome"] == ("duplicate" if noted else "ok")
    assert len(desk.follow_ups.opened) == 1
    assert [r for r in desk.office.requests if "operations" in r] == []


async def test_who_is_let_down_twice_is_offered_a_person() -> None:
    """The second time the same tool fails, and from then on."""
    async with opened(more=MORE) as desk:
        desk.office.troubles += [("/orders/", cut)] * 6
        told = [await desk.use("look_up_order", order="4271") for _ in range(3)]

    offers = ["Would you like somebody from our team to call you back?" in t["say"] for t in told]
    assert offers == [False, True, True]


async def test_nobody_is_offered_what_the_profile_has_not(desk: Desk) -> None:
    """Without that tool the offer would be a lie."""
    desk.office.troubles += [("/orders/", cut)] * 6
    told = [await desk.use("look_up_order", order="4271") for _ in range(3)]

    assert {t["say"] for t in told} == {
        "I cannot look that up right now. Please try again a little later."
    }


async def test_two_wishes_at_once_are_two_notes() -> None:
    """A message and a person: both are kept."""
    async with opened(more=MORE) as desk:
        await asyncio.gather(
            desk.use("promise_callback", about=ABOUT),
            desk.use("ask_for_person", reason="Is angry.", summary="The wheel is bent."),
        )

    assert sorted(one["kind"] for one in desk.follow_ups.opened) == ["callback", "person"]
