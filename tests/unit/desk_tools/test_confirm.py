"""What counts as a yes."""

import pytest

from tools.confirm import Reply, classify
from tools.lexicon import LEXICONS

CANCEL = frozenset({"cancel"})
ENGLISH = LEXICONS["en"]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Yes.", Reply.YES),
        ("yeah", Reply.YES),
        ("Yep, go ahead!", Reply.YES),
        ("Yes, please cancel it.", Reply.YES),
        ("Yes, cancel that order.", Reply.YES),
        ("That's right.", Reply.YES),
        ("Okay, please do.", Reply.YES),
        ("Yes, cancel order 4302", Reply.YES),
        ("Yes, forty-three oh two", Reply.YES),
        ("No.", Reply.NO),
        ("No, thank you", Reply.NO),
        ("don't", Reply.NO),
        ("Don\u2019t do it", Reply.DOUBT),
        ("wait", Reply.NO),
        ("that is not correct", Reply.DOUBT),
        ("never mind", Reply.NO),
        ("yes no wait", Reply.DOUBT),
        ("yes but only the jacket", Reply.DOUBT),
        ("yes, I have a question", Reply.DOUBT),
        ("yes, 4303", Reply.DOUBT),
        ("what?", Reply.DOUBT),
        ("maybe", Reply.DOUBT),
        ("Is that right", Reply.DOUBT),
        ("Right?", Reply.DOUBT),
        ("Yes?", Reply.DOUBT),
        ("Did I say yes?", Reply.DOUBT),
        ("He said yes", Reply.DOUBT),
        ("I did say yes to the lady", Reply.DOUBT),
        ("okay", Reply.NEITHER),
        ("the weather is nice", Reply.NEITHER),
        ("", Reply.NEITHER),
        ("yes " + "and my dog is called Rex and he likes walks and so do I " * 2, Reply.DOUBT),
    ],
)
def test_replies_are_classified(text: str, reply: Reply) -> None:
    """Only a clear yes about this very action is a yes."""
    assert classify(text, values=("4302",), action_words=CANCEL, lexicon=ENGLISH) is reply


def test_cancel_is_a_no_for_other_actions() -> None:
    """ "Cancel that" stops a refund, and is not heard as a no where cancelling is the point."""
    elsewhere = classify("cancel that", values=(), action_words=frozenset(), lexicon=ENGLISH)
    here = classify("cancel that", values=(), action_words=CANCEL, lexicon=ENGLISH)

    assert (elsewhere, here) == (Reply.NO, Reply.NEITHER)
