"""Records of calls that never were."""

from typing import Any

from records import CallOutcome, CallView
from records.view import Tokens, ToolUse, Turn


def turn(speaker: Any, text: str, **more: Any) -> Turn:
    """One turn."""
    return Turn(at=1.0, speaker=speaker, text=text, **more)


def use(tool: str, outcome: str) -> ToolUse:
    """One use of a tool."""
    return ToolUse(at=1.0, tool=tool, outcome=outcome, duration_ms=12)


def call(**changes: Any) -> CallView:
    """A call that was completed in ten seconds."""
    facts: dict[str, Any] = {
        "call_id": "c1",
        "profile": "acme",
        "started_at": 100.0,
        "ended_at": 110.0,
        "outcome": CallOutcome.COMPLETED,
        "turns": [
            turn("agent", "Hello."),
            turn("caller", "where is my order", response_ms=None),
            turn("agent", "Order 4 2 7 1 has SHIPPED.", response_ms=800),
            turn("clip", "One moment, please."),
        ],
        "tools": [use("look_up_order", "ok")],
        "tokens": [Tokens(model="m", input_audio=30, input_text=5, output_audio=20, output_text=2)],
    }
    return CallView.model_validate({**facts, **changes})
