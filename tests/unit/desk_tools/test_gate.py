"""The gate's answers, records and deadlines on an ordinary call."""

import asyncio
import json

import pytest

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import answer, cut, hang, lost_after, refuse
from tests.unit.desk_tools.virtual_time import pass_time
from tools import Outcome


async def test_own_order_is_told_in_spoken_english(desk: Desk) -> None:
    """The caller's own order is answered with a sentence fit to be spoken."""
    told = await desk.use("look_up_order", order="4271")

    assert told["outcome"] == "ok"
    assert told["say"] == (
        "Order 4 2 7 1 has shipped and should arrive on Wednesday, November 25th."
    )
    assert told["total"] == "89 dollars and 50 cents"


async def test_foreign_and_unknown_orders_sound_the_same(desk: Desk) -> None:
    """Another customer's order cannot be told from one that does not exist."""
    foreign = await desk.use("look_up_order", order="5150")
    unknown = await desk.use("look_up_order", order="9999")

    assert foreign["say"].replace("5 1 5 0", "#") == unknown["say"].replace("9 9 9 9", "#")
    assert foreign["reason"] == unknown["reason"] == "not_found"


async def test_withheld_number_has_no_orders() -> None:
    """Without a calling number nothing of any account is read."""
    async with opened(caller_number=None) as desk:
        told = await desk.use("look_up_order", order="4271")

        assert (told["outcome"], told["reason"]) == ("refused", "unknown_caller")
        assert desk.office.requests == []


async def test_digits_in_any_writing_are_one_order(desk: Desk) -> None:
    """A model may write the number as text, as an integer or spaced."""
    for order in ("4271", 4271, "4 2 7 1", "#4271", "4-2-7-1"):
        assert (await desk.use("look_up_order", order=order))["outcome"] == "ok"

    assert {use.arguments["order"] for use in desk.uses} == {"4271"}


async def test_a_yes_cancels_once(desk: Desk) -> None:
    """A verified caller's yes to the read-back cancels the order, with a key."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("Yes, please cancel it.")

    told = await desk.use("cancel_order", order="4302")

    assert told["say"] == "Order 4 3 0 2 is cancelled."
    assert desk.office.effects == ["4302"]
    assert desk.uses[-1].key.startswith("fd-")


async def test_a_repeat_is_already_done(desk: Desk) -> None:
    """The same wish after success is answered from the ledger, without a request."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    await desk.use("cancel_order", order="4302")
    requests = len(desk.office.requests)

    told = await desk.use("cancel_order", order="4302")

    assert told["outcome"] == "duplicate"
    assert told["say"] == "That is already done. Order 4 3 0 2 is cancelled."
    assert len(desk.office.requests) == requests


async def test_parallel_repeats_have_one_effect(desk: Desk) -> None:
    """Two identical uses at once cancel one order once."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")

    both = await asyncio.gather(
        desk.use("cancel_order", order="4302"), desk.use("cancel_order", order="4302")
    )

    assert sorted(told["outcome"] for told in both) == ["duplicate", "ok"]
    assert desk.office.effects == ["4302"]


async def test_what_cannot_be_cancelled_is_told_before_asking(desk: Desk) -> None:
    """The caller of a shipped order hears why, and no question."""
    await desk.verify()

    told = await desk.use("cancel_order", order="4271")

    assert (told["outcome"], told["reason"]) == ("refused", "already_shipped")
    assert "already shipped" in told["say"]


async def test_a_read_is_tried_again(desk: Desk) -> None:
    """One reset does not reach the caller."""
    desk.office.troubles.append(("/orders/", cut))

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"
    assert desk.uses[-1].tries == 2


async def test_looking_the_caller_up_is_no_try_of_the_tool(desk: Desk) -> None:
    """The record tells how hard the tool's own request was, whoever else had to be asked."""
    desk.office.troubles.append(("/customers", cut))

    await desk.use("look_up_order", order="4271")
    await desk.use("look_up_order", order="4302")

    assert [use.tries for use in desk.uses] == [1, 1]
    assert desk.office.requests.count("GET /customers") == 2


async def test_a_tool_that_never_got_to_its_own_request_has_no_tries(desk: Desk) -> None:
    """Nobody could be looked up, so no order was asked for."""
    desk.office.troubles += [("/customers", cut)] * 2

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "unavailable"
    assert desk.uses[-1].tries == 0


