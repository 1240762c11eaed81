"""What a model fills in is held to the schema, quickly, and has one spelling."""

import itertools
import json
import re
from typing import Any

import pytest

from tools.arguments import InvalidArguments, parse_arguments
from tools.heard import normal_words
from tools.remote.flat import Schema
from tools.remote.given import arguments_model
from tools.remote.said import as_said, can_be_said

ENDLESS = "^(a+)+$"


def of(**properties: Any) -> Schema:
    """A schema as `flat` makes it, all of its arguments required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def problems(schema: Schema, arguments: str, *, sayable: bool = False) -> str:
    """Why they are refused."""
    with pytest.raises(InvalidArguments) as invalid:
        given(schema, arguments, sayable=sayable)
    return " ".join(invalid.value.problems)


def given(schema: Schema, arguments: str, *, sayable: bool = False) -> Any:
    """Arguments as the gate has them after parsing."""
    return parse_arguments(arguments_model(schema, sayable=sayable), arguments).model_dump()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("{}", "'count' is missing"),
        ('{"count": true}', "count: type must be integer"),
        ('{"count": 1, "force": true}', "there is no such argument"),
        ('{"count": 11}', "count: maximum must be 10"),
        ('{"count": NaN}', "count: no number"),
        ("[1]", "should be an object"),
    ],
)
def test_arguments_that_do_not_fit_are_told_by_rules(arguments: str, says: str) -> None:
    """Never by what was sent."""
    schema = of(count={"type": "integer", "maximum": 10})

    assert says in problems(schema, arguments)


@pytest.mark.parametrize(
    ("rules", "one", "other"),
    [
        ({"type": "integer"}, "3", "3.0"),
        ({"type": "number"}, "3", "3.0"),
        ({"type": "number"}, "0", "-0.0"),
        ({"type": "array", "items": {"type": "number"}}, "[3, 2.5]", "[3.0, 2.5]"),
        ({"enum": [3]}, "3", "3.0"),
    ],
)
def test_one_number_is_one_wish_however_it_is_written(
    rules: dict[str, Any], one: str, other: str
) -> None:
    """Else a model would get a second effect by writing 3.0; the ledger compares JSON."""
    first, second = (given(of(n=rules), f'{{"n": {number}}}') for number in (one, other))

    assert json.dumps(first) == json.dumps(second)


def test_a_pattern_is_matched_at_once_whatever_the_text() -> None:
    """Python's own engine would be busy with this one until the call is long over."""
    schema = of(what={"type": "string", "pattern": ENDLESS})

    assert given(schema, json.dumps({"what": "a" * 400}))
    assert "pattern must be" in problems(schema, json.dumps({"what": "a" * 400 + "b"}))


def test_a_list_that_is_too_long_is_not_gone_through() -> None:
    """Every item would be compared with every choice."""
    schema = of(what={"type": "array", "items": {"enum": [*range(100)]}, "maxItems": 20})

    assert problems(schema, json.dumps({"what": [0] * 1300})) == "what: too many"


@pytest.mark.parametrize("number", ["1" + "0" * 400, "Infinity", "-Infinity"])
def test_what_nobody_counts_to_is_no_number(number: str) -> None:
    """Rules of a schema cannot be applied to it."""
    tenths = of(n={"type": "number", "multipleOf": 0.1})

    assert "no number" in problems(tenths, f'{{"n": {number}}}')


@pytest.mark.parametrize(
    "text",
    [
        *("Ж", "open Ж", "!!", "", "4302\u0663", "4302\uff13", "43\u00b2", "\u24604302", "\u22645"),
        *(".5", "- 5", "5%", "1,50", "1-12", "11 2", "3/4", "1.2.3", "one twelve", "a\u0301b"),
        *("5'11", "-(5)", "-five", "- '5", "double 5 mg", "Model O", "C#", "AT&T", "0001-01-12"),
    ],
)
def test_what_sounds_like_something_else_needs_no_yes(text: str) -> None:
    """A transcript has the words and digits that were said, and a caller agrees to no more."""
    told = problems(of(what={"type": "string"}), json.dumps({"what": text}), sayable=True)

    assert "cannot be read back" in told


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("4302", "4 3 0 2"),
        ("a bent wheel", "a bent wheel"),
        ("don't cancel order #4302 (again)!", "don't cancel order #4302 (again)!"),
        ("12.5", "12.5"),
        ("-5", "-5"),
        ("2026-11-25", "Wednesday, November 25th, 2026"),
        ("14:30", "at 2 30 in the afternoon"),
        ("2026-11-25T09:00", "Wednesday, November 25th, 2026 at 9 in the morning"),
    ],
)
def test_what_can_be_said_is_said_so(value: str, said: str) -> None:
    """Days and times as people say them."""
    schema = of(what={"type": "string"})

    assert given(schema, json.dumps({"what": value}), sayable=True) == {"what": value}
    assert as_said("what", value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0000001, "0 point 0000001"),
        (10**400, "1" + "0" * 400),
        (3.0, "3"),
        (-2, "minus 2"),
        (True, "next day yes"),
        ([3, 4, 3], "3 and 4 and 3"),
        (["4302", "a wheel"], "4 3 0 2 and a wheel"),
    ],
)
def test_a_value_is_said_in_full(value: object, said: str) -> None:
    """A rounded number would be another one, and "yes" alone is in every question."""
    assert as_said("next_day", value) == said


def test_an_empty_list_cannot_be_agreed_to() -> None:
    """It would be heard in silence."""
    told = problems(
        of(what={"type": "array", "items": {"type": "string"}}), '{"what": []}', sayable=True
    )

    assert "cannot be read back" in told


def test_days_that_do_not_exist_are_no_days() -> None:
    """They stay numbers side by side."""
    assert as_said("day", "2026-02-30") == "2026-02-30"
    assert not can_be_said("2026-02-30")


SIGNS = ("", " ", "-", " - ", "'", ".", ",", "(", "#")
WORDS = ("5", "11", "1", "a", "th", "o", "one", "twenty", "double", "point", "14:30", "T")


def test_texts_that_sound_alike_have_the_same_numbers() -> None:
    """Of all that may be agreed to; capitals and signs between words aside."""
    parts = [f"{sign}{word}" for sign in SIGNS for word in WORDS]
    alike: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for text in map("".join, itertools.product(parts, repeat=2)):
        if can_be_said(text):
            heard = tuple(normal_words(as_said("what", text)))
            alike.setdefault(heard, set()).add(_figures(text))

    assert len(alike) > 100
    assert [numbers for numbers in alike.values() if len(numbers) > 1] == []


def _figures(text: str) -> tuple[str, ...]:
    """Every number in it, with what makes another one of it."""
    said = text if text.isdigit() else as_said("what", text)
    # In a word an apostrophe is not heard, and a hyphen after one is no sign.
    plain = re.findall(r"(?:(?<![a-z])-)?[0-9.]*[0-9]|[a-z]+", said.lower().replace("'", ""))
    meant = ["".join(normal_words(word)) if word.isalpha() else word for word in plain]
    return tuple(word for word in meant if word[-1].isdigit())
