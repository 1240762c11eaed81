"""What is kept of a webhook, and what is not."""

import pytest
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from sip.sights import Sight, kind_of, reduce


def event(name: str, kind: "ParticipantInfo.Kind", room: str = "call_x") -> WebhookEvent:
    """A webhook as LiveKit sends it, with a caller's number in the identity."""
    made = WebhookEvent(event=name, created_at=115)
    made.room.sid, made.room.name = "RM_1", room
    made.participant.sid, made.participant.identity = "PA_1", "sip_+15550001111"
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
    """Ids, what happened, to whom by kind, and when; never the identity."""
    sight = reduce(event(name, ParticipantInfo.SIP), "call")

    assert isinstance(sight, Sight)
    assert (sight.room, sight.participant, sight.happened) == ("RM_1", "PA_1", happened)
    assert (sight.who, sight.at_s, sight.joined_s) == ("caller", 115.0, 100.0)


def test_a_callers_number_in_a_rooms_name_is_not_printed() -> None:
    """A rule of somebody else, one room for each caller, names rooms after them."""
    webhook = event("participant_left", ParticipantInfo.AGENT, room="call_+15550001111_fY3k")

    sight = reduce(webhook, "call")

    assert sight is not None
    assert sight.room_name == "call_+15550001111_fY3k"
    assert "5550001111" not in repr(sight)


def test_the_end_of_a_room_is_nobodys() -> None:
    """Whatever else such a webhook holds."""
    sight = reduce(event("room_finished", ParticipantInfo.SIP), "call")

    assert sight is not None
    assert (sight.happened, sight.who, sight.participant) == ("finished", "nobody", "")


@pytest.mark.parametrize(
    "irrelevant",
    [
        event("track_published", ParticipantInfo.SIP),
        event("participant_joined", ParticipantInfo.EGRESS),
        event("participant_joined", ParticipantInfo.SIP, room="meeting"),
        event("participant_joined", ParticipantInfo.SIP, room="callback_1"),
        WebhookEvent(event="participant_joined"),
    ],
)
def test_what_is_not_about_our_calls_is_ignored(irrelevant: WebhookEvent) -> None:
    """Other events, recorders and other people's rooms change nothing."""
    assert reduce(irrelevant, "call") is None


@pytest.mark.parametrize("kind", ParticipantInfo.Kind.values())
def test_everybody_is_a_caller_an_agent_a_person_or_nobody_who_speaks(
    kind: "ParticipantInfo.Kind",
) -> None:
    """Also the kinds that LiveKit may add: in doubt there is somebody the caller can talk to."""
    known = {"SIP": "caller", "AGENT": "agent", "EGRESS": None, "INGRESS": None}

    told = kind_of(ParticipantInfo(kind=kind))

    assert told == known.get(ParticipantInfo.Kind.Name(kind), "person")
