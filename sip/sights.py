"""What LiveKit's webhooks say about our calls, reduced to what `sip watch` decides by.

Pure. Identities hold callers' numbers (`sip_<number>`), and so may names of rooms that a rule of
somebody else made: nothing of a participant but its kind and LiveKit's id gets past `reduce`, and
the room's name, without which no room can be closed, stays out of `repr`.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

Who: TypeAlias = Literal["caller", "agent", "person", "nobody"]
Happened: TypeAlias = Literal["joined", "left", "finished"]

_HAPPENED: dict[str, Happened] = {
    "participant_joined": "joined",
    "participant_left": "left",
    "participant_connection_aborted": "left",
    "room_finished": "finished",
}
# A recorder or a stream says nothing to a caller.
_SILENT = (ParticipantInfo.EGRESS, ParticipantInfo.INGRESS)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One webhook about a call. Times are LiveKit's clock in seconds, 0 unknown.

    `room` is LiveKit's id of the room, `participant` its id of one connection to it, "" for none.
    """

    room: str
    room_name: str = field(repr=False)
    happened: Happened
    who: Who
    participant: str = ""
    at_s: float
    joined_s: float = 0.0


def reduce(event: WebhookEvent, room_prefix: str) -> Sight | None:
    """What `event` says about a call, or None when it says nothing about one of ours."""
    happened = _HAPPENED.get(event.event)
    room, person = event.room, event.participant
    if happened is None or not room.sid or not room.name.startswith(f"{room_prefix}_"):
        return None
    who: Who | None = "nobody" if happened == "finished" else kind_of(person)
    if who is None:
        return None
    return Sight(
        room=room.sid,
        room_name=room.name,
        happened=happened,
        who=who,
        participant="" if who == "nobody" else person.sid,
        at_s=float(event.created_at),
        joined_s=0.0 if who == "nobody" else float(person.joined_at),
    )


def kind_of(participant: ParticipantInfo) -> Who | None:
    """What somebody in a room is to a call; None for those who neither hear nor speak."""
    if participant.kind in _SILENT:
        return None
    known: dict[int, Who] = {ParticipantInfo.SIP: "caller", ParticipantInfo.AGENT: "agent"}
    return known.get(participant.kind, "person")
