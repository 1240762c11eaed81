"""Schemas of MCP tools, as far as a voice can fill them: flat objects of scalars and lists of them.

Pure. What a server asks for beyond that is refused in a sentence when it is pinned, and never met
during a call.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from pydantic import ConfigDict, RootModel, field_validator

Schema: TypeAlias = dict[str, Any]

SCALARS = ("string", "integer", "number", "boolean")
RULES = {
    *("type", "enum", "const", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("items", "minItems", "maxItems", "uniqueItems"),
}
# They say something to people and ask for nothing.
REMARKS = {"title", "description", "default", "examples", "format", "deprecated", "$comment"}
MOST_ARGUMENTS = 20
MOST_ITEMS = 20
ARGUMENT_CHARS = 500


class Unfit(Exception):
    """A schema that cannot be offered on the phone; the message says why."""


def flat(schema: Mapping[str, Any], *, max_chars: int) -> Schema:
    """The schema of arguments as a model may see it, with a bound for every text and list.

    Raises:
        Unfit: it is no flat object of scalars.
    """
    definitions = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    more = set(schema) - {
        *("type", "properties", "required", "additionalProperties", "$defs", "definitions"),
        *("$schema", "$id"),
        *REMARKS,
    }
    if schema.get("type") != "object" or more:
        raise Unfit(f"its arguments are no plain object ({', '.join(sorted(more)) or 'no type'})")
    properties = schema.get("properties", {})
    if len(properties) > MOST_ARGUMENTS:
        raise Unfit(f"it takes more than {MOST_ARGUMENTS} arguments")
    found: Schema = {
        "type": "object",
        "properties": {
            name: _argument(name, rules, definitions, max_chars)
            for name, rules in properties.items()
        },
        "required": [name for name in schema.get("required", []) if name in properties],
        "additionalProperties": False,
    }
    try:
        Draft202012Validator.check_schema(found)
    except SchemaError as error:
        raise Unfit(f"its schema is none: {'.'.join(map(str, error.path))}") from error
    return found


def without(schema: Schema, names: set[str]) -> Schema:
    """The schema with these arguments left out."""
    return {
        **schema,
        "properties": {n: rules for n, rules in schema["properties"].items() if n not in names},
        "required": [name for name in schema["required"] if name not in names],
    }


def arguments_model(schema: Schema, *, sayable: bool) -> type[RootModel[dict[str, Any]]]:
    """What the gate parses arguments with; `sayable` keeps out what no read-back can name."""
    validator = Draft202012Validator(schema)
    whole = {n for n, rules in schema["properties"].items() if rules.get("type") == "integer"}

    class Given(RootModel[dict[str, Any]]):
        model_config = ConfigDict(frozen=True)

        @field_validator("root")
        @classmethod
        def _fits(cls, root: dict[str, Any]) -> dict[str, Any]:
            problems = [_problem(error) for error in validator.iter_errors(root)]
            problems += [
                f"{name}: letters other than a to z cannot be read back"
                for name, value in root.items()
                if sayable and not _can_be_said(value)
            ]
            problems += [f"{name}: no number" for name, value in root.items() if _is_none(value)]
            if problems:
                raise ValueError("; ".join(problems))
            # One number is one wish, however it is written.
            return {n: int(value) if n in whole else value for n, value in root.items()}

    return Given


def _argument(
    name: str, rules: Any, definitions: Mapping[str, Any], max_chars: int
) -> dict[str, Any]:
    plain = _plain(name, rules, definitions)
    if more := set(plain) - RULES - REMARKS:
        raise Unfit(f"{name}: it has rules that are not understood ({', '.join(sorted(more))})")
    kind = plain.get("type")
    bounded = {rule: plain[rule] for rule in plain if rule in RULES}
    if isinstance(text := plain.get("description"), str):
        bounded["description"] = text[:ARGUMENT_CHARS]
    if kind == "array":
        items = _argument(name, plain.get("items"), definitions, max_chars)
        if items.get("type") == "array":
            raise Unfit(f"{name}: a list of lists cannot be filled on the phone")
        items.pop("description", None)
        most = min(plain.get("maxItems", MOST_ITEMS), MOST_ITEMS)
        return {**bounded, "items": items, "maxItems": most}
    if kind is None and not ({"enum", "const"} & set(plain)):
        raise Unfit(f"{name}: its type is not said")
    if kind is not None and kind not in SCALARS:
        raise Unfit(f"{name}: {kind} is no scalar and no list of scalars")
    if kind == "string":
        bounded["maxLength"] = min(plain.get("maxLength", max_chars), max_chars)
        _must_be_pattern(name, plain.get("pattern", ""))
    return bounded


def _plain(name: str, rules: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """With references resolved, and without null: what is not known is left out."""
    if not isinstance(rules, dict):
        raise Unfit(f"{name}: its type is not said")
    found = dict(rules)
    if (reference := found.pop("$ref", None)) is not None:
        _, _, target = str(reference).rpartition("/")
        if target not in definitions or "$ref" in definitions[target]:
            raise Unfit(f"{name}: it refers to something that is not there")
        found = {**definitions[target], **found}
    if isinstance(choices := found.get("anyOf"), list):
        left = [choice for choice in choices if choice != {"type": "null"}]
        if len(left) != 1:
            raise Unfit(f"{name}: it may be one of several types")
        del found["anyOf"]
        found = {**_plain(name, left[0], definitions), **found}
    if isinstance(kinds := found.get("type"), list):
        kinds = [kind for kind in kinds if kind != "null"]
        if len(kinds) != 1:
            raise Unfit(f"{name}: it may be one of several types")
        found["type"] = kinds[0]
    return found


def _must_be_pattern(name: str, pattern: Any) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise Unfit(f"{name}: its pattern is none") from error


def _problem(error: ValidationError) -> str:
    """A broken rule, told by names and values of the schema, never by what was sent."""
    if error.validator == "required":
        return error.message.replace("is a required property", "is missing")
    if error.validator == "additionalProperties":
        return "there is no such argument"
    where = ".".join(map(str, error.absolute_path))
    return f"{where}: {error.validator} must be {error.validator_value}"


def _is_none(value: Any) -> bool:
    """Whether JSON has no such number, although Python's reader does."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, float) and not math.isfinite(one) for one in values)


def _can_be_said(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_can_be_said, value))
    # Transcripts are compared by these; a value without any would be "heard" in silence.
    return not isinstance(value, str) or (
        any(c.isascii() and c.isalnum() for c in value)
        and not any(c.isalpha() and not c.isascii() for c in value)
    )
