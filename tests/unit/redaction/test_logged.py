"""Telephone numbers never leave the record, whatever they look like; what operators need does."""

import pytest

from records.redaction.logged import MASK, mask, masked

NUMBERS = [
    "+15557654321",
    "15557654321",
    "0015557654321",
    "5557654321",
    "+1 555 765-4321",
    "+1 (555) 765-4321",
    "+1-555-765-4321",
    "+1.555.765.4321",
    "1 555 765 4321",
    "(555) 765 4321",
    "(555)765-4321",
    "555-765-4321",
    "555.765.4321",
    "555 4321",
    "+49 30 1234567",
    "+49 (0)30 1234567",
    "030/1234567",
    "+33 1 23 45 67 89",
    "01 23 45 67 89",
    "+44 20 7946 0958",
    "+86 138 0013 8000",
    "+1\u00a0555\u2011765\u20114321",
    "+ 1 555 765 4321",
    "%2B15557654321",
    "\u0661\u0665\u0665\u0665\u0667\u0666\u0665\u0664\u0663\u0662\u0661",
    "+1555765432100",
    "4111 1111 1111 1111",
    "4111111111111111",
]
PLACES = [
    "{}",
    "joined {} now",
    "caller={}",
    "'{}'",
    "<sip:{}@203.0.113.7:5060>",
    "tel:{}",
    "sip_{}",
    "call_{}_fY3kPq9sLmNb",
    "frontdesk-_{}_fY3kPq9sLmNb",
    "2026-11-23 18:00:00 {}",
    "took 12 ms {}, 3",
    '{{"identity": "sip_{}", "kind": 3}}',
]


def digits_in(text: str) -> str:
    """The digits of a text, in ASCII."""
    return "".join(str(int(char)) for char in text if char.isdigit())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_wherever_it_stands(number: str, place: str) -> None:
    """No spelling and no surroundings let more than what stood around it through."""
    masked_text = mask(place.format(number))

    assert MASK in masked_text
    assert digits_in(masked_text) == digits_in(place.format(""))


INNOCENT = [
    "2026-11-23T18:00:00.123456Z",
    "2026-11-23T18:00:00.123456+01:00",
    "2026-11-23 18:00:00,123",
    "2026-11-23",
    "2026/11/23",
    "20261123T180000-12345678",
    "12345678-1234-4234-8234-123456789012",
    "c1f0a5de-5f4e-4d1c-9a55-28e604c046c6",
    "RM_fY3kPq9sLmNb",
    "PA_7xK93mPqRs12",
    "AJ_1234abcd5678",
    "frontdesk-_anonymous_fY3kPq9sLmNb",
    "fd-3b1f8a9c0d2e4f5a6b7c8d9e0f1a2b3c4d5e6f7a",
    "127.0.0.1",
    "192.168.100.200:50100",
    "sip:192.168.100.200:5060;transport=udp",
    "203.0.113.7/32",
    "2001:db8::8a2e:370:7334",
    "localhost:7880",
    "ws://127.0.0.1:7880",
    "livekit-agents 1.8.9",
    "v1.13.5",
    "v0.0.0-20260512153743-6d4b69dc1470",
    "1234567 ms",
    "1234567ms",
    "in 0.123456789 seconds",
    "1732384800123",
    "1732384800.123456",
    "1732384800123456789",
    "12582912 bytes",
    "attempt 3 of 16, next in 10 s",
    "order 4271 and room 94107",
    "port 5060, RTP 10000 to 10099",
    "2 participants, 1 room, 486 after 15 s",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_what_an_operator_searches_for_stays(text: str) -> None:
    """Times, ids, addresses, versions and measures are no numbers of anybody."""
    assert mask(text) == text
    assert mask(f"seen {text} twice") == f"seen {text} twice"


@pytest.mark.parametrize("text", ["sip_42", "sip:42@203.0.113.7", "sips:1234@example.com"])
def test_an_extension_is_a_number_where_it_names_somebody(text: str) -> None:
    """Few digits say who calls when they are a user's name."""
    assert "42" not in mask(text).replace("[number]", "")
    assert "1234" not in mask(text)


def test_what_stands_around_a_number_stays() -> None:
    """A line is still worth reading."""
    said = mask("room call_+15557654321_fY3k closed: sip_+15550001111 left 203.0.113.7 in 35 ms")

    assert said == "room call_[number]_fY3k closed: sip_[number] left 203.0.113.7 in 35 ms"


def test_values_of_any_shape_are_masked() -> None:
    """Fields of a log line hold mappings, lists and objects too; figures stay figures."""
    value = {
        "sip_+15550001111": ["+15550001111", {"from": ("+15550001111",)}],
        "error": ValueError("no room for +15550001111"),
        "waited_s": 15.5,
        "count": 15550001111,
        "lost": None,
    }

    assert masked(value) == {
        "sip_[number]": ["[number]", {"from": ["[number]"]}],
        "error": "no room for [number]",
        "waited_s": 15.5,
        "count": 15550001111,
        "lost": None,
    }
