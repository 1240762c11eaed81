"""Signalling over a wire that loses datagrams: who repeats what, and when they give up."""

import pytest

from rehearsal.phone.signals import Established, Over, State
from tests.unit.phone.sipwire import Wire


@pytest.mark.parametrize("lost", ["INVITE", "200 INVITE", "ACK"])
def test_a_call_comes_up_although_a_message_is_lost(lost: str) -> None:
    """Whichever message of the set-up is lost, it is repeated within a second."""
    wire = Wire()
    wire.drops = lambda line: line == lost and wire.log.count(lost) == 1
    wire.dial()
    wire.advance(0.6)
    wire.callee.calls[0].accept(wire.now)
    wire.carry()
    wire.advance(1.0)

    assert Established() in wire.caller.events
    assert len(wire.callee.calls) == 1
    transaction = wire.callee.calls[0].invitation
    assert transaction is not None
    assert transaction.acknowledged


def test_an_unanswered_invite_is_repeated_ever_more_slowly() -> None:
    """T1 doubles: 0.5, 1.5, 3.5 ... seconds, until 32 s (timers A and B)."""
    wire = Wire()
    wire.drops = lambda _: True
    wire.dial()
    wire.advance(31.9)

    assert wire.log == ["INVITE"] * 7
    assert wire.caller.events == []
    wire.advance(0.2)
    assert wire.caller.events == [Over("network", 408, "no answer from the network")]


def test_ringing_stops_the_repeats() -> None:
    """Once anything was heard the INVITE is not sent again."""
    wire = Wire()
    wire.dial()
    wire.callee.calls[0].ring(wire.now)
    wire.carry()
    wire.advance(60)

    assert wire.caller.agent.due == float("inf")
    assert wire.log.count("INVITE") == 1


def test_a_repeated_request_gets_the_same_reply() -> None:
    """A lost 200 to BYE is said again, and the call ends once."""
    wire = Wire()
    call, _ = wire.up()
    wire.drops = lambda line: line == "200 BYE" and wire.log.count(line) == 1
    call.hang_up(wire.now)
    wire.carry()
    assert not call.settled
    wire.advance(0.6)

    assert call.settled
    assert [e for e in wire.callee.events if isinstance(e, Over)] == wire.callee.events[1:]


def test_an_answer_nobody_acknowledges_ends_the_call() -> None:
    """The 200 is repeated for 32 s, then the callee hangs up (RFC 3261 section 13.3.1.4)."""
    wire = Wire()
    wire.drops = lambda line: line == "ACK"
    _, callee = wire.up()
    wire.advance(33)

    assert wire.log.count("200 INVITE") == 11
    assert callee.state is State.ENDED
    assert "BYE" in wire.log


def test_a_bye_that_nobody_answers_is_given_up() -> None:
    """The call is over at once, and settled when the repeats end."""
    wire = Wire()
    call, _ = wire.up()
    wire.drops = lambda _: True
    call.hang_up(wire.now)
    wire.carry()

    assert wire.caller.events[-1] == Over("phone", 200, "hung up")
    wire.advance(32.1)
    assert call.settled
    assert wire.log.count("BYE") == 11


def test_nothing_is_left_of_a_call_that_is_over() -> None:
    """Calls, transactions and timers are all forgotten in the end."""
    wire = Wire()
    call, _ = wire.up()
    call.hang_up(wire.now)
    wire.carry()
    wire.advance(120)

    for agent in (wire.caller.agent, wire.callee.agent):
        assert agent.calls == []
        assert agent.due == float("inf")
