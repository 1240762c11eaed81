"""Answers are held to what was pinned of their form; a schema can do no more than that."""

from typing import Any

import pytest

from tools.remote.flat import Unfit, must_be_schema
from tools.remote.form import Form

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, {"a": "x"}, {"a": 1}),
        ({"additionalProperties": False, "properties": {"a": TEXT}}, {"a": "x"}, {"b": "x"}),
        ({"type": "array", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": TEXT}}, ["x"], [1]),
        ({"anyOf": [TEXT, {"type": "null"}]}, None, 1),
        ({"oneOf": [TEXT, {"minimum": 3}]}, "x", 1),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 2}, {"a": 1}),
        ({"$ref": "#/$defs/a", "minLength": 2, "$defs": {"a": TEXT}}, "xx", "x"),
        ({"enum": ["x", 2]}, 2, 3),
    ],
)
def test_an_answer_has_the_form_or_has_not(schema: dict[str, Any], good: Any, bad: Any) -> None:
    """As servers write their schemas."""
    form = Form(schema)

    assert (form.has(good), form.has(bad)) == (True, False)


def test_what_is_within_itself_is_looked_into_once() -> None:
    """Replies to a comment are comments."""
    replies = {"type": "array", "items": {"$ref": "#/$defs/comment"}}
    comment = {"type": "object", "properties": {"text": TEXT, "replies": replies}}
    form = Form({"$ref": "#/$defs/comment", "$defs": {"comment": comment}})

    assert form.has({"text": "x", "replies": [{"text": "y", "replies": []}]})
    assert not form.has({"text": 1})
    assert not form.has({"replies": "none"})


def test_what_follows_rules_that_are_not_checked_is_not_checked_either() -> None:
    """A pair of a text and a number is no list of nothing."""
    pair = Form({"prefixItems": [TEXT, {"type": "integer"}], "items": False})

    assert pair.has(["a", 1])


def test_an_answer_of_very_many_values_has_no_form() -> None:
    """Going through it takes long, and nobody can say it on the phone."""
    form = Form({"type": "array", "items": {"anyOf": [TEXT, {"type": "integer"}]}})

    assert form.has([1] * 900)
    assert not form.has([1] * 1100)


@pytest.mark.parametrize(
    "rule",
    [
        {"pattern": "^(a+)+$"},
        {"uniqueItems": True},
        {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        {"format": "uri"},
    ],
)
def test_rules_that_take_long_are_not_checked(rule: dict[str, Any]) -> None:
    """An answer of a few kilobytes would keep the call waiting for ever."""
    form = Form(rule)

    assert form.has("a" * 400 + "b")
    assert form.has([{"n": 1}, {"n": 1}])
    assert form.has({"a" * 400 + "b": 1})


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (
            {"$ref": "http://169.254.169.254/latest"},
            "refers to something that is not defined in it",
        ),
        ({"$ref": "other.json#/a"}, "refers to something that is not defined in it"),
        (
            {"x": {"y": {"properties": 3}}, "$ref": "#/x/y"},
            "refers to something that is not defined",
        ),
        ({"anyOf": [{"const": n} for n in range(1900)]}, "too long"),
        ({"enum": [*range(40_000)]}, "too long"),
        (
            {"properties": {"a": {"$ref": "#/$defs/no"}}},
            "refers to something that is not defined in it",
        ),
        (
            {
                "$defs": {
                    f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(30)
                }
                | {"a30": TEXT},
                "$ref": "#/$defs/a0",
            },
            "too long",
        ),
    ],
)
def test_a_schema_that_reaches_out_or_has_no_end_is_refused(
    schema: dict[str, Any], says: str
) -> None:
    """When it is pinned; nothing is fetched."""
    must_be_schema(schema)

    with pytest.raises(Unfit, match=says):
        Form(schema)
