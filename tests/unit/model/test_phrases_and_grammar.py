"""The phrase language, what it matches, and what it becomes for the recogniser."""

import pytest

from rehearsal.model.dialogue import words_of
from rehearsal.model.grammar import Grammar, compile_grammar, normalise
from rehearsal.model.phrases import BadPhrase, parse
from tests.unit.model.acting import brain


def _grammar(**changes: object) -> Grammar:
    script = brain(**changes)
    return compile_grammar(script, script.states["ready"].rules)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("where is [my order", "never closed"),
        ("where) is", "closes nothing"),
        ("order 4", "numbers as words"),
        ("yes | ", "a part is empty"),
        ("[]", "a part is empty"),
        ("Hello", "not allowed"),
    ],
)
def test_a_phrase_that_breaks_the_language_is_told_why(phrase: str, says: str) -> None:
    """Whoever writes a phrase learns what is wrong with it."""
    with pytest.raises(BadPhrase, match=says.replace("[", r"\[")):
        parse(phrase)


@pytest.mark.parametrize(
    "text",
    [
        "where is my order four two seven one",
        "Where is order 4271?",
        "four two seven one",
        "WHERE IS MY ORDER 4-2-7-1",
    ],
)
def test_speech_and_text_fill_the_same_slot(text: str) -> None:
    """Digits and digit words mean the same, options may be left out."""
    understood = _grammar().understand(text)

    assert understood is not None
    assert understood.slots == {"order": "4271"}


@pytest.mark.parametrize(
    "text",
    ["", "where is my order", "four two seven", "four two seven one nine", "well goodbye", "good"],
)
def test_what_does_not_fit_as_a_whole_is_not_understood(text: str) -> None:
    """A part of a phrase, or a number of the wrong length, fills no slot."""
    assert _grammar().understand(text) is None


def test_oh_is_zero() -> None:
    """Callers say oh for zero."""
    understood = _grammar().understand("oh zero oh one")

    assert understood is not None
    assert understood.slots["order"] == "0001"


def test_a_choice_has_its_value() -> None:
    """However a choice is said, the slot gets the value it stands for."""
    sizes = {"size": {"choices": {"L": ["large", "(a | the) big one"], "S": ["small"]}}}
    rule = {"hears": ["[i want] {size} [please]"], "say": "Fine."}
    grammar = _grammar(slots=sizes, states={"ready": {"rules": [rule]}})

    understood = grammar.understand("I want the big one, please.")

    assert understood is not None
    assert understood.slots == {"size": "L"}


def test_the_first_rule_that_fits_wins() -> None:
    """Rules are tried in the order in which they are written."""
    rules = [{"hears": ["yes"], "say": "One."}, {"hears": ["yes | no"], "say": "Two."}]
    grammar = _grammar(states={"ready": {"rules": rules}})

    understood = grammar.understand("yes")

    assert understood is not None
    assert understood.rule.say == "One."


def test_decoys_are_heard_but_never_understood() -> None:
    """The recogniser may choose a decoy, and then nothing was understood."""
    grammar = _grammar(decoys=["seventeen"])

    assert "seventeen" in grammar.jsgf
    assert grammar.understand("seventeen") is None


def test_every_word_that_can_be_heard_is_known_before_a_call() -> None:
    """The words of all states can be checked against the dictionary at the start."""
    assert {"where", "goodbye", "oh"} <= words_of(brain())


def test_text_is_reduced_to_words() -> None:
    """Case, punctuation and typographic apostrophes do not matter."""
    assert normalise("I\N{RIGHT SINGLE QUOTATION MARK}d like: 42!") == "i'd like four two "
