"""What a voice can fill: flat objects of scalars, each with a bound."""

import re
from typing import Any

import pytest

from tools.remote.flat import Schema, Unfit, flat, must_be_schema


def of(**properties: Any) -> Schema:
    """The schema of arguments, all of them required."""
    return checked({"properties": properties, "required": list(properties)})


def checked(schema: Schema) -> Schema:
    """What is made of a server's schema, which may be none."""
    must_be_schema({"type": "object", **schema})
    return flat({"type": "object", **schema}, max_chars=20)


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
        ({"type": "integer", "minimum": "one"}, "its schema is none"),
        ({"enum": [*range(200)]}, "one of more than 100"),
    ],
)
def test_what_cannot_be_filled_on_the_phone_is_refused(rules: Any, says: str) -> None:
    """When it is pinned, in a sentence."""
    with pytest.raises(Unfit, match=says):
        of(what=rules)


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ({"properties": []}, "its schema is none: properties"),
        ({"properties": {}, "required": 5}, "its schema is none: required"),
        ({"properties": {}, "$defs": [1]}, "its schema is none"),
        ({"properties": {"a": {"type": "string", "maxLength": "9"}}}, "its schema is none"),
        ({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": True}}, "type is not said"),
        ({"properties": {"a": {"enum": [{"b": 1}]}}}, "a value of it is no scalar"),
        ({"properties": {}, "required": ["b"]}, "it requires b, and does not say"),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}},
            },
            "refers to something that is not there",
        ),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}},
            },
            "a list of lists",
        ),
    ],
)
def test_a_schema_that_is_none_is_told_in_a_sentence(whole: Schema, says: str) -> None:
    """Whatever a server sends, and before anything is pinned."""
    with pytest.raises(Unfit, match=re.escape(says)):
        checked(whole)


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1"])
def test_a_pattern_that_takes_more_than_linear_time_is_refused(pattern: str) -> None:
    """The engine that matches has neither looks ahead nor references back."""
    with pytest.raises(Unfit, match=r"its (pattern|schema) is none"):
        of(what={"type": "string", "pattern": pattern})
