"""What a SIP participant's attributes say about a call: who calls, what they dialled.

Read by the worker at the start of a call, before anything is said. Pure. Every word here but the
trunk's own attribute was sent by somebody else's switch: a number is a hint about who calls,
never a proof, and it is kept out of `repr` so that it cannot slip into a log line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

IN_SERVICE = "frontdesk.in_service"
"""Attribute that our dispatch rules put on the caller; "false" on calls of the catch-all."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_PUNCTUATION = re.compile(r"[\s().\-]")

# Switches that can only carry digits spell a withheld number on the telephone keypad.
_WITHHELD = frozenset(
    "+" + word.translate(str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999"))
    for word in ("anonymous", "restricted", "blocked", "unknown", "unavailable")
)


@dataclass(frozen=True)
class Caller:
    """One caller, as the SIP leg describes them.

    `number` is E.164, or None when withheld or no number at all. `dialled` is the E.164 number
    called, or None when it is none of ours to understand. `in_service` is False when the call
    came by the catch-all trunk: whatever was dialled, nobody is at home there.
    """

    number: str | None = field(repr=False)
    dialled: str | None
    in_service: bool
    sip_call_id: str
    identity: str = field(repr=False)


def read(attributes: Mapping[str, str], identity: str) -> Caller:
    """What `attributes` of the SIP participant called `identity` say; missing ones read as "".

    The number comes from its attribute only: with numbers hidden the identity is a hash, and a
    hash may happen to look like a number.
    """
    number = _number_or_none(attributes.get("sip.phoneNumber", ""))
    return Caller(
        number=None if number in _WITHHELD else number,
        dialled=_number_or_none(attributes.get("sip.trunkPhoneNumber", "")),
        in_service=attributes.get(IN_SERVICE, "true") != "false",
        sip_call_id=attributes.get("sip.callID", ""),
        identity=identity,
    )


def normalise(number: str) -> str:
    """`number` as E.164 with its plus: "+1 (555) 765-4321", "15557654321", "tel:+15557654321".

    A leading 00 or 0 is not understood: it means something else in every country, and LiveKit
    would not match such a number to a trunk either. Carriers can be told to send E.164.

    Raises:
        ValueError: it is not a number of 7 to 15 digits with a country code.
    """
    bare = number.strip().removeprefix("sips:").removeprefix("sip:").removeprefix("tel:")
    bare = _PUNCTUATION.sub("", re.split("[@;]", bare, maxsplit=1)[0])
    found = bare if bare.startswith("+") else f"+{bare}"
    if not found.isascii() or not _E164.fullmatch(found):
        raise ValueError(f"{number!r} is not an E.164 number, for example +15557654321")
    return found


def _number_or_none(text: str) -> str | None:
    try:
        return normalise(text)
    except ValueError:
        return None
