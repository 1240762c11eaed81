"""What was seen of one row that was played: facts, before anybody judges them. Pure.

What the caller was told is read from the record: from how the tool's use ended, and from whether
the agent then said so. Neither alone counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

from records import CallView
from records.reading import OPEN
from rehearsal.trials.row import Does, Told
from tools import Outcome, sentences

WRITES = "cancel_order"
READS = "look_up_order"
VERIFIES = "verify_caller"

_BY_OUTCOME = {
    Outcome.OK: Told.DONE,
    Outcome.DUPLICATE: Told.DONE,
    Outcome.REFUSED: Told.NOT_DONE,
    Outcome.TIMEOUT: Told.NOT_DONE,
    Outcome.UNAVAILABLE: Told.NOT_DONE,
    Outcome.MALFORMED: Told.NOT_DONE,
    Outcome.BREAKER_OPEN: Told.NOT_DONE,
    Outcome.UNKNOWN: Told.UNCLEAR,
}
# What is said of each, as its sentences begin; of a look-up and of a cancellation.
_WORDS = {
    Told.DONE: ("is cancelled", "already done", "is being prepared"),
    Told.NOT_DONE: (
        *(sentences.WRITE_FAILED[:24], sentences.READ_FAILED[:24], sentences.NOT_KEPT[:24]),
        *(sentences.BREAKER_OPEN[:24], "can't find", "can't be cancelled"),
    ),
    Told.UNCLEAR: (sentences.WRITE_IN_DOUBT[:24], sentences.STILL_AT_IT[:24]),
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One row, played once; seconds."""

    told: Told
    words: str = ""
    """What the caller heard of their wish, or instead."""
    outcomes: tuple[str, ...] = ()
    """How the uses of the tool ended, once the caller had agreed."""
    effects: int = 0
    """What has changed at the office for this wish."""
    kept: tuple[str | None, ...] = ()
    """How the ledger's rows of it ended; None for one that nobody knows the end of."""
    reconciled_s: float | None = None
    """How long after everything was back the last row was open; None if none was."""
    silences: tuple[float, ...] = ()
    """How long the caller waited in vain for a voice, each time that was too long."""
    spoken_to_s: float | None = None
    """From the death of a process that held the call to the first word of somebody else."""
    dead: bool = False
    """Whether such a process died."""
    complaint: str = ""
    """What kept the row from being played as it is written."""
    misheard: bool = False
    """Whether nothing was tried, because caller and model did not understand each other."""


def told(call: CallView, does: Does) -> tuple[Told, str, tuple[str, ...]]:
    """What the caller was told of their wish, in which words, and by which outcomes."""
    tool = READS if does is Does.LOOKS_UP else WRITES
    # What went on when its job died told nobody anything.
    uses = [use for use in call.tools if use.tool == tool and use.outcome != OPEN]
    if any(use.outcome == Outcome.NEEDS_YES for use in uses):
        # It asks; the caller has not agreed to anything before it.
        uses = list(dropwhile(lambda use: use.outcome != Outcome.NEEDS_YES, uses))[1:]
    if not uses:
        return Told.NOTHING, _last(call, 0.0), ()
    began = uses[0].at
    said = [turn.text for turn in call.turns if turn.speaker == "agent" and turn.at >= began]
    outcomes = tuple(use.outcome for use in uses)
    what, words = meant(outcomes, said)
    return what, words or _last(call, began), outcomes


def meant(outcomes: Sequence[str], said: Sequence[str]) -> tuple[Told, str]:
    """What the agent's words say of how the tool's uses ended, and which of them; or nothing."""
    meanings = [_BY_OUTCOME.get(Outcome(outcome), Told.NOTHING) for outcome in outcomes]
    heard = [(meaning, text) for meaning in meanings for text in said if means(meaning, text)]
    return heard[-1] if heard else (Told.NOTHING, "")


def misheard(call: CallView) -> bool:
    """Whether the caller and the scripted model did not understand each other.

    It heard other digits or other words than the caller said; or the caller took "one moment" for
    the question and said yes too early, as happens on a busy machine.
    """
    heard = [turn.text for turn in call.turns if turn.speaker == "caller"]
    if any("[unintelligible]" in text for text in heard):
        return True
    writes = [use.outcome for use in call.tools if use.tool == WRITES]
    return set(writes) == {Outcome.NEEDS_YES} or any(
        use.reason == "not_found" or (use.tool == VERIFIES and use.outcome != Outcome.OK)
        for use in call.tools
    )


def means(meaning: Told, text: str) -> bool:
    """Whether `text` says so."""
    return any(words.lower() in text.lower() for words in _WORDS.get(meaning, ()))


def _last(call: CallView, since: float) -> str:
    said: Sequence[str] = [t.text for t in call.turns if t.speaker != "caller" and t.at >= since]
    return said[-1] if said else ""
