"""Calls of a soak that went as planned, and the records that they must leave."""

from typing import Any

from records import CallOutcome, CallView
from records.view import CostLine, Tokens, ToolUse, Turn
from rehearsal.soak.judging import Made
from rehearsal.soak.plan import Kind, Plan, plans

ENDED_AT = 1795636836.0


def planned(kind: Kind, *, by_phone: bool = False) -> Plan:
    """The first call of its kind."""
    made = plans(9, 9, 1)
    return next(plan for plan in made if plan.kind is kind and plan.by_phone is by_phone)


def made(kind: Kind, *, by_phone: bool = False, **more: Any) -> Made:
    """The same, made."""
    plan = planned(kind, by_phone=by_phone)
    return Made(plan, sip_call_id=f"soak-{plan.number}", **more)


def record(one: Made, **changes: Any) -> CallView:
    """What must be in the record of a call."""
    plan = one.plan
    heard = () if plan.kind is Kind.KILLED else plan.says
    spoken = [("agent", "Hello."), *(("caller", words) for words in heard)]
    if plan.kind is Kind.UNKNOWN:
        spoken = [("clip", "The number you have dialled is not in service.")]
    found: dict[str, Any] = {
        "call_id": f"call-{plan.number}",
        "sip_call_id": one.sip_call_id,
        "profile": "not_in_service" if plan.kind is Kind.UNKNOWN else plan.line.name,
        "started_at": ENDED_AT - 6,
        "answered_at": ENDED_AT - 5,
        "ended_at": ENDED_AT,
        "outcome": plan.outcome,
        "turns": [Turn.model_validate(_turn(*one)) for one in spoken],
        "tools": [
            ToolUse(at=ENDED_AT - 3, tool=tool, outcome=outcome, duration_ms=20)
            for tool, outcome in plan.uses
        ],
        "tokens": [Tokens(model="gpt-realtime", input_text=120, input_cached_text=64)],
        "cost": [cost("model_input_text", 123)],
    }
    return CallView(**{**found, **changes})


def resumed(one: Made, **changes: Any) -> CallView:
    """What must be in the record of the job that goes on with a call whose job was killed."""
    own: dict[str, Any] = {
        "call_id": f"call-{one.plan.number}-again",
        "resumes": f"call-{one.plan.number}",
        "outcome": CallOutcome.COMPLETED,
        "turns": [
            Turn.model_validate(_turn("agent", "Where were we?")),
            *(Turn.model_validate(_turn("caller", words)) for words in one.plan.says),
        ],
    }
    return record(one, **{**own, **changes})


def cost(kind: str, micro: int) -> CostLine:
    """A line of what a call cost."""
    return CostLine(
        kind=kind,
        item="gpt-realtime",
        quantity=1.0,
        unit="token",
        amount_micro=micro,
        currency="USD",
        price_dated="2026-11-01",
    )


def _turn(speaker: str, text: str) -> dict[str, Any]:
    return {"at": ENDED_AT - 4, "speaker": speaker, "text": text}
