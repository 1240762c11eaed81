"""What the worker learns about a caller from the SIP leg."""

import pytest

from sip import normalise, read_caller

ATTRIBUTES = {
    "sip.phoneNumber": "+15550001111",
    "sip.trunkPhoneNumber": "15557654321",
    "sip.callID": "SCL_abc",
}


def test_a_caller_is_read_from_the_attributes() -> None:
    """Number, dialled number and the id of the call all come from the SIP attributes."""
    caller = read_caller(ATTRIBUTES, "sip_+15550001111")

    assert caller.number == "+15550001111"
    assert caller.dialled == "+15557654321"
    assert (caller.sip_call_id, caller.in_service) == ("SCL_abc", True)


@pytest.mark.parametrize(
    "sent", ["", "anonymous", "Anonymous", "+266696687", "7378742833", "100", "+0015550001111"]
)
def test_a_withheld_or_odd_number_is_none(sent: str) -> None:
    """Words, keypad spellings of words and short codes are not taken for a caller's number."""
    assert read_caller({"sip.phoneNumber": sent}, "sip_x").number is None


def test_the_identity_is_never_taken_for_a_number() -> None:
    """With numbers hidden the identity is a hash, even when all its characters are digits."""
    assert read_caller({}, "sip_1234567890123").number is None


def test_a_call_of_the_catch_all_is_not_in_service() -> None:
    """The rule's own attribute decides, although the dialled number is one of ours."""
    assert not read_caller({**ATTRIBUTES, "frontdesk.in_service": "false"}, "x").in_service


def test_a_caller_in_a_log_line_shows_no_number() -> None:
    """Neither the number nor the identity that contains it is part of the representation."""
    assert "5550001111" not in repr(read_caller(ATTRIBUTES, "sip_+15550001111"))


@pytest.mark.parametrize(
    "written",
    [
        "+15557654321",
        "15557654321",
        " +1 (555) 765-4321 ",
        "+1.555.765.4321",
        "tel:+15557654321",
        "sip:+15557654321@sbc.example.com;user=phone",
        "+15557654321;npdi=yes",
    ],
)
def test_spellings_of_one_number_are_one_number(written: str) -> None:
    """A profile finds its number in whatever spelling the carrier sends."""
    assert normalise(written) == "+15557654321"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "hello",
        "0015557654321",
        "+123456",
        "+1234567890123456",
        "+1\u0665\u0665\u06657654321",
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    """Too short, too long, without country code, or not of ASCII digits."""
    with pytest.raises(ValueError, match=r"not an E\.164 number"):
        normalise(written)
