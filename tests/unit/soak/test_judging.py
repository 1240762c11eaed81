"""Records of a soak against everything that could be wrong with them."""

from typing import Any

import pytest

from records import CallOutcome
from records.view import Recording, Turn
from rehearsal.soak.judging import Judged, judge
from rehearsal.soak.plan import Kind
from tests.unit.soak.calls import made, record, resumed

SOUND = Recording(name="a", began_at=0, seconds=5, bytes=9, sha256="0")
ORDER = made(Kind.ORDER)
KILLED = made(Kind.KILLED)


def test_what_happened_and_stands_there_once_is_well() -> None:
    """Of every kind; a call whose job was killed has two records, one going on with the other."""
    calls = [made(kind) for kind in Kind]

    assert judge(calls, [*map(record, calls), resumed(KILLED)]) == Judged()
    assert Judged().kept


def test_a_call_without_a_record_is_lost() -> None:
    """By its name, for whoever looks into the logs."""
    judged = judge([ORDER], [])

    assert judged.lost == (f"call {ORDER.plan.number} (asks for an order)",)
    assert not judged.kept


@pytest.mark.parametrize(
    ("one", "more"),
    [
        (ORDER, [record(ORDER, call_id="another")]),
        (ORDER, [resumed(ORDER)]),
        (KILLED, [resumed(KILLED), resumed(KILLED, call_id="a third")]),
    ],
)
def test_a_call_with_more_records_is_doubled(one: Any, more: list[Any]) -> None:
    """Two by themselves, or more that go on than jobs were killed."""
    assert len(judge([one], [record(one), *more]).doubled) == 1


def test_a_record_of_a_call_that_nobody_made_is_told() -> None:
    """By its id."""
    judged = judge([], [record(ORDER)])

    assert judged.strangers == (record(ORDER).call_id,)
    assert not judged.kept


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"outcome": None}, "its record is open"),
        ({"ended_at": None}, "its record is open"),
        ({"outcome": CallOutcome.FAILED, "reason": "why"}, "ended as failed, not completed: why"),
        ({"profile": "another"}, "its profile is another"),
        ({"tools": []}, "tools were ()"),
        ({"tools": [*record(ORDER).tools, *record(ORDER).tools]}, "tools were (("),
        ({"turns": record(ORDER).turns[:2]}, "the caller has 1 turns, not 2"),
        ({"turns": [*record(ORDER).turns, record(ORDER).turns[-1]]}, "has 3 turns, not 2"),
        ({"turns": record(ORDER).turns[1:]}, "the agent has no turn"),
        (
            {"turns": [*record(ORDER).turns[:2], Turn(at=0, speaker="caller", text="")]},
            "words are missing",
        ),
        ({"cost": []}, "it has no cost"),
        ({"recording": SOUND}, "its sound is not stored"),
    ],
)
def test_a_record_that_says_something_else_is_wrong(changes: dict[str, Any], says: str) -> None:
    """Each alone breaks the promise."""
    judged = judge([ORDER], [record(ORDER, **changes)])

    assert any(says in wrong for wrong in judged.wrong), judged.wrong
    assert not judged.kept


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "no job went on with it"),
        ([resumed(KILLED, resumes="another")], "went on with another call"),
        ([resumed(KILLED, outcome=CallOutcome.FAILED)], "ended as failed, not completed"),
        ([resumed(KILLED, turns=[])], "the caller has 0 turns, not 1"),
    ],
)
def test_a_call_whose_job_was_killed_goes_on(found: list[Any], says: str) -> None:
    """Another job's record goes on with it, and has what was said then."""
    judged = judge([KILLED], [record(KILLED), *found])

    assert any(says in wrong for wrong in judged.wrong), judged.wrong


def test_what_was_misheard_by_telephone_is_not_held_against_the_record() -> None:
    """It has to be there once, and closed; what happened is what the model made of it."""
    phoned = made(Kind.ORDER, by_phone=True)
    heard = [Turn(at=0, speaker="caller", text="[unintelligible]")]
    other = record(phoned, turns=heard, tools=[], outcome=CallOutcome.CALLER_SILENT)

    assert judge([phoned], [other]) == Judged(misheard=1)
    assert judge([phoned], []).lost
    assert judge([phoned], [record(phoned, turns=heard, outcome=None)]).wrong


def test_a_write_that_the_database_could_not_keep_is_refused_and_told() -> None:
    """So it is promised; any other refusal is not what was planned."""
    cancelled = made(Kind.CANCELLED)
    uses = record(cancelled).tools
    for reason, judged in (("not_kept", Judged(refused=1)), ("not_found", None)):
        refused = uses[1].model_copy(update={"outcome": "refused", "reason": reason})
        found = judge([cancelled], [record(cancelled, tools=[uses[0], refused])])
        assert found == judged if judged else found.wrong


def test_a_call_that_could_not_be_made_breaks_the_promise() -> None:
    """It showed nothing; its record, if there is one, is judged by nobody."""
    judged = judge([made(Kind.ORDER, complaint="no room")], [record(ORDER, outcome=None)])

    assert judged.unmade == (f"call {ORDER.plan.number} (asks for an order): no room",)
    assert judged.strangers == judged.lost == judged.wrong == ()
    assert not judged.kept
