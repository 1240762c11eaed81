"""Fills the templates of a brain: `{slot}`, `{slot:digits}`, `{result.say}`, `{tool.field}`.

Called by `model.dialogue` for what is said and what is passed to tools. Pure.
"""

import re
from collections.abc import Mapping
from typing import Any

from rehearsal.model.grammar import SPOKEN_DIGITS

_FIELD = re.compile(r"\{(\w+)(?:\.(\w+))?(:digits)?\}")
Result = Mapping[str, Any]


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


def digit_by_digit(value: str) -> str:
    """`4271` as `4 2 7 1`'s words, so that a synthesiser does not say a quantity."""
    return " ".join(SPOKEN_DIGITS.get(character, character) for character in value)


def _value(found: re.Match[str], slots: Mapping[str, str], results: Mapping[str, Result]) -> str:
    name, field, digits = found.groups()
    value = results.get(name, {}).get(field) if field else slots.get(name)
    if value is None:
        raise NoValue(f"{found.group()} has no value")
    return digit_by_digit(str(value)) if digits else str(value)
