"""The redactor's door for logs and spans, with a stricter rule on top. Pure.

LiveKit names SIP participants after the caller's number, so it turns up where nobody put it: in
identities, in names of rooms, in messages of libraries. Whatever holds seven digits or more is
taken for a number unless it is clearly something that an operator searches for: better a masked
counter than somebody's number. Cards go with it. What people say is found as everywhere else.
Called by the logs of the worker and of the watcher, and by whatever writes spans.
"""

import re

from records.redaction.kinds import Kind, without
from records.redaction.lettered import accounts, stretches
from records.redaction.numerals import read
from records.redaction.redactor import DEEPEST, Redactor
from records.redaction.secrets import Secrets

MASK = Kind.NUMBER.mask

# Each of these is kept whole, also where its digits alone would make a number.
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_KEPT = (
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # UUID
    r"(?:19|20)\d\d-[01]\d-[0-3]\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?",
    r"(?:19|20)\d\d([-/])[01]\d\1[0-3]\d(?![-/.]?\d)",  # date
    r"20\d{6}[T_-]\d{6}(?:-[0-9a-f]{8})?",  # time in names of files; our own id of a call
    rf"(?:{_BYTE}\.){{3}}{_BYTE}(?!\.\d)",  # IPv4
    r"v\d+(?:\.\d+)+[\w.+-]*",  # version
    r"(?:\d{1,2}|1\d{9})\.\d+(?!\.?\d)",  # fraction; seconds since 1970
    r"1[6-9]\d{11}(?:\d{3}){0,2}",  # milli-, micro- and nanoseconds since 1970
    r"\d+(?:\.\d+)? ?(?:[nu\u00b5m]s|[kM]?B|bytes|seconds)",  # measured
)
_WHOLE = re.compile(rf"(?<![\w+.])(?:{'|'.join(_KEPT)})(?!\w)", re.IGNORECASE)

# What people put between the digits of a number: spaces and dashes of all kinds, dots, slashes.
_BETWEEN = r"[ \t\u00a0\u2007\u2009\u202f().\-\u2010-\u2013/]{0,3}"
_DIGITS = rf"(?:\(\+?\d{{1,5}}\)|\d)(?:{_BETWEEN}\d)*(?![A-Za-z0-9])"
_NUMBER = re.compile(rf"(?<![A-Za-z0-9])(?:\+ ?)?{_DIGITS}")
# With a plus there is no doubt: nothing that is kept begins with one.
_PLUS_NUMBER = re.compile(rf"(?<![A-Za-z0-9])(?:\+|%2B) ?{_DIGITS}", re.IGNORECASE)
# The name of a SIP participant and the user of an address, extensions of few digits too.
_USER = re.compile(r"\b(sip_|sips?:(?=[^@\s]*@))(?:\+|%2B)?\d+(?![A-Za-z0-9])", re.IGNORECASE)
_LEAST_DIGITS = 7


# Before the digits of one are masked, which would leave its bank readable.
_LIKE_ACCOUNT = re.compile(r"\b[A-Za-z]{2}[ -]?\d{2}[ -]?[A-Za-z0-9]{4}")
_NESTED = "[nested too deep]"


def mask(text: str, secrets: Secrets | None = None) -> str:
    """`text` without anything of anybody: numbers, addresses, and `secrets` of the call."""
    if _LIKE_ACCOUNT.search(text):
        text = without(text, accounts(stretches(read(text))))
    text = _strictly(text)
    # Without a region: in logs a telephone number is a number, and phonenumbers stays unloaded.
    words = Redactor(region="", secrets=secrets, kept=_WHOLE, glued=False)
    return words.redact(text).text


def masked(value: object, secrets: Secrets | None = None, *, deep: int = DEEPEST) -> object:
    """A value of a log line with all texts in it masked, those of mappings and lists too."""
    match value:
        case str():
            return mask(value, secrets)
        case bool() | int() | float() | None:
            return value
        case _ if deep == 0:
            return _NESTED
        case dict():
            return {
                mask(str(key), secrets): masked(inner, secrets, deep=deep - 1)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [masked(inner, secrets, deep=deep - 1) for inner in value]
        case _:
            return mask(str(value), secrets)


def _strictly(text: str) -> str:
    text = _PLUS_NUMBER.sub(_unless_short, text)
    pieces: list[str] = []
    done = 0
    for kept in _WHOLE.finditer(text):
        pieces += _NUMBER.sub(_unless_short, text[done : kept.start()]), kept[0]
        done = kept.end()
    pieces.append(_NUMBER.sub(_unless_short, text[done:]))
    return _USER.sub(rf"\1{MASK}", "".join(pieces))


def _unless_short(found: re.Match[str]) -> str:
    digits = sum(char.isdigit() for char in found[0])
    return MASK if digits >= _LEAST_DIGITS else found[0]
