"""Values of MCP tools' arguments as an agent says them, and which of them can be said at all.

A caller's yes counts for what transcripts hold: letters, words, digits. A value that another value
sounds like would be agreed to unseen, so it is refused before anybody is asked. Pure.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from tools import spoken
from tools.heard import REPEATS, normal_words, words

# Whatever else stands in a text is not heard, and nobody has agreed to it.
SPOKEN = re.compile(r"[A-Za-z0-9 .,;:!?'\"()#-]*")
# Signs that change what is meant, and do not reach the words which are compared.
UNHEARD = re.compile(
    r"(?<![0-9])\.[0-9]"  # .5
    r"|(?<![A-Za-z0-9])-(?![0-9])|-(?![A-Za-z0-9])"  # -(5), -five
    r"|[0-9]'|'[0-9]"  # 5'11
    r"|#(?![0-9])"  # C#
)
# Heard as digits, and meant as letters.
LETTERS = frozenset({"o", "oh"})
DATE = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:00)?")


def as_said(name: str, value: Any) -> str:
    """The argument `name` as the agent has to say it; no sign or point gets lost in a transcript.

    Lists are said in one go, so that their order and their number are heard.
    """
    if isinstance(value, list):
        return " and ".join(as_said(name, one) for one in value)
    if isinstance(value, bool):
        # "Yes" alone is in every question.
        return f"{label(name)} {'yes' if value else 'no'}"
    if isinstance(value, int | float):
        sign, number = "minus " if value < 0 else "", f"{Decimal(repr(abs(value))):f}"
        whole, _, part = number.partition(".")
        part = part.rstrip("0")
        return f"{sign}{whole} point {part}" if part else f"{sign}{whole}"
    text = str(value)
    return _moment(text) or (spoken.digits(text) if text.isdigit() else text)


def label(name: str) -> str:
    """An argument's name as words."""
    return " ".join(re.findall(r"[A-Za-z0-9]+", name))


def can_be_said(value: Any) -> bool:
    """Whether nothing of it gets lost, and no other value sounds the same."""
    if isinstance(value, list):
        # An empty one would be heard in silence.
        return bool(value) and all(can_be_said(one) for one in value)
    if not isinstance(value, str) or _moment(value):
        return True
    legible = SPOKEN.fullmatch(value) and not UNHEARD.search(value) and normal_words(value)
    return bool(legible) and not _runs_together(value)


def _runs_together(text: str) -> bool:
    """Whether numbers in it stand side by side: "1-12" and "11 2" are heard as the same digits."""
    told = words(text)
    whole = [word for word in normal_words(text) if word.isdigit()]
    apart = [word for word in told if normal_words(word)[0].isdigit()]
    return len(whole) != len(apart) or not LETTERS.union(REPEATS).isdisjoint(told)


def _moment(text: str) -> str:
    """A date, a time or both, like 2026-11-25T10:30, as people say it; "" if it is none."""
    day, _, clock = text.partition("T") if "T" in text or ":" not in text else ("", "", text)
    if not (day or clock) or any(
        part and not form.fullmatch(part) for part, form in ((day, DATE), (clock, TIME))
    ):
        return ""
    said = []
    try:
        if day:
            date = dt.date.fromisoformat(day)
            said.append(f"{spoken.day(date)}, {date.year}")
        if clock:
            said.append(f"at {spoken.clock(dt.time.fromisoformat(clock))}")
    except ValueError:
        return ""
    return " ".join(said)
