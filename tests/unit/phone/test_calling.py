"""Calls set up, refused and ended: two agents on a wire, in no time."""

import pytest

from rehearsal.phone.digest import Credentials
from rehearsal.phone.signals import Established, Over, Provisional, State
from tests.unit.phone.sipwire import Wire

ADA = Credentials("ada", "lovelace")


def test_a_call_rings_is_answered_and_ended() -> None:
    """The plain call, message by message."""
    wire = Wire()
    call = wire.dial()
    wire.callee.calls[0].ring(wire.now)
    wire.carry()
    wire.callee.calls[0].accept(wire.now)
    wire.carry()
    call.hang_up(wire.now)
    wire.carry()

    assert wire.log == ["INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]
    told = [Provisional(180), Established(), Over("phone", 200, "hung up")]
    assert wire.caller.events == told
    assert wire.callee.events[0] == Established()
    assert call.settled


def test_the_callee_may_end_the_call() -> None:
    """A BYE of theirs ends it, with their headers."""
    wire = Wire()
    call, callee = wire.up()
    callee.hang_up(wire.now, [("Reason", 'Q.850;cause=16;text="done"')])
    wire.carry()

    over = wire.caller.events[-1]
    assert isinstance(over, Over)
    assert (over.by, over.code, over.headers["Reason"]) == (
        "other",
        200,
        'Q.850;cause=16;text="done"',
    )
    assert call.state is State.ENDED


@pytest.mark.parametrize("code", [404, 486, 603])
def test_a_refusal_is_acknowledged_and_told(code: int) -> None:
    """Busy and the like end the call with their status."""
    wire = Wire()
    wire.dial()
    wire.callee.calls[0].refuse(code, wire.now)
    wire.carry()

    assert wire.log[-2:] == [f"{code} INVITE", "ACK"]
    over = wire.caller.events[-1]
    assert isinstance(over, Over)
    assert (over.by, over.code) == ("other", code)


def test_giving_up_while_it_rings_cancels() -> None:
    """CANCEL ends the ringing on both sides."""
    wire = Wire()
    call = wire.dial()
    wire.callee.calls[0].ring(wire.now)
    wire.carry()
    call.hang_up(wire.now)
    wire.carry()

    assert wire.log[2:] == ["CANCEL", "200 CANCEL", "487 INVITE", "ACK"]
    assert wire.caller.events[-1] == Over("phone", 487, "Request Terminated", over_headers(wire))
    assert wire.callee.events == [Over("other", 487, "cancelled")]


def over_headers(wire: Wire) -> dict[str, str]:
    """The headers of the refusal the caller was told of."""
    over = wire.caller.events[-1]
    assert isinstance(over, Over)
    return over.headers


def test_a_cancel_waits_for_the_first_response() -> None:
    """Before any response nothing is cancelled; with the first it is (RFC 3261 section 9.1)."""
    wire = Wire()
    call = wire.dial()
    call.hang_up(wire.now)
    wire.carry()
    assert "CANCEL" not in wire.log

    wire.callee.calls[0].ring(wire.now)
    wire.carry()
    assert "CANCEL" in wire.log


def test_an_answer_that_crosses_the_cancel_is_hung_up() -> None:
    """The 200 wins the race: it is acknowledged and ended by BYE."""
    wire = Wire()
    call = wire.dial()
    wire.callee.calls[0].ring(wire.now)
    wire.carry()
    wire.drops = lambda line: line == "CANCEL"
    call.hang_up(wire.now)
    wire.carry()
    wire.callee.calls[0].accept(wire.now)
    wire.carry()

    assert wire.log[-4:] == ["200 INVITE", "ACK", "BYE", "200 BYE"]
    assert wire.callee.events[-1] != Established()


def test_a_challenge_is_answered_once() -> None:
    """The right password rings."""
    wire = Wire(door=ADA)
    wire.dial(ADA)

    assert wire.log == ["INVITE", "401 INVITE", "ACK", "INVITE"]
    assert len(wire.callee.calls) == 1


@pytest.mark.parametrize("who", [None, Credentials("ada", "wrong")])
def test_a_caller_without_the_password_is_turned_away(who: Credentials | None) -> None:
    """No answer to the challenge, or a wrong one, ends with its status and no endless retry."""
    wire = Wire(door=ADA)
    wire.dial(who)

    over = wire.caller.events[-1]
    assert isinstance(over, Over)
    assert over.code == 401
    assert wire.callee.calls == []


def test_an_offer_that_cannot_be_met_is_488() -> None:
    """No codec in common: the caller hears why, and nothing stays open."""
    wire = Wire()
    wire.dial()
    wire.callee.calls[0].media.codecs = ()
    wire.callee.calls[0].accept(wire.now)
    wire.carry()

    assert wire.log[-2:] == ["488 INVITE", "ACK"]
    assert wire.callee.calls[0].state is State.ENDED
