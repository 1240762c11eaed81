"""Read-back, yes and no: what the caller has agreed to, decided from transcripts alone. Pure.

A yes fits one action with its arguments. It must be the caller's next turn after a read-back that
named every value, and it must be clear; a clear no in any later turn takes it back. What is not
clearly a yes is not a yes. Called by `tools.gate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from records.ledger import Intent
from tools.heard import contains, digit_runs, normal_words, words
from tools.hearing import Hearing, Turn, Utterance
from tools.lexicon import Lexicon
from tools.sentences import BY_KEY
from tools.verdict import Consent

YES_EXPIRES_S = 60.0
# An answer longer than this says more than yes, and code does not guess what.
LONGEST_YES_WORDS = 12


class Reply(Enum):
    """What one turn of the caller means as an answer."""

    YES = "yes"
    NO = "no"
    DOUBT = "doubt"
    NEITHER = "neither"


@dataclass(frozen=True)
class ReadBack:
    """`say` names what will be done and asks.

    Every one of `values` must be heard from the agent before a yes counts: the values themselves,
    and the word for what is done with them, so that "shall I look up 4302?" asks nothing else.
    """

    say: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Pending:
    """An action that waits for a yes. The two counts say what had been heard when it was asked.

    `again`: the caller was told that it was done before, and a yes means once more.
    """

    intent: Intent
    read_back: ReadBack
    asked_at: float
    turns: int
    utterances: int
    again: bool


def classify(
    text: str, *, values: Sequence[str], action_words: frozenset[str], lexicon: Lexicon
) -> Reply:
    """What `text` answers to a read-back of `values`; longer phrases win over shorter ones."""
    said = words(text)
    # Whoever asks has not answered.
    found: set[Reply] = {Reply.DOUBT} if "?" in text else set()
    place = 0
    while place < len(said):
        meaning, used = _phrase_at(said, place, action_words, lexicon)
        found.add(meaning)
        place += used
    if Reply.YES in found and (Reply.NO in found or _names_another(text, values)):
        return Reply.DOUBT
    if Reply.NO in found:
        return Reply.NO
    if Reply.DOUBT in found:
        return Reply.DOUBT
    if Reply.YES in found:
        return Reply.YES if len(normal_words(text)) <= LONGEST_YES_WORDS else Reply.DOUBT
    return Reply.NEITHER


def consent(
    pending: Pending | None,
    hearing: Hearing,
    *,
    now: float,
    action_words: frozenset[str],
    lexicon: Lexicon,
) -> Consent:
    """What the caller has said to `pending`, as far as has been heard."""
    if pending is None or now - pending.asked_at > YES_EXPIRES_S:
        return Consent.NOT_ASKED
    # A turn whose transcript is empty was a noise: it neither answers nor spends the question.
    replies = [turn for turn in hearing.turns[pending.turns :] if turn.text != ""]
    if not replies:
        return Consent.WAITING
    values = pending.read_back.values
    meanings = [
        classify(turn.text or "", values=values, action_words=action_words, lexicon=lexicon)
        for turn in replies
    ]
    if Reply.NO in meanings:
        return Consent.NO
    if any(turn.text is None for turn in replies) or meanings[0] is not Reply.YES:
        return Consent.UNCLEAR
    if Reply.DOUBT in meanings:
        return Consent.UNCLEAR
    heard = _without(BY_KEY, normal_words(*_read_back_texts(pending, hearing, replies[0])))
    denied = lexicon.denials.intersection(heard).difference(normal_words(pending.read_back.say))
    read_back = not denied and all(contains(heard, value) for value in values)
    return Consent.YES if read_back else Consent.NOT_READ_BACK


def can_be_agreed_to(read_back: ReadBack) -> bool:
    """Whether every value is heard by whoever hears the question word by word."""
    heard = normal_words(read_back.say)
    return all(contains(heard, value) for value in read_back.values)


def _without(sentence: str, heard: Sequence[str]) -> list[str]:
    """What was heard besides a sentence that names no value, though it has words of some."""
    wanted = normal_words(sentence)
    for place in range(len(heard) - len(wanted) + 1):
        if list(heard[place : place + len(wanted)]) == wanted:
            return [*heard[:place], *heard[place + len(wanted) :]]
    return list(heard)


def _read_back_texts(pending: Pending, hearing: Hearing, reply: Turn) -> list[str]:
    """What the agent said between the question and the reply.

    An utterance with a beginning is placed by it. One without is placed by its arrival; as it may
    arrive late, the first one after the reply still counts if none came before.
    """
    answered = next(i for i, turn in enumerate(hearing.turns) if turn is reply)
    since = hearing.utterances[pending.utterances :]
    before = [u.text for u in since if _came_before(u, reply, answered)]
    if before:
        return before
    return [u.text for u in since if u.began_at is None][:1]


def _came_before(said: Utterance, reply: Turn, answered: int) -> bool:
    if said.began_at is not None:
        return said.began_at < reply.began_at
    return said.after_turn <= answered


def _phrase_at(
    said: Sequence[str], place: int, action: frozenset[str], lexicon: Lexicon
) -> tuple[Reply, int]:
    meanings = (
        (Reply.YES, lexicon.yes),
        (Reply.NO, lexicon.no),
        (Reply.DOUBT, lexicon.doubt),
    )
    for size in range(min(4, len(said) - place), 0, -1):
        phrase = tuple(said[place : place + size])
        for meaning, phrases in meanings:
            if phrase in phrases and not (meaning is not Reply.YES and phrase[0] in action):
                return meaning, size
    return Reply.NEITHER, 1


def _names_another(text: str, values: Sequence[str]) -> bool:
    known = [run for value in values for run in digit_runs(value)]
    return any(len(run) > 1 and run not in known for run in digit_runs(text))
