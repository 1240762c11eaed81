"""What a voice can fill: flat objects of scalars, each with a bound."""

from typing import Any

import pytest

from tools.arguments import InvalidArguments, parse_arguments
from tools.remote.flat import Schema, Unfit, arguments_model, flat


def of(**properties: Any) -> Schema:
    """The schema of arguments, all of them required."""
    whole = {"type": "object", "properties": properties, "required": list(properties)}
    return flat(whole, max_chars=20)


def given(schema: Schema, arguments: str, *, sayable: bool = False) -> Any:
    """Arguments as the gate has them after parsing."""
    return parse_arguments(arguments_model(schema, sayable=sayable), arguments).model_dump()


def test_every_text_and_list_gets_a_bound() -> None:
    """A model may send anything."""
    found = of(
        title={"type": "string", "title": "Title", "description": "About."},
        tags={"type": "array", "items": {"type": "string", "maxLength": 5}},
    )

    assert found["properties"] == {
        "title": {"type": "string", "description": "About.", "maxLength": 20},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 20},
    }
    assert found["additionalProperties"] is False


def test_references_are_resolved_and_null_is_left_out() -> None:
    """As most servers write enums and optional arguments."""
    whole = {
        "type": "object",
        "properties": {"how": {"anyOf": [{"$ref": "#/$defs/How"}, {"type": "null"}]}},
        "$defs": {"How": {"enum": ["low", "high"], "type": "string"}},
    }

    how = flat(whole, max_chars=20)["properties"]["how"]
    assert how == {"enum": ["low", "high"], "type": "string", "maxLength": 20}


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"type": "object", "properties": {}}, "rules that are not understood"),
        ({"type": "object"}, "object is no scalar"),
        ({}, "its type is not said"),
        (True, "its type is not said"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "one of several types"),
        ({"type": ["string", "integer"]}, "one of several types"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "of lists"),
        ({"type": "string", "not": {"const": "x"}}, "rules that are not understood"),
        ({"$ref": "#/$defs/Missing"}, "refers to something"),
        ({"type": "string", "pattern": "("}, "its pattern is none"),
        ({"type": "integer", "minimum": "one"}, "its schema is none"),
    ],
)
def test_what_cannot_be_filled_on_the_phone_is_refused(rules: Any, says: str) -> None:
    """When it is pinned, in a sentence."""
    with pytest.raises(Unfit, match=says):
        of(what=rules)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("{}", "'count' is missing"),
        ('{"count": true}', "count: type must be integer"),
        ('{"count": 1, "force": true}', "there is no such argument"),
        ('{"count": 11}', "count: maximum must be 10"),
        ('{"count": NaN}', "count: type must be integer"),
        ("[1]", "should be an object"),
    ],
)
def test_arguments_that_do_not_fit_are_told_by_rules(arguments: str, says: str) -> None:
    """Never by what was sent."""
    schema = of(count={"type": "integer", "maximum": 10})

    with pytest.raises(InvalidArguments) as invalid:
        given(schema, arguments)

    assert says in invalid.value.problems[0]


def test_one_number_is_one_wish_however_it_is_written() -> None:
    """Else a model would get a second effect by writing 3.0."""
    schema = of(count={"type": "integer"})

    assert str(given(schema, '{"count": 3.0}')) == str(given(schema, '{"count": 3}'))


@pytest.mark.parametrize("value", ["Ж", "open Ж", "!!", "", "Infinity"])
def test_what_no_read_back_can_name_needs_no_yes(value: str) -> None:
    """Transcripts are compared by letters and digits: the rest would be agreed to in silence."""
    schema = of(what={"type": "number"} if value == "Infinity" else {"type": "string"})
    sent = value if value == "Infinity" else f'"{value}"'

    with pytest.raises(InvalidArguments):
        given(schema, f'{{"what": {sent}}}', sayable=True)
