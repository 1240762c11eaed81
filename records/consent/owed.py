"""What a caller is owed before their words are kept: nothing, an announcement, or a question. Pure.

The company's rules say what it does where one party's consent is enough, where everybody's is
needed, and where nobody knows. Both ends of a call count, the caller's and the company's: the
stricter one holds. Called by `records.consent.recording` for one call.
"""

from enum import StrEnum
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from records.consent.law import Law, Needs, law_of


class Policy(StrEnum):
    """What happens before words are kept."""

    NONE = "none"
    """They are kept from the start."""
    ANNOUNCE = "announce"
    """The caller is told first; whoever stays on the line has been told."""
    ASK = "ask"
    """The caller is asked, and nothing is kept before their yes."""


STRICTNESS = tuple(Policy)


class Rules(BaseModel):
    """A company's own rules; each is at least as strict as the one before it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    one_party: Policy = Policy.ANNOUNCE
    """Where one party's consent is enough: `none`, `announce` or `ask`. Where the law wants
    callers to be told, `none` becomes `announce`."""
    all_party: Literal[Policy.ANNOUNCE, Policy.ASK] = Policy.ASK
    """Where everybody's consent is needed: `ask`, or `announce` where whoever stays on the line
    after it has agreed."""
    unknown: Literal[Policy.ANNOUNCE, Policy.ASK] = Policy.ASK
    """For numbers that are withheld or belong to no place, and for places whose law nobody knows:
    `announce` or `ask`, and not less than `all_party`."""

    @model_validator(mode="after")
    def _never_milder(self) -> Self:
        steps = [STRICTNESS.index(rule) for rule in (self.one_party, self.all_party, self.unknown)]
        if steps != sorted(steps):
            raise ValueError(
                "all_party may not be milder than one_party, nor unknown milder than all_party:"
                " a caller of whom less is known is owed no less"
            )
        return self


class Owed(NamedTuple):
    """What is owed on one call; `jurisdiction` is the end that decided, `because` is for people."""

    policy: Policy
    jurisdiction: str
    because: str


def owed(rules: Rules, caller: str, company: str) -> Owed:
    """The stricter of what the two places ask for; the caller's counts where they are equal.

    Args:
        rules: the company's.
        caller: where the caller's number was issued, from `jurisdiction_of`.
        company: where the company is, `UNKNOWN` where it does not say.
    """
    ends = [_at(rules, caller, "the caller's number"), _at(rules, company, "the company")]
    return max(ends, key=lambda end: STRICTNESS.index(end.policy))


def _at(rules: Rules, jurisdiction: str, whose: str) -> Owed:
    law = law_of(jurisdiction)
    return Owed(_policy(rules, law), jurisdiction, f"{whose}: {_says(jurisdiction, law)}")


def _policy(rules: Rules, law: Law | None) -> Policy:
    if law is None:
        return rules.unknown
    if law.needs is Needs.ALL:
        return rules.all_party
    if law.needs is Needs.TOLD:
        return max(rules.one_party, Policy.ANNOUNCE, key=STRICTNESS.index)
    return rules.one_party


def _says(jurisdiction: str, law: Law | None) -> str:
    if law is None:
        return f"{jurisdiction}, whose law is not known"
    needs = {
        Needs.ONE: "one party's consent is enough",
        Needs.TOLD: "one party's consent is enough, and callers are told",
        Needs.ALL: "everybody's consent is needed",
    }[law.needs]
    return f"{jurisdiction}, {needs} ({law.source})"
