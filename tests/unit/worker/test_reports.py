"""Reports from jobs: what may travel, and how it is counted."""

import json
import random

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from agent.counting import Counting
from agent.profile import Profile
from agent.reports import REPORT, CallEnded, CallStarted, Happened, Report, Timed, ToolUsed
from records import CallOutcome
from tests.unit.desk_tools.desk import opened

ODD_SEED = 4271
CALL = CallStarted(call_id="c1", room="r1", profile="acme")


def count(report: Report) -> None:
    """Count a report of a call to acme."""
    Counting({"acme": Profile(name="acme")}).count(report, CALL)


def value(name: str, **labels: str) -> float:
    """The present value of one series."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_an_ended_call_is_counted_by_its_outcome() -> None:
    """The series that alerts are made of moves by one."""
    of = {"profile": "acme", "outcome": "limit"}
    before = value("frontdesk_calls_ended_total", **of)
    count(CallEnded(outcome=CallOutcome.LIMIT))

    assert value("frontdesk_calls_ended_total", **of) == before + 1


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


def test_a_refusal_is_counted_with_its_reason_and_its_requests() -> None:
    """What callers are denied, and how hard the office makes it."""
    denied = {"tool": "cancel_order", "reason": "not_verified"}
    before = value("frontdesk_tool_denied_total", **denied)
    requests = value("frontdesk_tool_requests_total", tool="cancel_order")
    refused = {"tool": "cancel_order", "outcome": "refused", "reason": "not_verified"}
    count(ToolUsed.model_validate({**refused, "tries": 3, "seconds": 0.1}))
    count(ToolUsed(tool="cancel_order", outcome="ok", tries=1, seconds=0.1))

    assert value("frontdesk_tool_denied_total", **denied) == before + 1
    assert value("frontdesk_tool_requests_total", tool="cancel_order") == requests + 4


def tool_series() -> list[dict[str, str]]:
    """The labels of every counter of tools; other tests of this process have made some too."""
    return [
        sample.labels
        for family in REGISTRY.collect()
        if family.name.startswith("frontdesk_tool_")
        for sample in family.samples
        if sample.name.endswith("_total")
    ]


async def test_ten_thousand_odd_values_make_no_series() -> None:
    """Whatever a model calls tools and passes to them, the dashboard stays the same size."""
    dice, before = random.Random(ODD_SEED), len(tool_series())
    async with opened() as desk:
        for _ in range(10_000):
            odd = "".join(map(chr, dice.choices(range(1, 0x2FF), k=dice.randrange(1, 40))))
            name = dice.choice((odd, "look_up_order", "cancel_order", f"cancel_order{odd[:1]}"))
            await desk.gate.use(name, dice.choice((odd, json.dumps({"order": odd}), "{}")))
        for use in desk.uses:
            count(
                ToolUsed(
                    tool=use.tool,
                    outcome=use.outcome.value,
                    reason=use.reason,
                    tries=use.tries,
                    seconds=use.duration_s,
                )
            )

    assert len(desk.uses) == 10_000
    assert len(tool_series()) - before < 60