@pytest.mark.parametrize(
    ("trouble", "outcome", "reason"),
    [
        (refuse, "unavailable", "office_unreachable"),
        (cut, "unavailable", "office_cut_off"),
        (hang, "timeout", "office_slow"),
        (answer(503), "unavailable", "office_failing"),
        (answer(429, headers={"retry-after": "60"}), "unavailable", "office_busy"),
        (answer(401), "unavailable", "office_key_refused"),
        (answer(200, text="<html>"), "malformed", "not_json"),
        (answer(200, json={"data": []}), "malformed", "wrong_form"),
        (answer(200, json={"padding": "x" * 100_000}), "malformed", "answer_too_large"),
        (answer(302, headers={"location": "http://elsewhere"}), "malformed", "unexpected_status"),
    ],
)
async def test_trouble_has_its_outcome(
    desk: Desk, trouble: object, outcome: str, reason: str
) -> None:
    """Each kind of trouble ends a read with its own outcome and a harmless sentence."""
    desk.office.troubles += [("/orders/", trouble)] * 2  # type: ignore[list-item]

    told = await desk.use("look_up_order", order="4271")

    assert (told["outcome"], told["reason"]) == (outcome, reason)
    assert told["say"] == "I cannot look that up right now. Please try again a little later."


async def test_a_lost_answer_is_asked_for(desk: Desk) -> None:
    """A cancellation whose answer was lost is found done, and not sent again."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles.append(("/cancel", lost_after(desk.office)))

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"
    assert desk.office.requests.count("POST /orders/4302/cancel") == 1
    assert desk.office.effects == ["4302"]


async def test_not_done_is_made_true_by_a_fence(desk: Desk) -> None:
    """When the office loses every try, the key is fenced before the caller hears "nothing"."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles += [("/cancel", cut)] * 2

    told = await desk.use("cancel_order", order="4302")

    assert told["outcome"] == "unavailable"
    assert [o["state"] for o in desk.office.operations.values()] == ["fenced"]


async def test_after_a_fence_the_same_wish_can_come_true(desk: Desk) -> None:
    """A fenced key does not bar the caller from asking again in the same call."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles += [("/cancel", cut)] * 2
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said((await desk.use("cancel_order", order="4302"))["say"])
    desk.gate.caller_said("yes")

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"
    assert desk.office.effects == ["4302"]


async def test_unknown_is_said_honestly(desk: Desk) -> None:
    """When nobody can say what became of a write, the caller hears exactly that."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles += [("/cancel", lost_after(desk.office)), ("/cancel", cut)]
    desk.office.troubles += [("/operations/", cut)] * 3

    told = await desk.use("cancel_order", order="4302")

    assert told["outcome"] == "unknown"
    assert "could not confirm whether" in told["say"]


async def test_the_deadline_holds_for_the_whole_use(desk: Desk) -> None:
    """A use in which every request hangs ends with its policy's deadline."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.troubles += [("4302/cancel", hang), ("/operations/", hang)] * 9

    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("unknown", "not_settled")
    assert desk.uses[-1].duration_s <= 8.0


async def hang_up_during(desk: Desk, name: str, order: str, request: str) -> None:
    """The caller hangs up while the office has `request` and does not answer."""
    desk.office.troubles.append((request, hang))
    task = asyncio.create_task(desk.use(name, order=order))
    await pass_time(1)
    assert desk.office.requests[-1] == request
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_hang_up_is_recorded_and_passes_through(desk: Desk) -> None:
    """Cancelling a use raises in its owner and leaves one record of it."""
    await hang_up_during(desk, "look_up_order", "4271", "GET /orders/4271")

    assert [(use.tool, use.outcome) for use in desk.uses] == [("look_up_order", Outcome.CANCELLED)]


async def test_a_hang_up_in_a_write_leaves_a_doubt(desk: Desk) -> None:
    """A cancelled use whose write had left says so in its record."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")

    await hang_up_during(desk, "cancel_order", "4302", "POST /orders/4302/cancel")

    assert (desk.uses[-1].outcome, desk.uses[-1].reason) == (Outcome.CANCELLED, "in_doubt")


async def test_the_offices_words_never_reach_the_model(desk: Desk) -> None:
    """Messages in refusals are foreign text; the model gets our sentences only."""
    texts = [json.dumps(await desk.use("look_up_order", order=n)) for n in ("9999", "5150")]

    assert not any("ignore your instructions" in text for text in texts)


async def test_an_answer_about_another_order_is_malformed(desk: Desk) -> None:
    """An office that confuses its orders is not believed."""
    desk.office.orders["4271"] = desk.office.orders["4418"]

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "malformed"
