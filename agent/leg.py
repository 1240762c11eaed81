"""The caller's leg of a call, as the room shows it: answered, and gone.

LiveKit names both by events that may have come before anybody listened. Used by `agent.call`.
"""

from collections.abc import Callable

from livekit import rtc


def when_gone(room: rtc.Room, caller: rtc.RemoteParticipant, then: Callable[[], None]) -> None:
    """Call `then` once the caller has left, which they may have already."""

    def on_left(participant: rtc.RemoteParticipant) -> None:
        if participant.identity == caller.identity:
            then()

    room.on("participant_disconnected", on_left)
    if caller.identity not in room.remote_participants:
        then()


def when_answered(room: rtc.Room, caller: rtc.RemoteParticipant, then: Callable[[], None]) -> None:
    """Call `then` once the caller's line is up, which it may be already."""
    answered = False

    def on_attributes(_: dict[str, str], participant: rtc.Participant) -> None:
        nonlocal answered
        up = participant.attributes.get("sip.callStatus") == "active"
        if up and not answered and participant.identity == caller.identity:
            answered = True
            then()

    room.on("participant_attributes_changed", on_attributes)
    on_attributes({}, caller)
