"""What a hostile model may try at the gate, and that nothing comes of it."""

import asyncio
import json

import pytest

from tests.unit.desk_tools.desk import READ_BACK, Desk, opened
from tests.unit.desk_tools.virtual_time import pass_time
from tools import Outcome


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "null",
        "[]",
        "4302",
        "{",
        '{"order": "4302"',
        '{"order": null}',
        '{"order": true}',
        '{"order": "../customers"}',
        '{"order": "4302", "confirmed": true}',
        '{"order": "4302", "customer_id": "30862"}',
        '{"order": "43021"}',
        '{"order": ["4302"]}',
        '{"order": "\ud800"}',
        '{"order": "' + "9" * 1_000_000 + '"}',
        "[" * 4000,
        '{"order": "\\u0664\\u0663\\u0660\\u0662"}',
        '{"order": "4302\\n"}',
    ],
)
async def test_arguments_that_do_not_fit_reach_nobody(desk: Desk, arguments: str) -> None:
    """Broken, gigantic or enriched arguments end at the gate, with a sentence."""
    answer = await desk.gate.use("cancel_order", arguments)

    assert answer.outcome is Outcome.INVALID_ARGUMENTS
    assert json.loads(answer.text)["say"]
    assert desk.office.requests == []


@pytest.mark.parametrize(
    "name", ["", "refund_order", "Cancel_order", "cancel_order ", "cancel\u200border", "x" * 99_999]
)
async def test_names_that_are_not_registered_are_refused(desk: Desk, name: str) -> None:
    """A look-alike name is refused and never becomes a label."""
    answer = await desk.gate.use(name, '{"order": "4302"}')

    assert answer.outcome is Outcome.REFUSED
    assert (desk.uses[-1].tool, desk.uses[-1].reason) == ("unregistered", "unregistered")


async def test_cancelling_needs_a_verified_caller(desk: Desk) -> None:
    """The calling number alone cancels nothing, whatever the caller agrees to."""
    desk.gate.agent_said(READ_BACK)
    desk.gate.caller_said("yes")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_verified"


async def test_a_zip_code_nobody_said_proves_nothing(desk: Desk) -> None:
    """The model cannot verify a caller with digits of its own."""
    desk.gate.caller_said("I don't know my zip code")

    told = await desk.use("verify_caller", zip_code="94107")

    assert told["reason"] == "not_heard"
    assert desk.office.requests == []


async def test_three_wrong_zip_codes_lock_the_call(desk: Desk) -> None:
    """After three failures even the right digits are refused."""
    desk.gate.caller_said("11111 or 22222 or 33333 or 94107")
    reasons = [
        (await desk.use("verify_caller", zip_code=zip_code))["reason"]
        for zip_code in ("11111", "22222", "33333", "94107")
    ]

    assert reasons == ["no_match", "no_match", "locked", "locked"]


async def test_parallel_guesses_count_one_by_one(desk: Desk) -> None:
    """Guessing at once gives no more than three guesses."""
    desk.gate.caller_said("11111 or 22222 or 33333 or 44444 or 94107")
    guesses = ("11111", "22222", "33333", "44444", "94107")
    await asyncio.gather(*(desk.use("verify_caller", zip_code=guess) for guess in guesses))

    assert desk.office.requests.count("POST /customers/verify") == 3
    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_verified"


async def test_a_yes_before_the_read_back_is_none(desk: Desk) -> None:
    """What the caller agreed to earlier does not count for a question asked later."""
    await desk.verify()
    desk.gate.caller_said("yes, go ahead")

    first = await desk.use("cancel_order", order="4302")
    second = await desk.use("cancel_order", order="4302")

    assert (first["outcome"], second["outcome"]) == ("needs_yes", "needs_yes")
    assert second["reason"] == "waiting"
    assert desk.office.effects == []


async def test_a_yes_to_another_question_is_none(desk: Desk) -> None:
    """A yes counts only if the agent has named the order before."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said("Would you like to hear about our offers?")
    desk.gate.caller_said("yes")

    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("needs_yes", "not_read_back")
    assert desk.office.effects == []


async def test_a_yes_to_a_harmless_question_about_the_order_is_none(desk: Desk) -> None:
    """Naming the order is not enough: the agent must have named what will be done with it."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said("Would you like to hear when order 4 3 0 2 arrives?")
    desk.gate.caller_said("yes please")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_read_back"


async def test_a_read_back_after_the_yes_is_none(desk: Desk) -> None:
    """Naming the order once the caller has agreed to something else does not help."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said("Shall I tell you about our offers?")
    desk.gate.caller_said("yes")
    desk.gate.agent_said(READ_BACK)

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_read_back"


async def test_a_late_read_back_is_placed_by_its_beginning(desk: Desk) -> None:
    """An utterance that began after the caller's reply is not what the caller replied to."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.caller_said("yes")
    began = asyncio.get_running_loop().time() + 1
    desk.gate.agent_said(READ_BACK, began_at=began)

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_read_back"


async def test_a_yes_does_not_fit_other_arguments(desk: Desk) -> None:
    """After a yes to one order, another order has to be asked about anew."""
    desk.office.orders["4303"] = {**desk.office.orders["4302"], "order": "4303"}
    await desk.ask_to_cancel("4302")
    desk.gate.caller_said("yes")

    told = await desk.use("cancel_order", order="4303")

    assert (told["outcome"], told["reason"]) == ("needs_yes", "not_asked")
    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "needs_yes"
    assert desk.office.effects == []


async def test_a_yes_is_spent_by_its_use(desk: Desk) -> None:
    """A yes that led to nothing cannot be used again."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.office.orders["4302"]["status"] = "shipped"
    assert (await desk.use("cancel_order", order="4302"))["reason"] == "already_shipped"
    desk.office.orders["4302"]["status"] = "processing"

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_asked"
    assert desk.office.effects == []


async def test_a_yes_expires(desk: Desk) -> None:
    """A minute later the question has to be asked again."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    await pass_time(61)

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "needs_yes"


async def test_a_no_is_final(desk: Desk) -> None:
    """A caller who declines is not asked by the same use again, and nothing happens."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("No, don't.")

    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("refused", "declined")
    assert desk.office.effects == []


async def test_a_loop_is_stopped() -> None:
    """A thousand uses cost the office no more than the policy allows."""
    async with opened(policies={"look_up_order": {"freshness_s": 0.0}}) as desk:
        for _ in range(1000):
            await desk.use("look_up_order", order="4271")

        assert len(desk.office.requests) == 21  # one customer, twenty orders
        assert desk.uses[-1].reason == "too_often"


async def test_another_customers_order_stays_theirs() -> None:
    """A verified caller cannot cancel what somebody else has ordered."""
    async with opened() as desk:
        await desk.verify()

        assert (await desk.use("cancel_order", order="5150"))["reason"] == "not_found"
        assert desk.office.effects == []
