"""Pieces of digits that belong together, and what number they may be. Pure.

A run is what one person reads out without another word between: "4111, uh, 1111 1111 and then
1111". It is judged as one number. Called by `records.redaction.redactor` and `listening`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from records.redaction.kinds import Kind, Span
from records.redaction.numerals import FILLERS, Piece, Reading

LEAST_DIGITS = 7
_CARD_LENGTHS = (16, 15, 19, 18, 17, 14, 13)
# Longer than anything a person has; judged by its length alone, since judging takes time.
_MOST_DIGITS = 200
_MOST_FILLERS = 3
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212.,;/()\[\]*_\u00b7'\"\u2026]{0,16}")
_LIST_MARK = re.compile(r"[,;]|\band\b", re.IGNORECASE)
_PLUS = re.compile(r"(?:\+|%2B|\bplus)\s?\(?$", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """Pieces that belong together."""

    pieces: Sequence[Piece]
    start: int
    """Where it begins in the text, its plus sign included."""
    plus: bool
    """Whether it begins with a plus sign, as international numbers do."""
    groups: Sequence[Sequence[Piece]]
    """Its pieces as commas and "and"s part them."""

    @cached_property
    def digits(self) -> str:
        """All its digits, ASCII."""
        return "".join(piece.digits for piece in self.pieces)

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.pieces[-1].end

    @cached_property
    def bounds(self) -> Sequence[int]:
        """Places among its digits where a number can begin or end: between pieces.

        A card may be written straight after something else, so a long piece is open everywhere.
        """
        places, at = {0}, 0
        for piece in self.pieces:
            if len(piece.digits) >= min(_CARD_LENGTHS):
                places.update(range(at, at + len(piece.digits)))
            at += len(piece.digits)
            places.add(at)
        return sorted(places)

    def span(self, begin: int, end: int, kind: Kind) -> Span:
        """Where digits `begin` to `end` stand in the text."""
        at, starts, ends = 0, [], []
        for piece in self.pieces:
            size = len(piece.digits)
            if at < end and begin < at + size:
                one = piece.span(max(begin - at, 0), min(end - at, size))
                starts.append(one[0])
                ends.append(one[1])
            at += size
        start = self.start if begin == 0 else starts[0]
        long = kind is Kind.NUMBER and end - begin >= min(_CARD_LENGTHS)
        return Span(start, ends[-1], kind, perhaps_card=long)

    def whole(self, kind: Kind) -> Span:
        """All of it, as `kind`."""
        return self.span(0, len(self.digits), kind)


def runs(reading: Reading, kept: Sequence[tuple[int, int]] = ()) -> list[Run]:
    """The runs of a text; what stands at `kept` belongs to none and parts its neighbours."""
    found: list[list[Piece]] = []
    groups: list[list[list[Piece]]] = []
    last: Piece | None = None
    for piece in _free(reading.pieces, kept):
        between = reading.text[last.end : piece.start] if last else ""
        if last and _joined(reading, last, piece):
            found[-1].append(piece)
            if _LIST_MARK.search(between):
                groups[-1].append([])
        else:
            found.append([piece])
            groups.append([[]])
        groups[-1][-1].append(piece)
        last = piece
    return [_run(reading.text, pieces, sizes) for pieces, sizes in zip(found, groups, strict=True)]


def _run(text: str, pieces: Sequence[Piece], groups: Sequence[Sequence[Piece]]) -> Run:
    start = pieces[0].start
    plus = _PLUS.search(text, max(start - 7, 0), start)
    return Run(pieces, plus.start() if plus else start, bool(plus), groups)


def _free(pieces: Sequence[Piece], kept: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    spans = iter(kept)
    start, end = next(spans, (0, 0))
    for piece in pieces:
        while end and end <= piece.start:
            start, end = next(spans, (0, 0))
        if not end or piece.end <= start:
            yield piece


def _joined(reading: Reading, last: Piece, piece: Piece) -> bool:
    """Whether nothing stands between two pieces but what people put between digits."""
    between = reading.tokens[last.last : piece.first]
    if len(between) > _MOST_FILLERS or any(t.mask or t.word not in FILLERS for t in between):
        return False
    at = last.end
    for token in (*between, reading.tokens[piece.first]):
        if not _BETWEEN.fullmatch(reading.text, at, token.start):
            return False
        at = token.end
    return True


def cards(run: Run) -> list[tuple[int, int]]:
    """Which of its digits are card numbers: 13 to 19 digits with a check digit that fits."""
    if len(run.digits) > _MOST_DIGITS:
        return []
    return cards_among(run.digits, run.bounds)


def cards_among(digits: str, bounds: Sequence[int]) -> list[tuple[int, int]]:
    """The card numbers in `digits` that begin and end at `bounds`, the first one first."""
    places, found, done = set(bounds), [], 0
    for begin in bounds:
        if begin < done or digits[begin : begin + 1] in {"0", ""}:
            continue
        for length in _CARD_LENGTHS:
            end = begin + length
            if end in places and _fits(digits[begin:end]):
                found.append((begin, end))
                done = end
                break
    return found


def _phone(digits: str, region: str) -> bool:
    # This and stdnum take 20 ms to import: jobs inherit them from agent/warm.py, and programs
    # that never see a long number go without.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _fits(digits: str) -> bool:
    from stdnum import luhn  # noqa: PLC0415

    return luhn.is_valid(digits)


def personal(run: Run, region: str) -> list[Span]:
    """What of a run is somebody's by its digits alone; with a card in it, all of it."""
    found = cards(run)
    if not found:
        return [run.whole(_long(run, region))] if len(run.digits) >= LEAST_DIGITS else []
    spans: list[Span] = []
    done = 0
    for begin, end in [*found, (len(run.digits), len(run.digits))]:
        if done < begin:
            beside = Kind.CVV if begin - done in {3, 4} else Kind.NUMBER
            spans.append(run.span(done, begin, beside))
        if begin < end:
            spans.append(run.span(begin, end, Kind.CARD))
        done = end
    return spans


def _long(run: Run, region: str) -> Kind:
    if not region or len(run.digits) > 15:
        return Kind.NUMBER
    said = f"+{run.digits}" if run.plus else run.digits
    return Kind.PHONE if _phone(said, region) else Kind.NUMBER
