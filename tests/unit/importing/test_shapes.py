"""What a schema makes of an argument and of an answer."""

from typing import Any

import pytest

from tests.unit.importing.made import area_of, get, loaded, send, spec_of
from tools.arguments import InvalidArguments, parse_arguments
from tools.importing.source import pattern, phrase, quoted

REF = {"$ref": "#/components/schemas/Node"}


def accepts(schema: dict[str, Any], value: str) -> bool:
    """Whether an argument with this schema takes a JSON value."""
    (tool,) = loaded(area_of(spec_of({"/a": {"post": send({"it": schema}, "it")}})).text).values()
    try:
        parse_arguments(tool.arguments, f'{{"it": {value}}}')
    except InvalidArguments:
        return False
    return True


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"enum": ["a", "b"]}, '"a"', '"c"'),
        ({"const": "a"}, '"a"', '"b"'),
        ({"type": "integer", "enum": [1, 2]}, "1", "3"),
        ({"type": "string", "pattern": "^[0-9]{4}$"}, '"43 02"', '"43021"'),
        ({"type": "string", "pattern": "^[0-9]{4}$"}, "4302", '"43o2"'),
        ({"type": "string", "minLength": 3}, '"abc"', '"ab"'),
        ({"type": "string", "maxLength": 3}, '"abc"', '"abcd"'),
        ({"type": "string"}, f'"{"a" * 200}"', f'"{"a" * 201}"'),
        ({"type": "string"}, '"a b"', '"a\\nb"'),
        ({"type": "string"}, '"a"', '"..."'),
        ({"type": "string", "format": "date"}, '"2027-06-07"', '"2027-06-31"'),
        ({"type": "string", "format": "date-time"}, '"2027-06-07T09:00Z"', '"2027-06-07T09:00"'),
        ({"type": "string", "format": "email"}, '"a@b.example"', '"a at b"'),
        ({"type": "integer", "minimum": 2}, "2", "1"),
        ({"type": "integer", "exclusiveMinimum": 0.0}, "1", "0"),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, "1", "0"),
        ({"type": "integer"}, "1", "-1"),
        ({"type": "integer"}, "1", '"1"'),
        ({"type": "number", "maximum": 1.5}, "1.5", "1.6"),
        ({"type": "boolean"}, "true", '"true"'),
        ({"type": ["string", "null"], "maxLength": 3}, '"abc"', '"abcd"'),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, '"a"', '"b"'),
        ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, '"abc"', '"abcd"'),
    ],
)
def test_an_argument_is_as_narrow_as_its_schema(
    schema: dict[str, Any], good: str, bad: str
) -> None:
    """And narrower where the schema says nothing: nobody says more on the telephone."""
    assert accepts(schema, good)
    assert not accepts(schema, bad)


def test_a_pattern_that_is_not_understood_is_no_limit() -> None:
    """Looking ahead takes time without end in other engines, so ours does not know it."""
    assert accepts({"type": "string", "pattern": "^(?=a)b$"}, '"c"')


@pytest.mark.parametrize("value", ["..", "."])
def test_what_fills_a_path_leads_nowhere_else(value: str) -> None:
    """Two dots would make another path of /a/{it}/b, also where the document allows them."""
    given = {"name": "it", "in": "path", "schema": {"type": "string", "pattern": "^.*$"}}
    (tool,) = loaded(area_of(spec_of({"/a/{it}": {"get": get(None, given)}})).text).values()

    with pytest.raises(InvalidArguments):
        parse_arguments(tool.arguments, f'{{"it": "{value}"}}')


def test_an_answer_that_refers_to_itself_is_read_without_that() -> None:
    """What cannot be typed is left out of an answer, and told."""
    node = {"type": "object", "properties": {"name": {"type": "string"}, "parent": REF}}
    area = area_of(spec_of({"/a": {"get": get(REF)}}, {"Node": node}))

    assert area.left_out == {"Node.parent": "it refers to itself"}
    assert "parent" not in area.text


def test_nothing_but_declared_fields_is_read() -> None:
    """A map of anything, a file's worth of forms and a field without a type go nowhere."""
    properties = {
        "name": {"type": "string"},
        "metadata": {"type": "object", "additionalProperties": True},
        "anything": {},
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    }
    area = area_of(spec_of({"/a": {"get": get({"type": "object", "properties": properties})}}))

    assert "    name: plain.Text | None = None\n" in area.text
    assert len(area.left_out) == 3


@pytest.mark.parametrize("text", ["a", '"', "'", "\"'", "\\", "\\'", "\n\x00", "\u2028\U0001f600"])
def test_a_literal_means_its_text(text: str) -> None:
    """Exactly, whatever it holds."""
    for literal in (quoted(text), pattern(text)):
        assert literal.isascii()
        assert "\n" not in literal
        assert eval(literal) == text  # noqa: S307  # a literal of our own writer


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("Cancel Order", "cancel order"),
        ("Cancel an order. It may not have shipped.", "cancel an order"),
        ("Send the VAT invoice (PDF)", "send the VAT invoice"),
        ("<b>Say</b> `this`: {now}", "say 'this'"),
        ("\u0417\u0430\u043a\u0430\u0437", "its name"),
        ("", "its name"),
    ],
)
def test_a_summary_becomes_words_that_can_be_said(summary: str, said: str) -> None:
    """Short, without signs; what cannot be heard gives way to the tool's name."""
    assert phrase(summary, otherwise="its name") == said
