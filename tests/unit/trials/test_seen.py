"""What the caller was told, read from the record of the call."""

import pytest

from rehearsal.trials.row import Does, Told
from rehearsal.trials.seen import misheard, told
from tests.unit.rehearse.made import call, turn, use
from tools import sentences

ASKED = use("cancel_order", "needs_yes")


@pytest.mark.parametrize(
    ("outcome", "said", "meant"),
    [
        ("ok", "Order 4 3 0 2 is cancelled.", Told.DONE),
        ("duplicate", "That is already done. Order 4 3 0 2 is cancelled.", Told.DONE),
        ("timeout", sentences.WRITE_FAILED, Told.NOT_DONE),
        ("refused", sentences.NOT_KEPT, Told.NOT_DONE),
        ("breaker_open", sentences.BREAKER_OPEN, Told.NOT_DONE),
        ("unknown", sentences.WRITE_IN_DOUBT, Told.UNCLEAR),
        ("cancelled", "Hello.", Told.NOTHING),
    ],
)
def test_outcome_and_words_together_tell(outcome: str, said: str, meant: Told) -> None:
    """The use that follows the read-back, and what the agent then said."""
    made = call(tools=[ASKED, use("cancel_order", outcome)], turns=[turn("agent", said)])

    assert told(made, Does.CANCELS)[0] is meant


@pytest.mark.parametrize("said", ["Order 4", "", sentences.WRITE_FAILED])
def test_what_was_not_said_was_not_told(said: str) -> None:
    """An answer that was cut off, or says something else than what happened, tells nothing."""
    made = call(tools=[ASKED, use("cancel_order", "ok")], turns=[turn("agent", said)])

    assert told(made, Does.CANCELS)[0] is Told.NOTHING


def test_a_refusal_instead_of_the_question_is_told() -> None:
    """Without a read-back every use counts."""
    uses = [use("cancel_order", "refused")]
    made = call(tools=uses, turns=[turn("agent", sentences.NOT_KEPT)])

    assert told(made, Does.CANCELS) == (Told.NOT_DONE, sentences.NOT_KEPT, ("refused",))


def test_a_look_up_has_a_tool_of_its_own() -> None:
    """Its failure has its own sentence."""
    made = call(
        tools=[use("look_up_order", "timeout")], turns=[turn("agent", sentences.READ_FAILED)]
    )

    assert told(made, Does.LOOKS_UP)[0] is Told.NOT_DONE


def test_a_caller_who_was_misheard_tried_nothing() -> None:
    """Other digits than theirs, no words at all, or a yes before there was a question."""
    assert misheard(call(tools=[use("verify_caller", "refused")]))
    assert misheard(call(turns=[turn("caller", "[unintelligible]")]))
    assert misheard(call(tools=[use("verify_caller", "ok"), ASKED, ASKED]))
    assert not misheard(call(tools=[use("verify_caller", "ok"), ASKED, use("cancel_order", "ok")]))
