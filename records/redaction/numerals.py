"""Digits as people say and write them, with the place of each in the text. Pure.

"four one one one, double five, oh" and "4111 55 0" become the same pieces, so that each detector
is written once. English, like every call so far; another language is another table of words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from records.redaction.kinds import Kind


def listed(words: str) -> Sequence[str]:
    """The words of a table."""
    return words.split()


_SAID = "zero one two three four five six seven eight nine"
UNITS = {word: str(value) for value, word in enumerate(listed(_SAID))} | {
    "oh": "0",
    "o": "0",
    "nought": "0",
    "naught": "0",
    "niner": "9",
}
_TEENS_SAID = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TEENS = {word: str(value) for value, word in enumerate(listed(_TEENS_SAID), 10)}
_TENS_SAID = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = {word: str(value) for value, word in enumerate(listed(_TENS_SAID), 2)} | {"fourty": "4"}
REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
# "One eight hundred" is 1800 to a telephone, and "five thousand" 5000.
_ZEROS = {"hundred": "00", "thousand": "000"}

# What people say between digits while they read them out.
FILLERS = frozenset(
    listed(
        "uh um uhm er erm ah eh hm hmm mm and then so like ok okay yeah yes well comma dash hyphen"
        " minus dot space slash next now again please sorry followed by underscore"
    )
)

_MASKS = "|".join(kind.value for kind in Kind)
_TOKEN = re.compile(rf"(?P<mask>\[(?:{_MASKS})\])|(?P<digits>\d+)|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_WORDS = "|".join([*UNITS, *TEENS, *TENS])
# Without one of these there is no digit in a text; "o" alone begins none.
ANY_DIGIT = re.compile(rf"\d|\b(?:{_WORDS})\b", re.IGNORECASE)


class Token(NamedTuple):
    """A word, a written number or a mask, and where it stands."""

    word: str
    """In lower case; a straight apostrophe."""
    start: int
    end: int
    written: bool = False
    """Whether it is written digits."""
    mask: Kind | None = None


class Piece(NamedTuple):
    """Digits that one word or a few stand for."""

    digits: str
    start: int
    end: int
    first: int
    """The first of its tokens, and `last` the one after its last."""
    last: int
    written: bool

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where digits `begin` to `end` of it stand: those of a word cannot be parted."""
        if self.written:
            return self.start + begin, self.start + end
        return self.start, self.end


@dataclass(frozen=True)
class Reading:
    """A text, and what of it are words and digits."""

    text: str
    tokens: Sequence[Token]
    pieces: Sequence[Piece]

    @cached_property
    def plain_words(self) -> Sequence[int]:
        """How many ordinary words stand before each token: no digits, fillers or masks."""
        spoken = {place for piece in self.pieces for place in range(piece.first, piece.last)}
        counts = [0]
        for place, token in enumerate(self.tokens):
            plain = not (place in spoken or token.mask or token.word in FILLERS)
            counts.append(counts[-1] + plain)
        return counts

    def words_between(self, before: int, after: int) -> int:
        """How many ordinary words stand from token `before` to token `after`, that one left out."""
        return self.plain_words[after] - self.plain_words[min(before, after)]


def read(text: str) -> Reading:
    """The words and digits of `text`."""
    tokens = [
        Token(
            word=found[0].casefold().replace("\u2019", "'"),
            start=found.start(),
            end=found.end(),
            written=found.lastgroup == "digits",
            mask=Kind(found[0][1:-1]) if found.lastgroup == "mask" else None,
        )
        for found in _TOKEN.finditer(text)
    ]
    return Reading(text, tokens, _pieces(tokens))


def _pieces(tokens: Sequence[Token]) -> list[Piece]:
    found: list[Piece] = []
    place = 0
    while place < len(tokens):
        digits, used = _digits_at(tokens, place)
        if used:
            first, last = tokens[place], tokens[place + used - 1]
            written = first.written and used == 1
            found.append(Piece(digits, first.start, last.end, place, place + used, written))
        place += used or 1
    return found


def _digits_at(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """Digits that begin at `place` and how many tokens they take; "" and 0 if none do."""
    word = tokens[place].word
    after = tokens[place + 1].word if place + 1 < len(tokens) else ""
    if tokens[place].written:
        digits, used = "".join(str(int(char)) for char in word), 1
    elif word in UNITS or word in TEENS:
        digits, used = UNITS.get(word) or TEENS[word], 1
    elif word in TENS:
        unit = UNITS.get(after, "0") if after not in {"oh", "o"} else "0"
        digits, used = TENS[word] + unit, 1 if unit == "0" else 2
    elif word in REPEATS and (unit := _one_digit(after)):
        digits, used = unit * REPEATS[word], 2
    else:
        return "", 0
    following = tokens[place + used].word if place + used < len(tokens) else ""
    if following in _ZEROS and len(digits) <= 2:
        return digits + _ZEROS[following], used + 1
    return digits, used


def _one_digit(word: str) -> str:
    return UNITS.get(word) or (str(int(word)) if len(word) == 1 and word.isdecimal() else "")
