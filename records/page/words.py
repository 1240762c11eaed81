"""What the codes of a record mean to somebody who reads it: one sentence or two words for each.

Used by the page of a call. A code that is not here yet is shown as it stands, its underscores
taken out: the page never hides what it cannot explain.
"""

from typing import Literal, TypeAlias

from records.outcome import CallOutcome

Tone: TypeAlias = Literal["good", "care", "bad", "calm"]

_OUTCOMES: dict[CallOutcome, tuple[Tone, str]] = {
    CallOutcome.COMPLETED: ("good", "Agent or caller ended it with nothing more to wait for."),
    CallOutcome.TRANSFERRED: ("good", "A person took the call."),
    CallOutcome.ABANDONED: ("care", "The caller hung up before the business was done."),
    CallOutcome.NOT_IN_SERVICE: (
        "calm",
        "Nothing answers on that number; a sentence said so.",
    ),
    CallOutcome.CALLER_SILENT: ("care", "Nobody spoke, also after being asked."),
    CallOutcome.LIMIT: ("care", "The call reached a limit and was ended with a word about it."),
    CallOutcome.FAILED: ("bad", "Model or worker could not go on; the caller was told."),
    CallOutcome.LOST: ("bad", "The process that held the call died; the record was closed for it."),
}
_TOOLS: dict[str, tuple[Tone, str]] = {
    "ok": ("good", "Done."),
    "duplicate": ("good", "Done before; the first answer was given again."),
    "needs_yes": ("calm", "Nothing was done yet: the caller was asked first."),
    "refused": ("care", "The gate or the office said no."),
    "invalid_arguments": ("care", "The model sent what the tool does not take."),
    "cancelled": ("care", "Broken off, because the call ended or the caller changed their mind."),
    "timeout": ("bad", "The office did not answer in time."),
    "unavailable": ("bad", "The office could not be reached or failed."),
    "breaker_open": ("bad", "Not asked: the office had failed too often just then."),
    "malformed": ("bad", "The office answered what cannot be read."),
    "open": ("bad", "Not over yet, or its job died before it was."),
    "unknown": ("bad", "Whether it was done was not known when the caller was told."),
}
_GAPS = {
    "before_consent": "before the caller had agreed",
    "refused": "the caller did not agree",
    "card_entry": "while card details were asked for",
    "card_heard": "a card number was heard",
    "keys_awaited": "while the caller pressed keys",
    "storage": "the disk took nothing",
    "backlog_full": "too much waited for the storage",
    "overload": "the machine was too slow",
    "recorder_failed": "the recorder had a fault",
    "turn_too_long": "a turn had no end, and could not be looked through",
    "words_unknown": "nobody knew yet what was said",
}
_LATENCIES = {
    "answer": "ringing",
    "greeting": "first word",
    "turn_response": "response",
    "model_first_audio": "model's first audio",
    "dead_air": "dead air",
}
_POLICIES = {
    "none": "nothing has to be said",
    "announce": "say that the call is recorded",
    "ask": "ask, and wait for a yes",
}
_ANSWERS = {
    "not_needed": "not needed",
    "announced": "announced",
    "granted": "the caller agreed",
    "refused": "the caller refused",
    "no_answer": "the caller did not answer",
}
SPEAKERS = {"caller": "Caller", "agent": "Agent", "clip": "Clip"}


def meaning_of(outcome: CallOutcome | None) -> tuple[Tone, str]:
    """How a call's end is to be taken, and what it means in a sentence."""
    if outcome is None:
        return "calm", "The call was still going on when this page was written."
    return _OUTCOMES[outcome]


def tool_meaning(outcome: str) -> tuple[Tone, str]:
    """The same for the use of a tool."""
    return _TOOLS.get(outcome, ("calm", plain(outcome)))


def gap_reason(code: str) -> str:
    """Why a span is not in the recording."""
    return _GAPS.get(code, plain(code))


def latency_name(what: str) -> str:
    """What was waited for."""
    return _LATENCIES.get(what, plain(what))


def policy_in_words(policy: str) -> str:
    """What the caller was owed before anything was kept."""
    return _POLICIES.get(policy, plain(policy))


def answer_in_words(answer: str) -> str:
    """What came of it."""
    return _ANSWERS.get(answer, plain(answer))


def plain(code: str) -> str:
    """A code without its underscores."""
    return code.replace("_", " ")
