"""Values that tools returned as secret, for as long as the call lasts. Held in memory only.

They are found in any spelling: as they are, with spaces and hyphens, or spoken digit by digit.
Filled by whoever hears what tools return; asked by `redactor` and by the logs.
"""

from collections.abc import Iterator
from itertools import accumulate

from records.redaction.kinds import Kind, Span
from records.redaction.numerals import FILLERS, Reading, read

LEAST_SIGNS = 3
# Found inside other words too: nothing else looks like them by chance.
_SURE_SIGNS = 8


class Secrets:
    """The secret values of one call."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Kind]] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def add(self, value: str, kind: Kind = Kind.SECRET) -> None:
        """From now on `value` is taken out of every text, as `kind`.

        Less than three letters or digits are too few to be told from other words; they are not
        looked for.
        """
        signs = "".join(part for part, _, _ in _parts(read(value)))
        if len(signs) >= LEAST_SIGNS:
            self._known[signs] = value.lower(), kind

    def forget(self) -> None:
        """Drop all values: the call has ended."""
        self._known.clear()

    def found(self, reading: Reading) -> list[Span]:
        """Where secret values stand in a text."""
        if not self._known:
            return []
        parts = list(_parts(reading))
        signs = "".join(part for part, _, _ in parts)
        ends = list(accumulate(len(part) for part, _, _ in parts))
        starts = {end - len(part): start for end, (part, start, _) in zip(ends, parts, strict=True)}
        stops = {end: stop for end, (_, _, stop) in zip(ends, parts, strict=True)}
        spans: list[Span] = []
        for known, (value, kind) in self._known.items():
            for place in _places(signs, known):
                start, stop = starts.get(place), stops.get(place + len(known))
                if start is not None and stop is not None:
                    spans.append(Span(start, stop, kind))
            if len(known) >= _SURE_SIGNS:
                # Lower case may be longer than the text; then only whole words are found.
                lower = reading.text.lower()
                same = len(lower) == len(reading.text)
                sure = _places(lower, value) if same else ()
                spans += [Span(at, at + len(value), kind) for at in sure]
        return spans


def _places(text: str, wanted: str) -> Iterator[int]:
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _parts(reading: Reading) -> Iterator[tuple[str, int, int]]:
    """Words and digits in one spelling, with their places; fillers left out."""
    spoken = {piece.first: piece for piece in reading.pieces}
    place = 0
    while place < len(reading.tokens):
        token, piece = reading.tokens[place], spoken.get(place)
        if piece:
            yield piece.digits, piece.start, piece.end
        elif token.word not in FILLERS and not token.mask:
            yield token.word.replace("'", ""), token.start, token.end
        place = piece.last if piece else place + 1
