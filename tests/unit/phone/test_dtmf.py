"""Keys as telephone-events (RFC 4733)."""

import pytest

from rehearsal.phone.dtmf import KEYS, Heard, Listener, press
from rehearsal.phone.rtp import Packet


def packets(key: str, timestamp: int) -> list[Packet]:
    """All packets of one press."""
    payloads = [payload for moment in press(key) for payload in moment]
    return [Packet(101, i, timestamp, 9, marker, p) for i, (p, marker) in enumerate(payloads)]


def test_a_press_grows_ends_three_times_and_marks_its_start() -> None:
    """Durations rise by 20 ms, the end bit comes in the last three, the marker in the first."""
    sent = packets("5", 1000)

    assert [p.payload[0] for p in sent] == [5] * 10
    durations = [int.from_bytes(p.payload[2:], "big") for p in sent]
    assert durations == [160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280]
    assert [bool(p.payload[1] & 0x80) for p in sent] == [False] * 7 + [True] * 3
    assert [p.marker for p in sent] == [True] + [False] * 9


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_heard_once(key: str) -> None:
    """However many packets tell of a press, it is one key."""
    listener = Listener()
    heard = [listener.hear(p, 2.0) for p in packets(key, 0xFFFFFFF0)]

    assert [h for h in heard if h] == [Heard(key, 2.0)]


def test_a_press_whose_start_was_lost_is_heard_with_its_time() -> None:
    """The duration in a later packet tells when the key went down."""
    heard = Listener().hear(packets("#", 0)[3], 1.06)

    assert heard is not None
    assert heard.at_s == pytest.approx(1.0)


def test_a_late_packet_of_an_earlier_press_is_no_new_key() -> None:
    """Reordering does not press a key again."""
    listener = Listener()
    first, second = packets("1", 1000), packets("1", 3000)
    heard = [listener.hear(p, 0.0) for p in (first[0], second[0], first[9], second[9])]

    assert [bool(h) for h in heard] == [True, True, False, False]


def test_what_is_no_key_is_ignored() -> None:
    """Flash, and events cut short, are not keys."""
    listener = Listener()

    assert listener.hear(Packet(101, 0, 0, 1, True, b"\x10\x0a\x00\xa0"), 0.0) is None
    assert listener.hear(Packet(101, 0, 0, 1, True, b"\x01"), 0.0) is None
