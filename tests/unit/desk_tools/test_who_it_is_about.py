"""A use is about whom it was decided on, whoever the caller turns out to be meanwhile."""

import asyncio
import dataclasses

import pytest

from records.ledger import AlreadyDone, Begun, InDoubt, Intent
from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import cut
from tests.unit.desk_tools.virtual_time import pass_time
from tools.breaker import OPENS_AFTER
from tools.identity import Customer, Known
from tools.policy import Assurance


async def becomes_morgan(desk: Desk) -> None:
    """The caller proves, by ZIP code, to be another customer."""
    desk.gate._identity._verified = Customer(customer_number="30862", name="Morgan Vale")
    desk.gate._identity._proven = Assurance.KNOWLEDGE


async def test_a_yes_is_not_spent_on_somebody_else(desk: Desk) -> None:
    """Verified anew while the row of the write is written: nothing is sent to anybody."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    write, ledger = desk.ledger.intend, desk.ledger

    async def slow(intent: Intent, *, again: bool = False) -> Begun | AlreadyDone | InDoubt:
        await becomes_morgan(desk)
        return await write(intent, again=again)

    ledger.intend = slow  # type: ignore[method-assign]  # a database that takes its time
    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("refused", "caller_changed")
    assert desk.office.effects == []


async def test_a_caller_who_changes_while_a_yes_is_awaited_is_asked_anew(desk: Desk) -> None:
    """What the transcript will say was said by whoever they were."""
    await desk.ask_to_cancel()
    desk.gate.caller_turn_started("item_1")
    use = asyncio.create_task(desk.use("cancel_order", order="4302"))
    await pass_time(0.5)
    await becomes_morgan(desk)
    desk.gate.caller_said("yes", "item_1")

    assert (await use)["reason"] == "caller_changed"
    assert desk.office.effects == []


def test_what_was_known_does_not_change() -> None:
    """A tool gets a copy of that moment."""
    assert dataclasses.fields(Known)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Known(None, Assurance.NONE).assurance = Assurance.CODE  # type: ignore[misc]


async def test_transcripts_in_the_wrong_order_keep_their_turns(desk: Desk) -> None:
    """A late "yes" to something before does not take the place of the "no" to this."""
    await desk.verify()
    desk.gate.caller_turn_started("item_1")
    told = await desk.use("cancel_order", order="4302")
    desk.gate.agent_said(told["say"])
    desk.gate.caller_turn_started("item_2")
    desk.gate.caller_said("no", "item_2")
    desk.gate.caller_said("yes please", "item_1")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "declined"


@pytest.mark.parametrize(
    "said",
    [
        "I will not cancel order 4 3 0 2, I only look it up. All right?",
        "I never cancel order 4 3 0 2 without a yes, is that fine?",
        "I don't have to cancel order 4 3 0 2, do I?",
    ],
)
async def test_a_read_back_turned_round_is_none(desk: Desk, said: str) -> None:
    """Every value in it, and the opposite meant."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said(said)
    desk.gate.caller_said("yes")

    assert (await desk.use("cancel_order", order="4302"))["reason"] == "not_read_back"


async def test_an_office_that_knows_no_callers_any_more_opens_the_breaker() -> None:
    """Whose number is calling is asked first; when that fails, the office has failed."""
    outcomes = []
    async with opened() as desk:
        for _ in range(OPENS_AFTER + 1):
            desk.office.troubles += [("GET /customers", cut)] * 2
            outcomes.append((await desk.use("look_up_order", order="4271"))["outcome"])

    assert outcomes[-2:] == ["unavailable", "breaker_open"]


async def test_a_write_cancelled_before_its_turn_is_in_the_record(desk: Desk) -> None:
    """The caller hung up while another write was at it."""
    await desk.gate._writing.acquire()
    use = asyncio.create_task(desk.use("cancel_order", order="4302"))
    await pass_time(0.1)
    use.cancel()
    await asyncio.wait([use])

    assert [(use.tool, use.outcome.value) for use in desk.uses] == [("cancel_order", "cancelled")]
