"""What scanners and broken phones send does not disturb a call, nor the next one."""

import socket

from records import CallOutcome
from rehearsal.phone.torture import datagrams
from tests.e2e.desk import ASK, HANG_UP, SHIPPED, Desk, Plan

NOBODY = "+15550009998"
# livekit-sip 1.8.0 takes these for calls; so many at once would be a test of this machine's speed.
TAKEN_FOR_CALLS = {
    "version 7.0",
    "lower-case method",
    "unknown scheme",
    "broken percent escape",
    "control characters in the address",
    "CSeq names another method",
    "Max-Forwards is zero",
    "parameter named self",
    "header without end",
    "thousand Vias",
    "unknown extension required",
}


def throw(at: tuple[str, int]) -> int:
    """Send every datagram that cannot be taken for a call; how many."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(at)
        made = datagrams(NOBODY, at, sender.getsockname())
        for name in made.keys() - TAKEN_FOR_CALLS:
            sender.send(made[name])
    return len(made.keys() - TAKEN_FOR_CALLS)


async def test_malformed_datagrams_disturb_nobody(brief: Desk) -> None:
    """Twenty and more in the middle of a call: it goes on, and a later one is answered."""
    await brief.reset()
    async with brief.calling(Plan(steps=[ASK, HANG_UP])) as live:
        await live.happens("greeted")
        assert throw(brief.stack.sip_address) >= 20
        disturbed = await live.over()

    later = await brief.made(Plan(steps=[HANG_UP]))

    assert SHIPPED in disturbed.said
    assert disturbed.call.outcome is CallOutcome.COMPLETED
    assert later.result.gave_up is None
    assert "Hello." in later.said
