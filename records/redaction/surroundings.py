"""What short digits are, by what stands around them. Pure.

Goes once through a text from left to right and remembers what was last asked for, as a listener
does. A mask counts as the number it hides, so that a redacted text is understood in the same way.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from records.redaction.cues import Cue, cues, is_money, leads_back, lists
from records.redaction.kinds import Kind, Span
from records.redaction.numerals import Reading
from records.redaction.runs import Run

_MOST_AMOUNT_DIGITS = 9
_MOST_WORDS = 8
_MOST_WORDS_TO_CVV = 12
_LIST_WORDS = 4
_MOST_IN_A_LIST = 6
_LENGTHS = {
    Kind.CVV: range(3, 5),
    Kind.CARD: range(3, 20),
    Kind.POSTCODE: range(4, 10),
    Kind.PHONE: range(3, 16),
}
# "Nine thirty, ten and eleven fifteen".
_TIME = re.compile(r"(?:[1-9]|1[0-9]|2[0-3])(?:00|15|30|45)?")
# Whoever asks for one of these is told one; of the others, as many as it takes.
_TOLD_ONCE = frozenset({Kind.CVV, Kind.POSTCODE})


@dataclass
class _Heard:
    """What is remembered on the way through a text."""

    cue: Cue | None = None
    cue_token: int = 0
    spent: bool = False
    card_token: int | None = None
    """Where a card was, while its security code may follow."""


class Surroundings:
    """The words around the runs of one text.

    `expected` is what words before this text asked for, as if they stood at its beginning.
    """

    def __init__(self, reading: Reading, expected: Kind | None = None) -> None:
        self._reading = reading
        asked = [Cue(expected, 0, 0)] if expected else []
        self.cues = [*asked, *cues(reading.text)]
        """What the text says it is about, in order."""
        self._starts = [cue.start for cue in self.cues]
        self._tokens = [token.start for token in reading.tokens]
        self._lists = lists(reading.text)

    def is_business(self, run: Run) -> bool:
        """Whether a run is money, times of the day, or numbers of several orders or visits."""
        return self._is_money(run) or self._is_list(run)

    def _is_money(self, run: Run) -> bool:
        return len(run.digits) <= _MOST_AMOUNT_DIGITS and is_money(self._reading.text, run.end)

    def _is_list(self, run: Run) -> bool:
        groups = ["".join(piece.digits for piece in group) for group in run.groups]
        if len(groups) < 2 or max(map(len, groups)) > _MOST_IN_A_LIST:
            return False
        if all(_TIME.fullmatch(group) for group in groups):
            # "Two, thirteen, four" are digits of something.
            return sum(len(group) > 2 for group in groups) >= len(groups) - 1
        nearest = bisect_right(self._lists, run.start) - 1
        if nearest < 0:
            return False
        token = self._token(self._lists[nearest])
        return self._reading.words_between(token, run.pieces[0].first) <= _LIST_WORDS

    def answers_to(self, place: int) -> Cue | None:
        """The cue that what begins at `place` answers to, if one is near enough."""
        nearest = bisect_right(self._starts, place) - 1
        if nearest < 0:
            return None
        cue = self.cues[nearest]
        far = self._reading.words_between(self._token(cue.end), self._token(place))
        return cue if far <= _MOST_WORDS else None

    def told(self, found: Sequence[Run], done: Sequence[Span]) -> list[Span]:
        """The short runs that are somebody's by what stands around; `done` is known already."""
        heard, spans = _Heard(), []
        for place, event in self._events(found, done):
            match event:
                case Cue():
                    heard.cue, heard.cue_token = event, self._token(event.end)
                    heard.spent = False
                case Kind():
                    self._note(heard, event, self._token(place))
                case Run() if kind := self._kind(heard, event):
                    spans.append(event.whole(kind))
                    self._note(heard, kind, event.pieces[-1].last)
                case Run() if heard.cue and heard.cue.kind is None:
                    heard.spent = True
        return spans

    def _events(
        self, found: Sequence[Run], done: Sequence[Span]
    ) -> Iterator[tuple[int, Cue | Kind | Run]]:
        known = [(span.start, span.end) for span in done]
        events: list[tuple[int, int, Cue | Kind | Run]] = [(c.start, 0, c) for c in self.cues]
        events += [(span.end, 1, span.kind) for span in done]
        events += [(token.end, 1, token.mask) for token in self._reading.tokens if token.mask]
        for run in found:
            before = bisect_left(known, (run.end, 0)) - 1
            if before < 0 or known[before][1] <= run.start:
                events.append((run.start, 2, run))
        events.sort(key=lambda event: event[:2])
        yield from ((place, event) for place, _, event in events)

    def _note(self, heard: _Heard, kind: Kind, token: int) -> None:
        """A value of `kind` stood before `token`."""
        if heard.cue and heard.cue.kind is kind:
            heard.spent = kind in _TOLD_ONCE
            heard.cue_token = token
        if kind is Kind.CARD:
            heard.card_token = token
        elif kind is Kind.CVV:
            heard.card_token = None

    def _kind(self, heard: _Heard, run: Run) -> Kind | None:
        if self._is_money(run):
            return None
        first, size = run.pieces[0].first, len(run.digits)
        between = self._reading.words_between
        beside_card = (
            heard.card_token is not None
            and size in _LENGTHS[Kind.CVV]
            and between(heard.card_token, first) <= _MOST_WORDS_TO_CVV
        )
        near = heard.cue if heard.cue and between(heard.cue_token, first) <= _MOST_WORDS else None
        wanted = near.kind if near and not heard.spent else None
        if wanted and size in _LENGTHS.get(wanted, ()):
            return Kind.CVV if wanted is Kind.CARD and beside_card else wanted
        if back := self._led_back(run):
            return back
        answered = near is not None and near.kind is None and not heard.spent
        return Kind.CVV if beside_card and not answered and not self._is_list(run) else None

    def _led_back(self, run: Run) -> Kind | None:
        nearest = bisect_left(self._starts, run.end)
        if nearest == len(self.cues):
            return None
        cue = self.cues[nearest]
        fits = cue.kind in _TOLD_ONCE and len(run.digits) in _LENGTHS[cue.kind]
        led = fits and leads_back(self._reading.text, run.end, cue.start)
        return cue.kind if led else None

    def _token(self, place: int) -> int:
        return bisect_left(self._tokens, place)
