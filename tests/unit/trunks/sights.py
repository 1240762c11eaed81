"""Webhooks about one call, as the watcher's decisions get them."""

from sip.sights import Happened, Sight, Who

ROOM = "RM_1"


def joined(who: Who, participant: str = "", *, at_s: float = 0.0) -> Sight:
    """Somebody came; `participant` tells two of a kind apart."""
    return _sight("joined", who, participant, at_s=at_s, joined_s=at_s)


def left(who: Who, participant: str = "", *, at_s: float = 0.0, joined_s: float = 0.0) -> Sight:
    """Somebody went."""
    return _sight("left", who, participant, at_s=at_s, joined_s=joined_s)


def over(*, at_s: float = 0.0) -> Sight:
    """The room is no more."""
    return _sight("finished", "nobody", "", at_s=at_s, joined_s=0.0)


def _sight(
    happened: Happened, who: Who, participant: str, *, at_s: float, joined_s: float
) -> Sight:
    return Sight(
        room=ROOM,
        room_name="call_+15557654321_x",
        happened=happened,
        who=who,
        participant=participant or f"PA_{who}",
        at_s=at_s,
        joined_s=joined_s,
    )
