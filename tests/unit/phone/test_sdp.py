"""Offers and answers."""

import pytest

from rehearsal.phone import sdp
from rehearsal.phone.g711 import PCMA, PCMU
from rehearsal.phone.negotiation import Negotiation
from rehearsal.phone.sdp import Direction, NotAcceptable

CARRIER = b"""v=0
o=- 1 1 IN IP4 192.0.2.9
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 4000 RTP/AVP 9 8 0 96
a=rtpmap:96 telephone-event/8000
a=rtpmap:9 G722/8000
m=video 5000 RTP/AVP 31
"""


def test_a_description_comes_back_as_it_was_written() -> None:
    """Writing and reading agree."""
    audio = sdp.Audio("127.0.0.1", 4000, ((0, PCMU), (8, PCMA)), 101, "sendonly")

    assert sdp.read(sdp.write(audio, session=1, version=2)) == audio


def test_a_carriers_offer_is_read() -> None:
    """Static payloads need no map, unknown codecs are passed over, events are found."""
    audio = sdp.read(CARRIER)

    assert (audio.host, audio.port) == ("192.0.2.1", 4000)
    assert audio.payloads == ((8, PCMA), (0, PCMU))
    assert (audio.events, audio.direction) == (96, "sendrecv")


def test_an_answer_takes_the_first_shared_codec_and_refuses_the_rest() -> None:
    """One codec, the offer's event payload, and the video line with port 0."""
    media = Negotiation("127.0.0.1", 6000, (PCMU, PCMA))
    answer = media.answer(CARRIER).decode()

    assert "m=audio 6000 RTP/AVP 8 96" in answer
    assert "m=video 0 RTP/AVP 31" in answer
    assert media.agreed is not None
    assert (media.agreed.codec, media.agreed.to) == (PCMA, ("192.0.2.1", 4000))


@pytest.mark.parametrize(
    ("offered", "wanted", "answered"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
        ("sendonly", "sendonly", "inactive"),
        ("sendrecv", "sendonly", "sendonly"),
    ],
)
def test_a_direction_is_mirrored_and_narrowed(
    offered: Direction, wanted: Direction, answered: Direction
) -> None:
    """The answer allows what both sides want (RFC 3264 section 6.1)."""
    offer = sdp.Audio("127.0.0.1", 4000, ((0, PCMU),), 101, offered)
    answer = sdp.answer(offer, host="127.0.0.1", port=1, codecs=(PCMU,), wanted=wanted)

    assert answer.direction == answered


def test_the_address_zero_means_hold() -> None:
    """Old phones hold by c=0.0.0.0; nothing is sent there."""
    media = Negotiation("127.0.0.1", 6000, (PCMU, PCMA))
    media.answer(CARRIER.replace(b"c=IN IP4 192.0.2.1", b"c=IN IP4 0.0.0.0"))

    assert media.agreed is not None
    assert not media.agreed.sends


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"v=0\r\nm=audio\r\n",
        CARRIER.replace(b"4000", b"99999"),
        CARRIER.replace(b"RTP/AVP 9", b"RTP/SAVP 9"),
        CARRIER.replace(b"192.0.2.1", b"nowhere"),
        CARRIER.replace(b"9 8 0 96", b"9 x"),
        CARRIER.replace(b"a=rtpmap:96", b"a=rtpmap:x"),
        CARRIER.replace(b"9 8 0 96", b"9 96"),
    ],
)
def test_what_cannot_be_used_is_not_acceptable(body: bytes) -> None:
    """Nothing but NotAcceptable leaves, and what was agreed before stands."""
    media = Negotiation("127.0.0.1", 6000, (PCMU,))

    with pytest.raises(NotAcceptable):
        media.answer(body)
    assert media.agreed is None


def test_each_offer_has_a_new_version() -> None:
    """A re-INVITE's description must count up (RFC 3264 section 8)."""
    media = Negotiation("127.0.0.1", 6000, (PCMU,))
    origins = [media.offer().split(b"\r\n")[1].split()[2] for _ in range(2)]

    assert origins == [b"1", b"2"]
