"""Fills the templates of a brain: `{slot}`, `{slot:digits}`, `{result.say}`, `{tool.field}`.

`{slot:date}` is the next day of that name, as a model finds it that was told which day it is.

Called by `model.dialogue` for what is said and what is passed to tools. Pure.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rehearsal.model.grammar import SPOKEN_DIGITS

_FIELD = re.compile(r"\{(\w+)(?:\.(\w+))?(?::(digits|date|number))?\}")
Result = Mapping[str, Any]
TODAY = "today"
"""The slot that holds which day it is."""
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NoValue(Exception):
    """A template asks for a slot or a result field that has no value; the message names it."""


def fill(template: str, slots: Mapping[str, str], results: Mapping[str, Result]) -> str:
    """The text with every field filled. `results` are by tool name, and `result` the telling one.

    Raises:
        NoValue: a slot was not heard, or a result lacks the field.
    """
    return _FIELD.sub(lambda found: _value(found, slots, results), template)


def slot_of(template: str) -> str | None:
    """The slot, when the template is nothing but one slot."""
    found = _FIELD.fullmatch(template)
    return found.group(1) if found and not found.group(2) else None


def is_number(template: str) -> bool:
    """Whether an argument is to be a whole number, `{slot:number}`."""
    found = _FIELD.fullmatch(template)
    return found is not None and found.group(3) == "number"


def digit_by_digit(value: str) -> str:
    """`4271` as `4 2 7 1`'s words, so that a synthesiser does not say a quantity."""
    return " ".join(SPOKEN_DIGITS.get(character, character) for character in value)


def _value(found: re.Match[str], slots: Mapping[str, str], results: Mapping[str, Result]) -> str:
    name, field, form = found.groups()
    value = results.get(name, {}).get(field) if field else slots.get(name)
    if value is None:
        raise NoValue(f"{found.group()} has no value")
    match form:
        case "digits":
            return digit_by_digit(str(value))
        case "date":
            return _next(str(value), slots)
    return str(value)


def _next(weekday: str, slots: Mapping[str, str]) -> str:
    if weekday not in WEEK or TODAY not in slots:
        raise NoValue(f"{weekday!r} is no weekday, or the instructions do not say which day it is")
    today = date.fromisoformat(slots[TODAY])
    # Whoever says "on Tuesday" on a Tuesday means the next one.
    ahead = (WEEK.index(weekday) - today.weekday() - 1) % 7 + 1
    return (today + timedelta(days=ahead)).isoformat()
