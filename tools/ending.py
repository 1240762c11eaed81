"""How a use ends: what happened, turned into an outcome and the model's answer. Pure.

The one place where errors become outcomes. Called by `tools.gate`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools import sentences
from tools.catalogue import Result
from tools.errors import (
    BadAnswer,
    NotAllowed,
    OfficeDown,
    OfficeRefused,
    OfficeTimeout,
    OutcomeUnknown,
    ToolError,
)
from tools.outcome import Answer, Outcome

OUTCOMES: Mapping[type[ToolError], Outcome] = {
    NotAllowed: Outcome.REFUSED,
    OfficeRefused: Outcome.REFUSED,
    OfficeDown: Outcome.UNAVAILABLE,
    OfficeTimeout: Outcome.TIMEOUT,
    BadAnswer: Outcome.MALFORMED,
    OutcomeUnknown: Outcome.UNKNOWN,
}
# What an area has not worded itself, any code says so too.
NOT_THERE = (404, 410)


@dataclass(frozen=True)
class Ended:
    """Outcome, short reason, sentence for the caller, and result fields for the model."""

    outcome: Outcome
    reason: str
    say: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    escalated: bool = False
    """Whether the caller is offered a person."""

    def answer(self) -> Answer:
        """What the model gets. Outcome, reason and sentence win over fields of those names."""
        told: dict[str, Any] = {**self.fields, "outcome": self.outcome.value}
        if self.reason:
            told["reason"] = self.reason
        return Answer(json.dumps({**told, "say": self.say}), self.outcome)


def succeeded(result: Result) -> Ended:
    """The end of a use that did what was asked."""
    fields = result.model_dump(mode="json")
    say = str(fields.pop("say"))
    return Ended(Outcome.OK, "", say, fields)


def duplicate(first: Mapping[str, Any]) -> Ended:
    """The end of a use whose wish was fulfilled before, with this result."""
    return Ended(Outcome.DUPLICATE, "", sentences.already_done(first), first)


def ended_by(error: ToolError | None, *, writes: bool, in_doubt: bool, bug: bool = False) -> Ended:
    """The end of a use by `error`; None for the deadline, or for a bug.

    A write in doubt is `unknown` whatever stopped it: nobody is told that nothing happened.
    """
    if in_doubt:
        reason = error.code if error else "bug" if bug else "deadline"
        return Ended(Outcome.UNKNOWN, reason, sentences.WRITE_IN_DOUBT)
    failed = sentences.WRITE_FAILED if writes else sentences.READ_FAILED
    if error is None:
        outcome = Outcome.UNAVAILABLE if bug else Outcome.TIMEOUT
        return Ended(outcome, "bug" if bug else "deadline", failed)
    outcome = OUTCOMES[type(error)]
    if isinstance(error, NotAllowed):
        return Ended(outcome, error.code, error.say)
    if isinstance(error, OfficeRefused) and error.status in NOT_THERE:
        return Ended(outcome, "not_found", sentences.NOT_FOUND)
    if isinstance(error, OfficeRefused):
        return Ended(outcome, error.code, sentences.OFFICE_SAID_NO)
    doubt = error.say or sentences.WRITE_IN_DOUBT
    return Ended(outcome, error.code, doubt if outcome is Outcome.UNKNOWN else failed)
