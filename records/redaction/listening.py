"""What a call needs beyond one text: what was asked for, and cards that come in pieces.

"94107" is a postcode to whoever heard the question, and "1111 1111" the end of a card to whoever
heard its beginning. Fed with every turn of a call in order by whoever writes its transcript. Keeps
the caller's last few turns in memory, in clear, and must be forgotten when the call ends.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from records.redaction.cues import cues
from records.redaction.kinds import Kind, Redacted, Span
from records.redaction.numerals import Reading
from records.redaction.redactor import Redactor
from records.redaction.runs import LEAST_DIGITS, Run, cards, cards_among

# Longer ago than this nobody goes on with a number.
TURNS_KEPT = 6
_TURNS_ASKED = 3
# More words than these around digits, and nobody is reading out a card.
_MOST_WORDS = 4
_LEAST_IN_TALK = 2
# Said back by the agent without a word of what it is.
_REMEMBERED = frozenset({Kind.POSTCODE, Kind.CVV})
# So are the pieces of these, one by one.
_IN_PIECES = frozenset({Kind.CARD, Kind.PHONE})


@dataclass(frozen=True)
class Earlier:
    """An earlier turn that turned out to hold a piece of a card, said or said back."""

    turn: int
    text: str
    """How it should have been written."""
    readable: bool
    """Whether digits of the card stood in what was returned for it then."""


@dataclass(frozen=True)
class Heard:
    """A turn without what is personal in it."""

    turn: int
    """Counts the turns of the call from 0 on, both sides'."""
    redacted: Redacted
    earlier: Sequence[Earlier] = ()
    """Turns before it, of both sides, that hold a piece of the card that this one completes."""


@dataclass(frozen=True)
class _Turn:
    number: int
    text: str
    expected: Kind | None
    runs: Sequence[Run]
    spans: Sequence[Span]


