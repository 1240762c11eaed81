"""Transcripts that come late, in pieces or never."""

import asyncio

import pytest

from tests.unit.desk_tools.desk import READ_BACK, Desk
from tests.unit.desk_tools.virtual_time import pass_time


async def test_a_yes_may_arrive_after_the_tool_call(desk: Desk) -> None:
    """The gate waits for the transcript of a turn that has begun."""
    await desk.ask_to_cancel()
    desk.gate.caller_turn_started()
    asyncio.get_running_loop().call_later(1.2, desk.gate.caller_said, "yes please")

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"


async def test_a_transcript_that_never_comes_is_no_yes(desk: Desk) -> None:
    """After a second and a half the reply is unclear and the question asked again."""
    await desk.ask_to_cancel()
    desk.gate.caller_turn_started()

    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("needs_yes", "unclear")
    assert desk.uses[-1].duration_s == pytest.approx(1.5, abs=0.1)


async def test_nobody_waits_for_a_turn_that_has_not_begun(desk: Desk) -> None:
    """While the caller is silent the answer comes at once."""
    await desk.ask_to_cancel()

    told = await desk.use("cancel_order", order="4302")

    assert told["reason"] == "waiting"
    assert desk.uses[-1].duration_s < 0.1


async def test_the_read_back_may_arrive_after_the_yes(desk: Desk) -> None:
    """The agent's own transcript may be the last to come."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.caller_said("yes")
    asyncio.get_running_loop().call_later(1.0, desk.gate.agent_said, READ_BACK)

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"


async def test_a_yes_over_the_end_of_the_read_back_counts(desk: Desk) -> None:
    """An impatient caller's yes is placed after the question it interrupts."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    began = asyncio.get_running_loop().time()
    desk.gate.agent_said("One moment.", began_at=began)
    await pass_time(3)
    desk.gate.caller_turn_started()
    desk.gate.agent_said("Shall I cancel order 4 3 0 2", began_at=began + 1)
    desk.gate.caller_said("yes")

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"


async def test_the_wishes_own_late_transcript_is_no_yes(desk: Desk) -> None:
    """What the caller said before the question does not answer it, however late it arrives."""
    await desk.verify()
    desk.gate.caller_turn_started()
    told = await desk.use("cancel_order", order="4302")
    desk.gate.agent_said(told["say"])
    desk.gate.caller_said("yes, cancel order 4302")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "waiting"


async def test_a_cough_does_not_answer(desk: Desk) -> None:
    """A turn without words leaves the question open for the next turn."""
    await desk.ask_to_cancel()
    desk.gate.caller_turn_started()
    desk.gate.caller_said("")
    desk.gate.caller_said("yes")

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "ok"


async def test_a_later_no_takes_a_yes_back(desk: Desk) -> None:
    """A caller who thinks better of it before it is done is heard."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    desk.gate.caller_said("no wait, stop")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "declined"


async def test_a_zip_code_in_two_turns_is_heard(desk: Desk) -> None:
    """A pause in the middle of the digits does not lose them."""
    desk.gate.caller_said("it's nine four one")
    desk.gate.caller_said("oh seven")

    assert (await desk.use("verify_caller", zip_code="94107"))["outcome"] == "ok"


async def test_a_zip_code_may_arrive_after_the_tool_call(desk: Desk) -> None:
    """Verification waits for the transcript that holds the digits."""
    desk.gate.caller_turn_started()
    asyncio.get_running_loop().call_later(1.0, desk.gate.caller_said, "94107")

    assert (await desk.use("verify_caller", zip_code="94107"))["outcome"] == "ok"
