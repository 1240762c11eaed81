"""A yes counts for values that were heard, so a question has to let them be heard."""

from dataclasses import replace

from tests.unit.desk_tools.desk import opened
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.policy import Assurance
from tools.sentences import BY_KEY

KEEPS = replace(CHANGE, assurance=Assurance.NONE, action_words=frozenset({"keep"}))


async def _ask(call: Call, count: int) -> ReadBack:
    del call
    return ReadBack(f"Shall I keep {count} for you?", ("keep", str(count)))


async def _mumble(call: Call, count: int) -> ReadBack:
    del call
    return ReadBack(f"Shall I keep order 4302 {count} times?", ("keep", "4302", str(count)))


@tool(KEEPS, read_back=_ask)
async def keep_some(call: Call, count: int) -> Result:
    """Keep some.

    Args:
        count: How many.
    """
    del call, count
    return Result(say="They are kept.")


@tool(KEEPS, read_back=_mumble)
async def keep_again(call: Call, count: int) -> Result:
    """Keep an order again.

    Args:
        count: How often.
    """
    del call, count
    return Result(say="It is kept.")


async def test_the_sentence_about_keys_names_no_value() -> None:
    """ "One for yes" is not one piece, whatever a model has left out of the question."""
    async with opened(also={"keep_some": keep_some}) as desk:
        await desk.use("keep_some", count=1)
        desk.gate.agent_said(f"Shall I keep all of them for you? {BY_KEY}")
        desk.gate.caller_said("Yes.")
        told = await desk.use("keep_some", count=1)
        desk.gate.agent_said(told["say"])
        desk.gate.caller_said("Yes.")
        again = await desk.use("keep_some", count=1)

    assert (told["outcome"], told["reason"]) == ("needs_yes", "not_read_back")
    assert BY_KEY in told["say"]
    assert again["outcome"] == "ok"


async def test_a_question_whose_values_run_together_is_not_asked() -> None:
    """Side by side they are heard as another number, and no yes to that would count."""
    async with opened(also={"keep_again": keep_again}) as desk:
        told = await desk.use("keep_again", count=2)

    assert (told["outcome"], told["reason"]) == ("refused", "not_sayable")
    assert told["say"] == "I cannot read that back to you clearly, so I have not done it."
