"""The verdict on a call: every kind of finding, met and unmet."""

from typing import Any

import pytest

from records import CallOutcome
from rehearsal.rehearse.goal import Effect, Finding, Goal, Told, ToolGoal, judge
from tests.unit.rehearse.made import call, turn, use
from tools import Outcome

OFFICE = {"/orders/4271": {"status": "shipped", "note": None, "total": 8950}}
CANCELLED = Effect(operation="cancel_order", subject="4302")


def finding(goal: Goal, says: str, **seen: Any) -> Finding:
    """The one finding whose words begin so."""
    facts: dict[str, Any] = {"sip_status": 200, "call": call(), "effects": [], "office": OFFICE}
    (found,) = [f for f in judge(goal, **{**facts, **seen}) if f.says.startswith(says)]
    return found


@pytest.mark.parametrize(("status", "met"), [(200, True), (486, False), (0, False)])
def test_the_final_answer_of_the_line_is_judged(status: int, met: bool) -> None:
    """Also a call that was never answered."""
    found = finding(Goal(), "the line", sip_status=status)

    assert found == Finding(met=met, says=f"the line was answered {status}")


@pytest.mark.parametrize(
    ("outcome", "met"), [(CallOutcome.COMPLETED, True), (CallOutcome.ABANDONED, False)]
)
def test_the_outcome_in_the_record_is_judged(outcome: CallOutcome, met: bool) -> None:
    """By the closed list."""
    found = finding(Goal(), "the call ended", call=call(outcome=outcome))

    assert found == Finding(met=met, says=f"the call ended as {outcome.value}")


def test_a_call_without_a_record_is_a_failure() -> None:
    """A worker that leaves nothing behind has not done its work."""
    assert not finding(Goal(), "the worker left no record", call=None).met


def test_a_call_that_no_worker_took_is_judged_without_a_record() -> None:
    """A script can want the line to be refused."""
    goal = Goal(sip_status=486, outcome=None)
    found = judge(goal, sip_status=486, call=None, effects=[], office={})

    assert [f.met for f in found] == [True, True]


@pytest.mark.parametrize(
    ("words", "met"), [("has shipped", True), ("one moment", True), ("where is my", False)]
)
def test_words_count_when_the_agents_side_said_them(words: str, met: bool) -> None:
    """In any case, clips included; what the caller says proves nothing."""
    verb = "heard" if met else "did not hear"
    found = finding(Goal(heard=(words,)), f"the caller {verb}")

    assert found == Finding(met=met, says=f"the caller {verb} {words!r}")


def test_the_offices_own_words_must_have_been_said() -> None:
    """What the office holds is the truth; the caller must have heard it."""
    goal = Goal(told=(Told(path="/orders/4271", field="status"),))

    assert finding(goal, "the caller heard the office's own status, 'shipped'").met
    silent = call(turns=[turn("agent", "I do not know.")])
    assert not finding(goal, "the caller did not hear the office's own status", call=silent).met


@pytest.mark.parametrize(
    ("field", "wanted", "says"),
    [("status", "delivered", ", not 'delivered'"), ("note", None, ""), ("colour", None, "")],
)
def test_an_office_that_holds_something_else_is_no_success(
    field: str, wanted: str | None, says: str
) -> None:
    """Another value, no value, or no such field: the script and the data do not fit."""
    goal = Goal(told=(Told.model_validate({"path": "/orders/4271", "field": field, "is": wanted}),))

    found = finding(goal, "the office holds")

    assert not found.met
    assert found.says.endswith(f"as {field} of /orders/4271{says}")


def test_a_number_that_the_office_holds_is_compared_as_words() -> None:
    """YAML writes '8950', the office answers 8950."""
    told = Told.model_validate({"path": "/orders/4271", "field": "total", "is": "8950"})
    said = call(turns=[turn("agent", "That is 8950 cents.")])

    assert finding(Goal(told=(told,)), "the caller heard", call=said).met


@pytest.mark.parametrize(
    ("effects", "met"),
    [([CANCELLED], True), ([], False), ([CANCELLED, CANCELLED], False)],
)
def test_each_change_must_have_happened_once(effects: list[Effect], met: bool) -> None:
    """Twice is as wrong as never."""
    assert finding(Goal(effects=(CANCELLED,)), "the office changed", effects=effects).met is met


def test_a_change_whose_number_the_office_gives_is_known_by_its_kind() -> None:
    """A booking has a number that no script can know."""
    booked = Effect(operation="book", subject="121")

    assert finding(
        Goal(effects=(Effect(operation="book"),)), "the office changed", effects=[booked]
    ).met
    assert not finding(
        Goal(effects=(Effect(operation="move"),)), "the office changed", effects=[booked]
    ).met


@pytest.mark.parametrize(
    ("wanted", "found", "met"),
    [
        (("callback",), ["callback"], True),
        (("callback",), [], False),
        ((), ["callback"], False),
        (("callback",), ["callback", "callback"], False),
    ],
)
def test_the_staff_find_what_was_promised_and_nothing_else(
    wanted: tuple[str, ...], found: list[str], met: bool
) -> None:
    """A promise that nobody sees is broken; one that nobody made costs somebody's time."""
    judged = finding(Goal(follow_ups=wanted), "the staff have to do", follow_ups=found)

    assert judged.met is met


def test_a_change_that_nobody_wanted_is_told_beside_the_wanted() -> None:
    """Whoever reads it sees both."""
    found = finding(Goal(), "the office changed", effects=[CANCELLED])

    assert found.says == "the office changed: cancel_order 4302; wanted: nothing"
    assert not found.met


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        ((("verify_caller", "ok"), ("cancel_order", "ok")), True),
        ((("cancel_order", "ok"),), True),
        ((("cancel_order", "ok"), ("verify_caller", "ok")), False),
        ((("cancel_order", "refused"),), False),
    ],
)
def test_tools_must_have_been_used_in_order(wanted: tuple[tuple[str, str], ...], met: bool) -> None:
    """Others may lie between them."""
    goal = Goal(tools=tuple(ToolGoal(tool=t, outcome=Outcome(o)) for t, o in wanted))
    uses = [("verify_caller", "ok"), ("cancel_order", "needs_yes"), ("cancel_order", "ok")]

    found = finding(goal, "tools used: ", call=call(tools=[use(*u) for u in uses]))

    assert found.met is met
    used = "tools used: verify_caller (ok), cancel_order (needs_yes), cancel_order (ok)"
    assert found.says.partition("; wanted, in this order: ")[0] == used
    assert ("wanted" in found.says) is not met


@pytest.mark.parametrize(("times", "met"), [(0, False), (1, True), (3, True)])
def test_interruptions_are_a_least_number(times: int, met: bool) -> None:
    """A caller who had to speak up twice got through too."""
    found = finding(Goal(interruptions=1), "the caller spoke over", call=call(interruptions=times))

    assert found.met is met


def test_nothing_is_judged_that_was_not_asked_for() -> None:
    """A plain goal has the line, the changes and the outcome."""
    found = judge(Goal(), sip_status=200, call=call(), effects=[], office={})

    assert [f.met for f in found] == [True, True, True]
