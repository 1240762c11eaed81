"""What a use may do now: one pure function of its policy and of what is true at that moment."""

from dataclasses import dataclass
from enum import Enum

from tools.policy import Assurance, Policy


class Consent(Enum):
    """What the caller has said to exactly this action."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    """Asked, and the caller has not answered yet."""
    NOT_READ_BACK = "not_read_back"
    """The caller has answered, but what the agent said before did not name the action."""
    UNCLEAR = "unclear"
    NO = "no"
    YES = "yes"


@dataclass(frozen=True)
class Standing:
    """What is true at the moment of a use; `runs` counts earlier runs of the same tool, `cents`
    is how much money it would move, `open_now` whether the company is open."""

    runs: int
    assurance: Assurance
    consent: Consent
    cents: int = 0
    open_now: bool = True


class Verdict(Enum):
    """What the gate does with a use; the value of a refusal is its reason."""

    ALLOW = ""
    TOO_OFTEN = "too_often"
    TOO_OFTEN_TODAY = "too_often_today"
    ABOVE_LIMIT = "above_limit"
    LIMIT_UNKNOWN = "limit_unknown"
    CLOSED = "closed"
    UNKNOWN_CALLER = "unknown_caller"
    NOT_VERIFIED = "not_verified"
    NEEDS_CODE = "needs_code"
    DECLINED = "declined"
    ASK = "ask"
    """Nothing is decided: read the action back and wait for the caller."""


def decide(policy: Policy, standing: Standing) -> Verdict:
    """What a use with `policy` may do now. Limits come first, then identity, then consent."""
    if standing.runs >= policy.times_per_call:
        return Verdict.TOO_OFTEN
    if policy.in_hours and not standing.open_now:
        return Verdict.CLOSED
    if standing.assurance < policy.assurance:
        return {
            Assurance.NUMBER: Verdict.UNKNOWN_CALLER,
            Assurance.KNOWLEDGE: Verdict.NOT_VERIFIED,
            Assurance.CODE: Verdict.NEEDS_CODE,
        }[policy.assurance]
    if policy.money and not 0 < standing.cents <= policy.money.most_cents:
        return Verdict.ABOVE_LIMIT
    if policy.spoken_yes and standing.consent is not Consent.YES:
        return Verdict.DECLINED if standing.consent is Consent.NO else Verdict.ASK
    return Verdict.ALLOW
