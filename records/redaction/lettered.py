"""Accounts and postcodes that hold letters, written or spelled: IBAN, UK, Canada, the Netherlands.

Pure; called by `redactor`. What an IBAN is, python-stdnum knows. Postcodes of digits alone are
known by the words around them (`cues`), except where their form says enough: "CA 94107".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from records.redaction.kinds import Kind, Span
from records.redaction.numerals import FILLERS, Reading
from records.redaction.surroundings import Surroundings

_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ"
    " NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY"
)
_BY_FORM = re.compile(
    rf"(?<![\w-])(?:{_STATES.replace(' ', '|')})\.?,? (?P<zip>\d{{5}}(?:-\d{{4}})?)(?![\w-])"
    r"|(?<![\w.-])(?P<nine>\d{5}-\d{4})(?![\w-])"
    r"|(?<![\w-])(?P<land>(?:D|DE|F|FR)-\d{5})(?![\w-])"
)
_UK = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2})"
_CANADA = r"(?:[A-Z][0-9][A-Z][0-9][A-Z][0-9])"
_NETHERLANDS = r"(?:[1-9][0-9]{3}[A-Z]{2})"
_POSTCODE = re.compile(rf"{_UK}|{_CANADA}|{_NETHERLANDS}")
_DISTINCT = re.compile(rf"{_UK}|{_CANADA}")
_MOST_POSTCODE, _LEAST_POSTCODE = 7, 5

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}")
_MOST_IBAN, _LEAST_IBAN = 34, 15
# Letters of a bank in the middle of an IBAN are written together, most often four.
_MOST_LETTERS = 4
_MOST_DOUBTS = 3
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015.,/]{0,4}")
_VALUES = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)}


@dataclass(frozen=True)
class Part:
    """Letters or digits of a code that are read as one."""

    signs: str
    start: int
    end: int
    spelled: bool
    """Whether it is a single letter, or digits."""
    doubtful: bool = False
    """Whether it was said as "o"."""


def accounts(among: Sequence[Sequence[Part]]) -> list[Span]:
    """Every IBAN in the stretches of a text whose check digits fit."""
    found: list[Span] = []
    for parts in among:
        done = -1
        for place, part in enumerate(parts):
            if part.start < done or not part.signs[0].isalpha():
                continue
            size = _iban_at(parts, place)
            if size:
                found.append(Span(part.start, parts[place + size - 1].end, Kind.IBAN))
                done = parts[place + size - 1].end
    return found


def _iban_at(parts: Sequence[Part], place: int) -> int:
    """How many parts from `place` on are an IBAN, the longest one; 0 if none are."""
    signs, ends = "", []
    for count, part in enumerate(parts[place : place + _MOST_IBAN], 1):
        signs += part.signs
        if len(signs) > _MOST_IBAN or (len(signs) >= 4 and not _IBAN.match(signs)):
            break
        ends.append((count, len(signs)))
    for count, size in reversed(ends):
        taken = parts[place : place + count]
        if size >= _LEAST_IBAN and any(_checks(reading) for reading in _readings(taken)):
            return count
    return 0


def _readings(parts: Sequence[Part]) -> Iterator[str]:
    """What parts may spell: a said "o" is a zero or a letter."""
    doubts = [place for place, part in enumerate(parts) if part.doubtful][:_MOST_DOUBTS]
    for letters in product("0O", repeat=len(doubts)):
        said = [part.signs for part in parts]
        for place, letter in zip(doubts, letters, strict=True):
            said[place] = letter
        yield "".join(said)


def _checks(signs: str) -> bool:
    # Cheap first: stdnum looks into its tables before it refuses.
    if int((signs[4:] + signs[:4]).translate(_VALUES)) % 97 != 1:
        return False
    from stdnum import iban  # noqa: PLC0415 - late, see `runs`

    return iban.is_valid(signs, check_country=False)


def postcodes(
    reading: Reading, among: Sequence[Sequence[Part]], around: Surroundings, region: str
) -> list[Span]:
    """Every postcode of a text that its form gives away, or its form and the words before it."""
    found = [
        Span(*match.span(match.lastgroup or 0), Kind.POSTCODE)
        for match in _BY_FORM.finditer(reading.text)
    ]
    for parts in among:
        place = 0
        while place < len(parts):
            size = _postcode_at(reading, around, parts[place : place + _MOST_POSTCODE], region)
            if size:
                end = parts[place + size - 1].end
                found.append(Span(parts[place].start, end, Kind.POSTCODE))
            place += size or 1
    return found


def _postcode_at(reading: Reading, around: Surroundings, parts: Sequence[Part], region: str) -> int:
    signs, ends = "", []
    for count, part in enumerate(parts, 1):
        signs += part.signs
        if len(signs) > _MOST_POSTCODE:
            break
        ends.append((count, len(signs)))
    for count, size in reversed(ends):
        taken = parts[:count]
        if size < _LEAST_POSTCODE or not _stands_alone(reading.text, taken):
            continue
        for said in filter(_POSTCODE.fullmatch, _readings(taken)):
            if _clear(reading.text, taken, said, region) or _asked(around, taken):
                return count
    return 0


def _stands_alone(text: str, parts: Sequence[Part]) -> bool:
    """Whether it is not the middle of something longer, like an id of a program."""
    start, end = parts[0].start, parts[-1].end
    beside = text[start - 1 : start] if start else "", text[end : end + 1]
    return not any(sign.isalnum() or sign in {"-", "_"} for sign in beside if sign)


def _clear(text: str, parts: Sequence[Part], signs: str, region: str) -> bool:
    """Whether a postcode is one without being announced."""
    written = text[parts[0].start : parts[-1].end]
    if _DISTINCT.fullmatch(signs):
        apart = all(one.end < two.start for one, two in pairwise(parts))
        letters = sum(sign.isalpha() for sign in signs)
        spelled = apart and letters > 2 and all(part.spelled for part in parts)
        return spelled or bool(re.fullmatch(r"[A-Z0-9]{2,4} [0-9][A-Z0-9]{2}", written))
    return region == "NL" and bool(re.fullmatch(r"[0-9]{4} ?[A-Z]{2}", written))


def _asked(around: Surroundings, parts: Sequence[Part]) -> bool:
    cue = around.answers_to(parts[0].start)
    return cue is not None and cue.kind is Kind.POSTCODE


def stretches(reading: Reading) -> list[list[Part]]:
    """Digits and short letters that nothing parts, where they are enough for a code."""
    found: list[list[Part]] = [[]]
    for part in _parts(reading):
        stretch = found[-1]
        if stretch and (part is None or not _near(reading, stretch[-1].end, part.start)):
            found.append([])
        if part:
            found[-1].append(part)
    return [stretch for stretch in found if _enough(stretch)]


def _enough(stretch: Sequence[Part]) -> bool:
    letters = sum(len(part.signs) for part in stretch if part.signs[0].isalpha())
    digits = sum(len(part.signs) for part in stretch) - letters
    return letters >= 2 and digits >= 2 and letters + digits >= _LEAST_POSTCODE


def _near(reading: Reading, end: int, start: int) -> bool:
    between = reading.text[end : min(start, end + 40)]
    if between in {"", " "}:
        return True
    return all(word.casefold() in FILLERS for word in re.findall(r"[^\W\d_]+", between)) and bool(
        _BETWEEN.fullmatch(re.sub(r"[^\W\d_]+\s?", "", between))
    )


def _parts(reading: Reading) -> Iterator[Part | None]:
    """What may belong to a code, in order; None where a word parts it."""
    pieces = {piece.first: piece for piece in reading.pieces}
    place = 0
    while place < len(reading.tokens):
        token, piece = reading.tokens[place], pieces.get(place)
        if piece:
            yield Part(piece.digits, piece.start, piece.end, True, token.word == "o")
            place = piece.last
            continue
        if _letters(reading, place):
            yield Part(token.word.upper(), token.start, token.end, len(token.word) == 1)
        elif token.mask or token.word not in FILLERS:
            yield None
        place += 1


def _letters(reading: Reading, place: int) -> bool:
    """Whether a word may be letters of a code: short, or written together with digits."""
    token = reading.tokens[place]
    if token.mask or not (token.word.isascii() and token.word.isalpha()):
        return False
    if place and reading.tokens[place - 1].end == token.start:
        return True
    return len(token.word) <= _MOST_LETTERS and token.word not in FILLERS
