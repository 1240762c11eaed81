"""The one redactor: what is personal in a text, and the text without it. Pure.

Called for transcripts, exports and arguments of tools; logs and spans come through `logged`, which
adds its stricter rule. What it finds is counted by the caller (`frontdesk_redactions_total`).
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from records.redaction.kinds import Kind, Redacted, Span, merged, without
from records.redaction.lettered import accounts, postcodes, stretches
from records.redaction.mail import addresses
from records.redaction.numerals import ANY_DIGIT, Reading, read
from records.redaction.runs import Run, personal, runs
from records.redaction.secrets import Secrets
from records.redaction.surroundings import Surroundings

DEEPEST = 32
# Two digits are nobody's: an age, a room, an hour.
_LEAST_DIGITS = 3
_TOO_DEEP = "[nested too deep]"
# An address may be said without a digit; `mail` finds out whether one was.
_WORTH_READING = re.compile(rf"@|\bat\b|{ANY_DIGIT.pattern}", re.IGNORECASE)
# Digits that are clearly something else, also where they stand together.
_KEPT = re.compile(
    r"(?<![\w+.])(?:"
    r"(?:19|20)\d\d([-/.])[01]?\d\1[0-3]?\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)?"
    r"|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d"
    r"|[$\u20ac\u00a3\u00a5]\s?\d{1,3}(?:[,.]?\d{3}){0,2}(?:[.,]\d\d)?(?![ ,]\d)"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r")(?![-/.]?\w)",
    re.IGNORECASE,
)


class Redactor:
    """Takes out of texts what is personal.

    `region` is the country whose numbers are written without a country code, as two letters;
    `secrets` are the values that the tools of a call returned as secret.
    """

    def __init__(
        self,
        *,
        region: str = "US",
        secrets: Secrets | None = None,
        kept: re.Pattern[str] = _KEPT,
        glued: bool = True,
    ) -> None:
        self._region = region
        # An empty one is filled later.
        self.secrets = Secrets() if secrets is None else secrets
        """Values to take out besides; may grow while the call goes on."""
        self._kept = kept
        self._glued = glued

    def redact(
        self, text: str, *, expected: Kind | None = None, also: Sequence[Span] = ()
    ) -> Redacted:
        """`text` without what is personal in it; redacting the result changes nothing.

        `expected` is what was asked for before: "94107" alone is a postcode to whoever knows.
        `also` is what is known of this text beyond what it shows.
        """
        done = _taken(text, merged([*self.spans(text, expected=expected), *also]))
        while done.found:
            # A mask may bring two words together that had something between them.
            again = _taken(done.text, self.spans(done.text, expected=expected))
            if not again.found:
                break
            card = done.holds_card_data or again.holds_card_data
            done = Redacted(again.text, done.found + again.found, card)
        return done

    def redact_all(self, value: Any) -> tuple[Any, tuple[Kind, ...]]:
        """JSON-like `value` with all texts in it redacted, and what was found.

        Whole numbers of seven digits or more are texts too. Lists keep their order, mappings their
        keys unless a key itself is personal.
        """
        found: list[Kind] = []
        return self._value(value, found, DEEPEST), tuple(found)

    def read(self, text: str) -> tuple[Reading, Sequence[Run]]:
        """The words of `text` and the runs of digits among them; for `listening`."""
        reading = read(text)
        kept = [found.span() for found in self._kept.finditer(text)]
        found = runs(reading, kept)
        return reading, found if self._glued else [r for r in found if not _glued(text, r)]

    def spans(self, text: str, *, expected: Kind | None = None) -> list[Span]:
        """Where something personal stands in `text`, in order and apart."""
        if not self.secrets and not _WORTH_READING.search(text):
            return []
        reading, found = self.read(text)
        sure = [*self.secrets.found(reading), *addresses(reading)]
        codes = stretches(reading) if reading.pieces else []
        if not codes and all(len(run.digits) < _LEAST_DIGITS for run in found):
            return merged(sure)
        ibans = accounts(codes)
        found = [run for run in found if not _within(run, ibans)]
        around = Surroundings(reading, expected)
        sure = [_with_its_run(span, found, around) for span in sure]
        sure += [*ibans, *postcodes(reading, codes, around, self._region)]
        for run in found:
            if not around.is_business(run):
                sure += _half_a_card(personal(run, self._region), around, sure)
        sure = merged(sure)
        return merged([*sure, *around.told(found, sure)])

    def _value(self, value: Any, found: list[Kind], deep: int) -> Any:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            done = self.redact(str(value))
            found += done.found
            return done.text if done.found else value
        if deep == 0:
            return _TOO_DEEP
        if isinstance(value, Mapping):
            return {
                self._value(str(key), found, deep): self._value(inner, found, deep - 1)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(inner, found, deep - 1) for inner in value]
        if value is None or isinstance(value, bool | float):
            return value
        return self._value(str(value), found, deep)


def _taken(text: str, spans: Sequence[Span]) -> Redacted:
    if not spans:
        return Redacted(text)
    card = any(span.perhaps_card or span.kind in {Kind.CARD, Kind.CVV} for span in spans)
    return Redacted(without(text, spans), tuple(span.kind for span in spans), card)


def _half_a_card(spans: list[Span], around: Surroundings, before: Sequence[Span]) -> list[Span]:
    """`spans` of a run; where a card's number was asked for they are pieces of it."""
    if not spans or any(span.kind is Kind.CARD for span in (*before, *spans)):
        return spans
    cue = around.answers_to(spans[0].start)
    if cue is None or cue.kind is not Kind.CARD:
        return spans
    return [replace(span, kind=Kind.CARD) for span in spans]


def _with_its_run(span: Span, found: Sequence[Run], around: Surroundings) -> Span:
    """`span`, or the whole number in which it stands: a code turns up in others by chance."""
    for run in found:
        inside = run.start <= span.start and span.end <= run.end
        if inside and not around.is_business(run):
            return Span(run.start, run.end, span.kind, span.perhaps_card)
    return span


def _within(run: Run, spans: Sequence[Span]) -> bool:
    before = bisect_left(spans, run.end, key=lambda span: span.start) - 1
    return before >= 0 and spans[before].end > run.start


def _glued(text: str, run: Run) -> bool:
    """Whether a run is a part of a word, as in ids of programs."""
    before, after = text[run.start - 1 : run.start], text[run.end : run.end + 1]
    return before.isalpha() or after.isalpha()


_PLAIN = Redactor()


def holds_card_data(text: str) -> bool:
    """Whether a card's number or security code is in `text`, also one that may be misheard."""
    return _PLAIN.redact(text).holds_card_data
