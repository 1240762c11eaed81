"""What happens within calls: holds, crossing offers, strays."""

from rehearsal.phone.messages import bad_request
from rehearsal.phone.signals import Over, Renegotiated, State
from rehearsal.phone.torture import datagrams
from tests.unit.phone.sipwire import CALLEE, Wire


def test_a_hold_stops_what_the_other_side_sends() -> None:
    """After `sendonly` only the holder sends; resuming lets both."""
    wire = Wire()
    call, callee = wire.up()
    call.media.wanted = "sendonly"
    assert call.reinvite(wire.now)
    wire.carry()

    assert wire.log[-3:] == ["INVITE", "200 INVITE", "ACK"]
    assert call.media.agreed is not None
    assert callee.media.agreed is not None
    assert (call.media.agreed.sends, call.media.agreed.receives) == (True, False)
    assert (callee.media.agreed.sends, callee.media.agreed.receives) == (False, True)


def test_the_callee_may_hold_too() -> None:
    """A re-INVITE goes both ways, with both sides told."""
    wire = Wire()
    call, callee = wire.up()
    callee.media.wanted = "inactive"
    assert callee.reinvite(wire.now)
    wire.carry()

    assert wire.callee.events[-1] == Renegotiated(200, ours=True)
    assert wire.caller.events[-1] == Renegotiated(200, ours=False)
    assert call.media.agreed is not None
    assert not call.media.agreed.sends


def test_crossing_offers_are_refused_with_491() -> None:
    """Both sides offer at once: both are told to try again, and the call stays up."""
    wire = Wire()
    call, callee = wire.up()
    assert call.reinvite(wire.now)
    assert callee.reinvite(wire.now)
    wire.carry()

    assert wire.caller.events[-1] == Renegotiated(491, ours=True)
    assert wire.callee.events[-1] == Renegotiated(491, ours=True)
    assert call.state is callee.state is State.UP


def test_a_call_the_other_side_forgot_ends() -> None:
    """A re-INVITE answered 481 ends the call instead of leaving it open in silence."""
    wire = Wire()
    call, _ = wire.up()
    wire.callee.agent.calls.clear()
    assert call.reinvite(wire.now)
    wire.carry()

    assert wire.caller.events[-1] == Over("network", 481, "Call/Transaction Does Not Exist")


def test_a_request_of_no_call_is_481() -> None:
    """A BYE repeated after the call is gone is answered, not obeyed."""
    wire = Wire()
    call, _ = wire.up()
    wire.callee.agent.calls.clear()
    call.hang_up(wire.now)
    wire.carry()

    assert wire.log[-2:] == ["BYE", "481 BYE"]
    assert call.settled


def test_an_invite_of_ours_come_back_is_a_loop() -> None:
    """A proxy that sends our own INVITE back to us gets 482."""
    wire = Wire()
    call = wire.dial()
    wire.caller.agent.receive(bytes(call._asking[0].asked), wire.callee.address, wire.now)

    assert wire.caller.agent.outbox.popleft().data.startswith(b"SIP/2.0 482 ")


def test_malformed_datagrams_are_survived_and_counted() -> None:
    """Whatever is thrown at the phone, it goes on taking calls and says 400 where it can."""
    wire = Wire()
    thrown = datagrams(CALLEE, wire.callee.address, ("127.0.0.1", 9))
    for data in thrown.values():
        wire.callee.agent.receive(data, ("127.0.0.1", 9), wire.now)
    codes = {reply.data.split()[1] for reply in wire.callee.agent.outbox}
    wire.callee.agent.outbox.clear()

    assert len(thrown) >= 20
    assert wire.callee.agent.malformed >= 20
    assert {b"400", b"420"} <= codes
    wire.callee.calls.clear()
    assert wire.up()[0].state is State.UP


def test_each_datagram_cut_anywhere_is_survived() -> None:
    """No prefix of a good or bad message raises."""
    wire = Wire()
    thrown = datagrams(CALLEE, wire.callee.address, ("127.0.0.1", 9))
    for data in thrown.values():
        for end in range(0, min(len(data), 700), 7):
            wire.callee.agent.receive(data[:end], ("127.0.0.1", 9), wire.now)

    assert wire.callee.agent.malformed > 100


def test_a_bad_request_names_whom_it_answers() -> None:
    """The 400 carries the headers that find the transaction; without them there is none."""
    thrown = datagrams(CALLEE, ("127.0.0.1", 1), ("127.0.0.1", 9))
    reply = bad_request(thrown["CSeq names another method"])

    assert reply is not None
    assert b"CSeq: 1 OPTIONS\r\n" in reply
    assert b"branch=z9hG4bKtorture" in reply
    assert bad_request(thrown["no Via"]) is None


def test_options_are_answered_with_what_is_allowed() -> None:
    """Carriers ask so whether somebody is there; no call comes of it."""
    wire = Wire()
    asked = (
        "OPTIONS sip:+15557654321@127.0.0.1:5062 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-ping\r\n"
        "From: <sip:ping@127.0.0.1>;tag=1\r\n"
        "To: <sip:+15557654321@127.0.0.1>\r\n"
        "Call-ID: ping\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    wire.callee.agent.receive(asked.encode(), wire.caller.address, wire.now)

    (answer,) = wire.callee.agent.outbox
    assert answer.data.startswith(b"SIP/2.0 200 ")
    assert b"\r\nAllow: INVITE" in answer.data
    assert wire.callee.calls == []
