"""What callers say to "may we record this call?"."""

import pytest

from agent.question import meaning
from tests.unit.consent.caller import ENGLISH
from tools.confirm import Reply


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Yes, you may.", Reply.YES),
        ("Sure, go ahead.", Reply.YES),
        ("One.", Reply.YES),
        ("1", Reply.YES),
        ("Two.", Reply.NO),
        ("I'd rather not.", Reply.NO),
        ("No problem.", Reply.NO),
        ("Yes, but why?", Reply.DOUBT),
        ("Yes? No?", Reply.DOUBT),
        ("I have two bikes.", Reply.NEITHER),
        ("Ah.", Reply.NEITHER),
        ("", Reply.NEITHER),
    ],
)
def test_only_a_clear_yes_is_one(text: str, reply: Reply) -> None:
    """What could be either is never taken for a yes; a word for a key is what the key says."""
    assert meaning(text, ENGLISH) is reply
