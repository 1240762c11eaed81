"""Words that say what the digits beside them are: "my zip code is", "the security code". Pure.

Three digits are a price, a room or the code on a card's back; only the words around them tell. So
do words of the business, which keep an order's number readable. Called by `redactor`.
"""

import re
from dataclasses import dataclass

from records.redaction.kinds import Kind

_ON_THE_BACK = (
    r"(?:(?:last|three|four|3|4)[ -])?(?:three[ -]|four[ -])?(?:digits?|numbers?|code)"
    r" (?:on|from) (?:the|its) (?:back|front|other side)"
)
_SPOKEN_OF = {
    Kind.CVV: rf"security (?:code|number|digits)|cvv2?|cvc2?|cv2|csc|c[ .-]?v[ .-]?[vc]"
    rf"|(?:card )?verification (?:value|number)|{_ON_THE_BACK}",
    Kind.CARD: r"card(?:'s|\u2019s)? (?:number|details)|long (?:card )?number"
    r"|(?:number|digits) (?:on|of|from) (?:the|my|your|a|his|her) (?:\w{1,12} )?card",
    Kind.POSTCODE: r"zip(?: ?code)?|post ?code|postal code|plz|postleitzahl|code postal",
    Kind.PHONE: r"(?:phone|telephone|mobile|cell|call ?back|contact)(?: phone)? number",
}
_BUSINESS = (
    r"orders?|customer|invoices?|reference|tickets?|cases?|bookings?|appointments?|visits?|amount"
    r"|total|price|extension|room|flight|ending (?:in|with)|ends (?:in|with)|exp|expir\w{0,6}|valid"
    r"|percent|costs?|dollars?|euros?|pounds?|cents|usd|eur|gbp|o'clock|year|since|version"
)
_NAMES = {f"k{rank}": kind for rank, kind in enumerate(_SPOKEN_OF)}
_CUE = re.compile(
    "|".join(
        [
            *(rf"(?P<{name}>\b(?:{_SPOKEN_OF[kind]})\b)" for name, kind in _NAMES.items()),
            rf"\b(?:{_BUSINESS})\b",
        ]
    ),
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"\b(?:orders|customers|invoices|visits|appointments|bookings|times|slots|items|tickets|days"
    r"|rooms|prices|steps|years)\b",
    re.IGNORECASE,
)
# "94107 is my zip code", but not "my order is 4271, zip code 94107".
_LEADING_BACK = re.compile(
    r"[ ,]{1,3}(?:is|as|for|was|being|that's|that is)"
    r"(?:[ ,]{1,3}(?:the|my|our|a|its|your|for)){0,3}[ ,]{1,3}",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    r"\s?(?:dollars?|euros?|pounds?|cents?|bucks|percent|per cent|usd|eur|gbp|[$\u20ac\u00a3%])"
    r"(?!\w)",
    re.IGNORECASE,
)
_MOST_BACK = 40


@dataclass(frozen=True)
class Cue:
    """Words that say what the digits beside them are; `kind` is None for the business's own."""

    kind: Kind | None
    start: int
    end: int


def cues(text: str) -> list[Cue]:
    """Every cue of `text`, in order."""
    return [
        Cue(_NAMES.get(found.lastgroup or ""), found.start(), found.end())
        for found in _CUE.finditer(text)
    ]


def lists(text: str) -> list[int]:
    """Where words end that several short numbers may follow: "your orders"."""
    return [found.end() for found in _LISTS.finditer(text)]


def leads_back(text: str, start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` joins digits before it to a cue after it."""
    return _LEADING_BACK.fullmatch(text, start, min(end, start + _MOST_BACK)) is not None and (
        end - start <= _MOST_BACK
    )


def is_money(text: str, end: int) -> bool:
    """Whether a currency or a share follows at `end`: "89 dollars"."""
    return _MONEY_AFTER.match(text, end) is not None