class Listener:
    """Redacts the turns of one call."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        """Also for what else is kept of the call: it knows what must be hidden."""
        self._turns = 0
        self._asked: Kind | None = None
        self._asked_for = 0
        self._business = False
        self._pieces: deque[_Turn] = deque(maxlen=TURNS_KEPT)
        self._answers: dict[int, tuple[str, str]] = {}
        """The agent's last turns, as they were said and as they were returned."""

    def hear(self, text: str, *, by: Literal["caller", "agent"]) -> Heard:
        """The next turn, as it may be written down.

        Short pieces of a card that nobody had asked for stay readable until a later turn completes
        it; `earlier` then names their turns.
        """
        number, self._turns = self._turns, self._turns + 1
        if by == "agent":
            return Heard(number, self._listen_to_agent(number, text))
        expected = self._asked if self._asked_for > 0 else None
        spans = self.redactor.spans(text, expected=expected)
        reading, runs = self.redactor.read(text)
        turn = _Turn(number, text, expected, self._dictated(reading, runs), spans)
        self._pieces.append(turn)
        window = self._completed()
        heard = self._masked(turn, window, expected)
        self._remember(text, spans, runs)
        self._expect_next(text, runs, heard.redacted)
        return heard

    def forget(self) -> None:
        """Drop what was kept of the call: it has ended."""
        self._pieces.clear()
        self._answers.clear()
        self.redactor.secrets.forget()

    def _listen_to_agent(self, number: int, text: str) -> Redacted:
        if said := cues(text):
            self._asked, self._business = said[-1].kind, said[-1].kind is None
            self._asked_for = _TURNS_ASKED
        redacted = self.redactor.redact(text)
        self._answers[number] = text, redacted.text
        for old in list(self._answers)[:-TURNS_KEPT]:
            del self._answers[old]
        return redacted

    def _dictated(self, reading: Reading, runs: Sequence[Run]) -> Sequence[Run]:
        """The runs that may be pieces of a card."""
        said = cues(reading.text)
        business = said[-1].kind is None if said else self._business and self._asked_for > 0
        words = reading.plain_words[-1]
        if business or (words > _MOST_WORDS and self._asked is not Kind.CARD and not said):
            return ()
        return [run for run in runs if not words or len(run.digits) >= _LEAST_IN_TALK]

    def _completed(self) -> Sequence[tuple[_Turn, Span]]:
        """Where the pieces stand of a card that the last turn completes; none if it does not."""
        digits, bounds, places = "", {0}, []
        for turn in self._pieces:
            for run in turn.runs:
                bounds.update(len(digits) + bound for bound in run.bounds)
                places.append((len(digits), turn, run))
                digits += run.digits
        for begin, end in cards_among(digits, sorted(bounds)):
            taken = [
                (turn, run.span(max(begin - at, 0), min(end - at, len(run.digits)), Kind.CARD))
                for at, turn, run in places
                if at < end and begin < at + len(run.digits)
            ]
            if taken[0][0] is not taken[-1][0] and taken[-1][0] is self._pieces[-1]:
                return taken
        return ()

    def _masked(
        self, turn: _Turn, window: Sequence[tuple[_Turn, Span]], expected: Kind | None
    ) -> Heard:
        here = [span for piece, span in window if piece is turn]
        redacted = self.redactor.redact(turn.text, expected=expected, also=here)
        earlier = []
        for before in dict.fromkeys(piece.number for piece, _ in window if piece is not turn):
            piece = next(one for one in self._pieces if one.number == before)
            spans = [span for one, span in window if one is piece]
            text = self.redactor.redact(piece.text, expected=piece.expected, also=spans).text
            earlier.append(Earlier(before, text, any(not _hidden(s, piece.spans) for s in spans)))
        for piece, span in window:
            self._remember_pieces(piece.text, span, piece.runs)
        earlier += self._said_back() if window else ()
        return Heard(turn.number, redacted, tuple(sorted(earlier, key=lambda one: one.turn)))

    def _said_back(self) -> Iterator[Earlier]:
        """The agent's turns in which pieces stood that are known only now."""
        for number, (text, returned) in self._answers.items():
            now = self.redactor.redact(text).text
            if now != returned:
                self._answers[number] = text, now
                yield Earlier(number, now, readable=True)

    def _remember(self, text: str, spans: Sequence[Span], runs: Sequence[Run]) -> None:
        for span in spans:
            if span.kind in _REMEMBERED:
                self.redactor.secrets.add(text[span.start : span.end], span.kind)
            elif span.kind in _IN_PIECES:
                self._remember_pieces(text, span, runs)

    def _remember_pieces(self, text: str, span: Span, runs: Sequence[Run]) -> None:
        """What is said back in the groups in which it came; of a whole number the end may be."""
        within = [p for r in runs for p in r.pieces if span.start <= p.start and p.end <= span.end]
        digits = "".join(piece.digits for piece in within)
        whole = span.kind is Kind.PHONE and len(digits) >= LEAST_DIGITS
        if whole or any(cards(run) for run in runs):
            return
        groups = re.findall(r"[0-9]{3,}", text[span.start : span.end])
        if span.kind is Kind.CARD:
            # As they stand on it, however they were said.
            groups += [digits[at : at + 4] for at in range(0, len(digits), 4)]
        for said in (digits, *groups):
            self.redactor.secrets.add(said, span.kind)

    def _expect_next(self, text: str, runs: Sequence[Run], redacted: Redacted) -> None:
        self._asked_for -= 1
        if said := cues(text):
            self._asked, self._business = said[-1].kind, said[-1].kind is None
            self._asked_for = _TURNS_ASKED
        whole = any(cards(run) for run in runs)
        if whole or self._pieces_complete(redacted):
            self._pieces.clear()
            self._asked, self._business, self._asked_for = Kind.CVV, False, _TURNS_ASKED
        elif self._asked in _REMEMBERED and self._asked in redacted.found:
            self._asked, self._asked_for = None, 0

    def _pieces_complete(self, redacted: Redacted) -> bool:
        return Kind.CARD in redacted.found and bool(self._completed())


def _hidden(span: Span, by: Sequence[Span]) -> bool:
    return any(mask.start <= span.start and span.end <= mask.end for mask in by)
