"""RTP packets and the counters that wrap."""

import pytest

from rehearsal.phone.rtp import Outgoing, Packet, read, unwrap


def test_a_packet_comes_back_as_it_was_written() -> None:
    """Every field survives the way through bytes."""
    packet = Packet(101, 65535, 0xFFFFFFF0, 7, True, b"payload")

    assert read(bytes(packet)) == packet


def test_sequence_and_timestamp_wrap() -> None:
    """A stream that starts at the end of both counters goes on at their beginning."""
    stream = Outgoing(ssrc=1, sequence=65535, origin=0xFFFFFFFF)
    first = stream.packet(0, 0, b"", marker=True)
    second = stream.packet(0, 160, b"", marker=False)

    assert (first.sequence, first.timestamp) == (65535, 0xFFFFFFFF)
    assert (second.sequence, second.timestamp) == (0, 159)


@pytest.mark.parametrize(
    ("value", "near", "whole"),
    [(5, 0xFFFFFFFF, 0x100000005), (0xFFFFFFFF, 0x100000005, 0xFFFFFFFF), (7, 3, 7)],
)
def test_unwrapping_picks_the_nearest(value: int, near: int, whole: int) -> None:
    """A wrapped counter continues, and an old packet stays old."""
    assert unwrap(value, near, 32) == whole


def test_sources_extensions_and_padding_are_no_audio() -> None:
    """What stands around the payload is taken off."""
    plain = bytes(Packet(0, 1, 2, 3, False, b""))
    odd = bytes([plain[0] | 0x20 | 0x10 | 1]) + plain[1:] + bytes(4)
    odd += b"\xbe\xde\x00\x01" + bytes(4) + b"audio" + b"\x00\x00\x03"

    packet = read(odd)

    assert packet is not None
    assert packet.payload == b"audio"


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\x80\x00", bytes(12), b"\xa0" + bytes(11) + b"\xff", b"\x90" + bytes(11)],
)
def test_what_contradicts_itself_is_no_packet(datagram: bytes) -> None:
    """Short, of another version, or with lengths beyond its end: none of it is taken."""
    assert read(datagram) is None
