"""The one decision: what may a tool do now."""

import pytest

from tools.policy import Assurance, Effect, Policy
from tools.verdict import Consent, Standing, Verdict, decide

WRITE = Policy(effect=Effect.IRREVERSIBLE, spoken_yes=True, times_per_call=2)


@pytest.mark.parametrize(
    ("runs", "assurance", "said", "verdict"),
    [
        (0, Assurance.KNOWLEDGE, Consent.YES, Verdict.ALLOW),
        (0, Assurance.CODE, Consent.YES, Verdict.ALLOW),
        (2, Assurance.KNOWLEDGE, Consent.YES, Verdict.TOO_OFTEN),
        (0, Assurance.NUMBER, Consent.YES, Verdict.NOT_VERIFIED),
        (0, Assurance.NONE, Consent.YES, Verdict.NOT_VERIFIED),
        (0, Assurance.KNOWLEDGE, Consent.NOT_ASKED, Verdict.ASK),
        (0, Assurance.KNOWLEDGE, Consent.WAITING, Verdict.ASK),
        (0, Assurance.KNOWLEDGE, Consent.UNCLEAR, Verdict.ASK),
        (0, Assurance.KNOWLEDGE, Consent.NOT_READ_BACK, Verdict.ASK),
        (0, Assurance.KNOWLEDGE, Consent.NO, Verdict.DECLINED),
    ],
)
def test_a_write_is_decided(
    runs: int, assurance: Assurance, said: Consent, verdict: Verdict
) -> None:
    """Only a verified caller's yes within the limits lets a write run."""
    assert decide(WRITE, Standing(runs, assurance, said)) is verdict


@pytest.mark.parametrize(
    ("needed", "verdict"),
    [
        (Assurance.NONE, Verdict.ALLOW),
        (Assurance.NUMBER, Verdict.UNKNOWN_CALLER),
        (Assurance.KNOWLEDGE, Verdict.NOT_VERIFIED),
        (Assurance.CODE, Verdict.NEEDS_CODE),
    ],
)
def test_a_stranger_hears_what_is_missing(needed: Assurance, verdict: Verdict) -> None:
    """Each missing level of assurance has its own reason."""
    stranger = Standing(0, Assurance.NONE, Consent.NOT_ASKED)

    assert decide(Policy(assurance=needed), stranger) is verdict


@pytest.mark.parametrize(
    "mistake",
    [
        {"effect": Effect.IRREVERSIBLE},
        {"effect": Effect.WRITE, "honours_key": False, "tries": 2},
        {"try_s": 9.0},
        {"try_s": 0.0},
        {"tries": 0},
        {"times_per_call": 0},
    ],
)
def test_a_policy_that_promises_too_much_is_refused(mistake: dict[str, object]) -> None:
    """A policy that could not be kept is an error when it is written."""
    with pytest.raises(ValueError, match=r"."):
        Policy(**mistake)  # type: ignore[arg-type]
