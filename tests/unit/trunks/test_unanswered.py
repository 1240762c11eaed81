"""Which calls count as unanswered, however LiveKit's webhooks arrive."""

import itertools
import random

import pytest
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from sip.unanswered import Sight, Tracker, Verdict, reduce

CAME = Sight("RM_1", "joined", "caller", 100.0, 100.0)
WENT = Sight("RM_1", "left", "caller", 115.0, 100.0)
AGENT = Sight("RM_1", "joined", "agent", 101.0, 101.0)
OVER = Sight("RM_1", "finished", "nobody", 116.0)


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
    assert judged(CAME, WENT._replace(at_s=101.0)) == ["gave_up"]


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


def test_memory_is_bounded_and_forgetting_is_counted() -> None:
    """Calls whose end never came are dropped from the oldest on, not kept for ever."""
    tracker = Tracker(patience_s=3.0, settle_s=5.0, rooms=10)
    for number in range(25):
        tracker.see(CAME._replace(room=f"RM_{number}"), 0.0)
        tracker.see(WENT._replace(room="RM_24"), 0.0)

    assert tracker.forgotten > 0
    assert len(tracker.settle(1000.0)) == 1


def event(name: str, kind: "ParticipantInfo.Kind", room: str = "call_x") -> WebhookEvent:
    """A webhook as LiveKit sends it, with a caller's number in the identity."""
    made = WebhookEvent(event=name, created_at=115)
    made.room.sid, made.room.name = "RM_1", room
    made.participant.identity = "sip_+15550001111"
    made.participant.kind = kind
    made.participant.joined_at = 100
    return made


@pytest.mark.parametrize(
    ("name", "happened"),
    [
        ("participant_joined", "joined"),
        ("participant_left", "left"),
        ("participant_connection_aborted", "left"),
    ],
)
def test_a_webhook_is_reduced_to_what_holds_no_number(name: str, happened: str) -> None:
    """Room id, what happened, to whom by kind, and when; never the identity."""
    sight = reduce(event(name, ParticipantInfo.SIP), "call")

    assert sight == ("RM_1", happened, "caller", 115.0, 100.0)
    assert "5550001111" not in repr(sight)


@pytest.mark.parametrize(
    "irrelevant",
    [
        event("track_published", ParticipantInfo.SIP),
        event("participant_joined", ParticipantInfo.STANDARD),
        event("participant_joined", ParticipantInfo.SIP, room="meeting"),
        event("participant_joined", ParticipantInfo.SIP, room="callback_1"),
        WebhookEvent(event="participant_joined"),
    ],
)
def test_what_is_not_about_our_calls_is_ignored(irrelevant: WebhookEvent) -> None:
    """Other events, other participants and other people's rooms change nothing."""
    assert reduce(irrelevant, "call") is None
