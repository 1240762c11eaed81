"""Addresses of e-mail, written or said: "jane dot doe at example dot com". Pure.

Called by `redactor`. Looks outwards from each "@" and each "at", so that a long text without one
costs nothing.
"""

import re
from collections.abc import Iterator, Sequence

from records.redaction.kinds import Kind, Span
from records.redaction.numerals import Reading, Token, listed

_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}\s?\Z")
_DOMAIN = re.compile(r"\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_WRITTEN_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,24}\b")
_LOCAL_LETTERS = 66
_AT = frozenset({"at"})
_DOT = frozenset({"dot", "point", "period"})
_JOINS = _DOT | {"underscore", "dash", "hyphen", "minus", "plus", "slash"}
# Nobody says where these end.
_PROVIDERS = frozenset(
    listed(
        "gmail googlemail hotmail outlook yahoo icloud aol proton protonmail gmx web msn comcast"
    )
)
# What stands before an address and is no part of it.
_NO_NAME = frozenset(
    listed(
        "is it its it's that's this address email e-mail mail to under on with from as by me my his"
        " her their our your the a an and or so yes no well uh um i i'm send write reach use at for"
        " you can please"
    )
)
_MOST_NAME_WORDS = 6
_MOST_SPELLED = 24
_MOST_LABEL_WORDS = 4
_MOST_DOTS = 8


def addresses(reading: Reading) -> list[Span]:
    """Every address of a text."""
    text = reading.text
    found = [span for place in _all(text, "@") if (span := _written(text, place))]
    done = 0
    for place, token in enumerate(reading.tokens):
        if token.word in _AT and place >= done and (end := _domain_end(reading, place + 1)):
            first = _name_start(reading.tokens, place)
            if first < place:
                found.append(Span(reading.tokens[first].start, end, Kind.EMAIL))
                done = place + 1
    return found


def _all(text: str, sign: str) -> Iterator[int]:
    place = text.find(sign)
    while place >= 0:
        yield place
        place = text.find(sign, place + 1)


def _written(text: str, at: int) -> Span | None:
    begin = max(at - _LOCAL_LETTERS, 0)
    local, domain = _LOCAL.search(text[begin:at]), _DOMAIN.match(text, at + 1)
    if not local or not domain:
        return None
    return Span(begin + local.start(), domain.end(), Kind.EMAIL)


def _domain_end(reading: Reading, place: int) -> int | None:
    """Where a domain ends that begins with token `place`; None if none does."""
    tokens = reading.tokens
    if place >= len(tokens):
        return None
    start = tokens[place].start
    if written := _WRITTEN_DOMAIN.match(reading.text, start, start + 255):
        return written.end()
    end: int | None = None
    for _ in range(_MOST_DOTS):
        dot = _next_dot(tokens, place)
        if dot is None or dot + 1 >= len(tokens):
            break
        end = tokens[dot + 1].end
        place = dot + 1
    if end is None and tokens[place].word in _PROVIDERS:
        end = tokens[place].end
    return end


def _next_dot(tokens: Sequence[Token], place: int) -> int | None:
    """The next "dot" after a label of a few words or spelled letters."""
    words = 0
    for at in range(place, min(place + _MOST_SPELLED, len(tokens))):
        if tokens[at].word in _DOT:
            return at if at > place else None
        words += len(tokens[at].word) > 1
        if words > _MOST_LABEL_WORDS or tokens[at].word in _AT:
            return None
    return None


def _name_start(tokens: Sequence[Token], at: int) -> int:
    """The first token of the name before "at"; `at` itself if there is none."""
    first, words = at, 0
    for place in range(at - 1, max(at - _MOST_SPELLED, 0) - 1, -1):
        token = tokens[place]
        after = tokens[first].word if first < at else ""
        joined = token.word in _JOINS or after in _JOINS or len(token.word) == len(after) == 1
        if token.mask or (token.word in _NO_NAME and not joined):
            break
        words += len(token.word) > 1 and not joined
        if words > _MOST_NAME_WORDS:
            break
        first = place
    return first
