"""Reports from jobs: what may travel, and how it is counted."""

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from agent.reports import REPORT, CallEnded, Happened, Timed, ToolUsed, count
from records import CallOutcome


def value(name: str, **labels: str) -> float:
    """The present value of one series."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_an_ended_call_is_counted_by_its_outcome() -> None:
    """The series that alerts are made of moves by one."""
    before = value("frontdesk_calls_ended_total", outcome="limit")
    count(CallEnded(outcome=CallOutcome.LIMIT))

    assert value("frontdesk_calls_ended_total", outcome="limit") == before + 1


def test_a_turn_with_a_tool_is_timed_apart() -> None:
    """Tool turns are slower and would hide in one histogram."""
    before = value("frontdesk_turn_response_seconds_count", tool_used="yes")
    count(Timed(what="turn_response", seconds=0.8, tool_used=True))

    assert value("frontdesk_turn_response_seconds_count", tool_used="yes") == before + 1


@pytest.mark.parametrize("tool", ["+15551234567", "Robin Ellis", "x" * 65, ""])
def test_a_label_can_hold_no_number_and_no_words(tool: str) -> None:
    """What a hostile model calls a tool never becomes a label."""
    with pytest.raises(ValidationError):
        ToolUsed(tool=tool, outcome="ok", seconds=0.1)


def test_every_report_survives_the_lifeline() -> None:
    """What a job sends is what the parent reads."""
    sent = Happened(what="clip", why="one_moment")

    assert REPORT.validate_json(sent.model_dump_json()) == sent
