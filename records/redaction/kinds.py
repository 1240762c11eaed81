"""What is taken out of text, by kind, and what stands there instead. Pure data.

The kinds are closed: they are the label of `frontdesk_redactions_total`. A mask holds no digit and
no part of what it hides, so that text which was redacted once is not redacted again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What something was. Where two kinds claim the same letters, the one named first wins."""

    CARD = "card"
    """A card's number, or digits said where one was asked for."""
    CVV = "cvv"
    """Three or four digits beside a card, or where a security code was asked for."""
    SECRET = "secret"  # noqa: S105 - a name, no password
    """A value that a tool returned as secret."""
    IBAN = "iban"
    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"
    NUMBER = "number"
    """Seven digits or more that are none of the others: an account, a passport, a misheard card."""

    @property
    def mask(self) -> str:
        """What stands in the text instead, `[card]`."""
        return f"[{self.value}]"


RANKS = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Span:
    """Letters `start` to `end` of a text, and what they are."""

    start: int
    end: int
    kind: Kind
    perhaps_card: bool = False
    """Long enough for a card's number, though its check digit does not fit: it may be misheard."""


@dataclass(frozen=True)
class Redacted:
    """A text without what is personal in it."""

    text: str
    found: tuple[Kind, ...] = ()
    """What was taken out of it, in the order of the text; for counting."""
    holds_card_data: bool = False
    """Whether a card's number or security code was in it, also one that may be misheard."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order, those that overlap made one of the strongest kind."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not found or span.start >= found[-1].end:
            found.append(span)
            continue
        last = found.pop()
        found.append(
            Span(
                last.start,
                max(last.end, span.end),
                min(last.kind, span.kind, key=RANKS.__getitem__),
                last.perhaps_card or span.perhaps_card,
            )
        )
    return found


def without(text: str, spans: Iterable[Span]) -> str:
    """`text` with a mask in place of each of `spans`, which are in order and apart."""
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += text[done : span.start], span.kind.mask
        done = span.end
    pieces.append(text[done:])
    return "".join(pieces)
