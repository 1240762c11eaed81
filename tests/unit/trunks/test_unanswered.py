"""Which calls count as unanswered, however LiveKit's webhooks arrive."""

import itertools
import random
from dataclasses import replace

import pytest

from sip.sights import Sight
from sip.unanswered import Tracker, Verdict
from tests.unit.trunks.sights import joined, left, over

CAME = joined("caller", at_s=100)
WENT = left("caller", at_s=115, joined_s=100)
AGENT = joined("agent", at_s=101)
OVER = over(at_s=116)


def judged(*sights: Sight) -> list[Verdict]:
    """Verdicts after these webhooks, well after the settling time."""
    tracker = Tracker(patience_s=3.0, settle_s=5.0, rooms=100)
    for sight in sights:
        tracker.see(sight, 0.0)
    return [settled.verdict for settled in tracker.settle(1000.0)]


def test_a_caller_whom_no_agent_joined_is_unanswered() -> None:
    """Fifteen seconds of ringing for nobody is a call that no worker took."""
    assert judged(CAME, WENT, OVER) == ["no_agent"]


def test_a_caller_whom_an_agent_joined_is_answered() -> None:
    """One agent at any time is enough."""
    assert judged(CAME, AGENT, WENT, OVER) == ["answered"]


def test_a_caller_who_left_at_once_gave_up() -> None:
    """Nobody can answer a caller who hangs up before a worker could have come."""
    assert judged(CAME, replace(WENT, at_s=101.0)) == ["gave_up"]


@pytest.mark.parametrize("order", list(itertools.permutations([CAME, AGENT, WENT, OVER])))
def test_the_order_of_webhooks_makes_no_difference(order: tuple[Sight, ...]) -> None:
    """LiveKit's queue may turn them around; the agent's arrival still counts."""
    assert judged(*order) == ["answered"]


@pytest.mark.parametrize("seed", range(20))
def test_lost_and_repeated_webhooks_are_survived(seed: int) -> None:
    """Any one of the caller's webhooks lost, all others in any order and number: same verdict."""
    chance = random.Random(seed)
    sights = [WENT, *chance.sample([CAME, OVER], 1)]
    sights = chance.choices(sights, k=6) + sights
    chance.shuffle(sights)

    assert judged(*sights) == ["no_agent"]


def test_a_verdict_waits_for_late_webhooks_and_comes_once() -> None:
    """Nothing before the settling time, one verdict after, and none for stragglers."""
    tracker = Tracker(patience_s=3.0, settle_s=5.0, rooms=100)
    tracker.see(CAME, 0.0)
    tracker.see(WENT, 15.0)

    early, due = tracker.settle(19.9), tracker.settle(20.0)
    tracker.see(WENT, 21.0)

    assert (early, [settled.verdict for settled in due]) == ([], ["no_agent"])
    assert tracker.settle(1000.0) == []


def test_a_call_under_way_has_no_verdict() -> None:
    """A caller who still rings or talks is not judged, however long it takes."""
    assert judged(CAME) == []
    assert judged(CAME, AGENT) == []


def test_a_room_without_a_caller_is_no_call() -> None:
    """A room that somebody made through the API counts for nothing."""
    assert judged(AGENT, OVER) == []


def test_a_person_in_the_room_changes_no_verdict() -> None:
    """Somebody who looks in and leaves is neither the worker nor the caller's end."""
    looked_in = joined("person", at_s=101), left("person", at_s=102)

    assert judged(CAME, *looked_in, WENT, OVER) == ["no_agent"]
    assert judged(CAME, *looked_in) == []


def test_memory_is_bounded_and_forgetting_is_counted() -> None:
    """Calls whose end never came are dropped from the oldest on, not kept for ever."""
    tracker = Tracker(patience_s=3.0, settle_s=5.0, rooms=10)
    for number in range(25):
        tracker.see(replace(CAME, room=f"RM_{number}"), 0.0)
        tracker.see(replace(WENT, room="RM_24"), 0.0)

    assert tracker.forgotten > 0
    assert len(tracker.settle(1000.0)) == 1
