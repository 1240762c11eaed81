"""What a model fills in is held to the schema, quickly, and has one spelling."""

import json
from typing import Any

import pytest

from tools.arguments import InvalidArguments, parse_arguments
from tools.remote.flat import Schema
from tools.remote.given import arguments_model
from tools.remote.said import as_spoken, as_values

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
    assert as_spoken(value) == [said]


def test_days_that_do_not_exist_are_no_days() -> None:
    """They stay numbers side by side."""
    assert as_values("2026-02-30") == ("2026-02-30",)
