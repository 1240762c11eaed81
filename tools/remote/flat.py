"""Schemas of MCP tools, as far as a voice can fill them: flat objects of scalars and lists of them.

Pure. What a server asks for beyond that is refused in a sentence when it is pinned, and never met
during a call.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from tools.remote.given import MOST_ITEMS, compiled

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
MOST_CHOICES = 100
ARGUMENT_CHARS = 500


class Unfit(Exception):
    """A schema that cannot be offered on the phone; the message says why."""


def flat(schema: Mapping[str, Any], *, max_chars: int) -> Schema:
    """The schema of arguments as a model may see it, with a bound for every text and list.

    Args:
        schema: one for which `must_be_schema` has no complaint.

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
    properties, required = schema.get("properties", {}), list(schema.get("required", []))
    if len(properties) > MOST_ARGUMENTS:
        raise Unfit(f"it takes more than {MOST_ARGUMENTS} arguments")
    if missing := [name for name in required if name not in properties]:
        raise Unfit(f"it requires {missing[0]}, and does not say what that is")
    return {
        "type": "object",
        "properties": {
            name: _argument(name, rules, definitions, max_chars)
            for name, rules in properties.items()
        },
        "required": required,
        "additionalProperties": False,
    }


def must_be_schema(schema: Mapping[str, Any]) -> None:
    """Whatever else is read of it: every rule in it has the form that rules have.

    Raises:
        Unfit: it does not.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        raise Unfit(f"its schema is none: {place or 'all of it'}") from error
    except RecursionError:
        raise Unfit("its schema is none: it is too deep") from None


def without(schema: Schema, names: set[str]) -> Schema:
    """The schema with these arguments left out."""
    return {
        **schema,
        "properties": {n: rules for n, rules in schema["properties"].items() if n not in names},
        "required": [name for name in schema["required"] if name not in names],
    }


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
        items = _plain(name, plain.get("items"), definitions)
        if items.get("type") == "array":
            raise Unfit(f"{name}: a list of lists cannot be filled on the phone")
        items = _argument(name, items, definitions, max_chars)
        items.pop("description", None)
        most = min(plain.get("maxItems", MOST_ITEMS), MOST_ITEMS)
        return {**bounded, "items": items, "maxItems": most}
    if kind is None and not ({"enum", "const"} & set(plain)):
        raise Unfit(f"{name}: its type is not said")
    if kind is not None and kind not in SCALARS:
        raise Unfit(f"{name}: {kind} is no scalar and no list of scalars")
    _must_be_choices(name, [*plain.get("enum", []), plain.get("const")])
    if kind == "string":
        bounded["maxLength"] = min(plain.get("maxLength", max_chars), max_chars)
    if "pattern" in plain and compiled(plain["pattern"]) is None:
        raise Unfit(f"{name}: its pattern is none, or one that could take for ever")
    return bounded


def _plain(
    name: str, rules: Any, definitions: Mapping[str, Any], met: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """With references resolved, and without null: what is not known is left out."""
    if not isinstance(rules, dict):
        raise Unfit(f"{name}: its type is not said")
    found = dict(rules)
    if (reference := found.pop("$ref", None)) is not None:
        _, _, target = str(reference).rpartition("/")
        if target not in definitions or target in met:
            raise Unfit(f"{name}: it refers to something that is not there")
        met |= {target}
        found = {**_plain(name, definitions[target], definitions, met), **found}
    if isinstance(choices := found.get("anyOf"), list):
        left = [choice for choice in choices if choice != {"type": "null"}]
        if len(left) != 1:
            raise Unfit(f"{name}: it may be one of several types")
        del found["anyOf"]
        found = {**_plain(name, left[0], definitions, met), **found}
    if isinstance(kinds := found.get("type"), list):
        kinds = [kind for kind in kinds if kind != "null"]
        if len(kinds) != 1:
            raise Unfit(f"{name}: it may be one of several types")
        found["type"] = kinds[0]
    return found


def _must_be_choices(name: str, choices: Sequence[Any]) -> None:
    if len(choices) > MOST_CHOICES:
        raise Unfit(f"{name}: it is one of more than {MOST_CHOICES}")
    if any(isinstance(choice, dict | list) for choice in choices):
        raise Unfit(f"{name}: a value of it is no scalar")
