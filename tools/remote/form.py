"""The form of an MCP tool's answers, as far as they are held to it: what can be checked at once.

A schema of JSON can have a program fetch what it names, match texts for ever, or copy itself
without end. So what is pinned becomes a plain tree of types, fields and bounds; rules beyond that
are not checked. Pure.
"""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from tools.remote.flat import Schema, Unfit

RULES = frozenset(
    {
        *("type", "enum", "const", "required", "minLength", "maxLength", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    }
)
# Each value of an answer may meet each part, so both have bounds.
MOST_PARTS, DEEPEST = 400, 40
MOST_VALUES = 1000
BESIDE = {"items": "prefixItems", "additionalProperties": "patternProperties"}
DEFINED = re.compile(r"#(/(\$defs|definitions)/[^/]+)?")


class Form:
    """What answers of one tool look like, by a schema that is one (`flat.must_be_schema`)."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Raises Unfit: it refers to what is not in it, or is too long."""
        self._schema, self._left = schema, MOST_PARTS
        self._validator = Draft202012Validator(self._tree(schema, ()))

    def has(self, told: Any) -> bool:
        """Whether an answer is of this form; one of very many values is not."""
        return _values(told) <= MOST_VALUES and self._validator.is_valid(told)

    def _tree(self, node: Any, above: tuple[str, ...]) -> Schema | bool:
        """`above` are the names within which it stands."""
        self._left -= 1 if isinstance(node, bool) else 1 + len(node.get("enum", ()))
        if self._left < 0 or len(above) > DEEPEST:
            raise Unfit("the schema of its answers is too long")
        if isinstance(node, bool):
            return node
        found: Schema = {rule: node[rule] for rule in RULES & node.keys()}
        if "properties" in node:
            inner = node["properties"].items()
            found["properties"] = {name: self._tree(of, (*above, "")) for name, of in inner}
        for rule in ("items", "additionalProperties"):
            # What is additional to rules that are not checked cannot be told.
            if rule in node and BESIDE[rule] not in node:
                found[rule] = self._tree(node[rule], (*above, ""))
        every = list(node.get("allOf", []))
        # Of oneOf one at least: whether others fit too depends on rules that are not checked.
        either = [node[rule] for rule in ("anyOf", "oneOf") if rule in node]
        found["allOf"] = [
            *(self._tree(of, (*above, "")) for of in every),
            *({"anyOf": [self._tree(of, (*above, "")) for of in any_of]} for any_of in either),
            *([self._referred(node["$ref"], above)] if "$ref" in node else []),
        ]
        return found

    def _referred(self, reference: str, above: tuple[str, ...]) -> Schema | bool:
        _, *names = reference.split("/")
        found: Any = self._schema
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        # Elsewhere nobody has looked whether it is a schema.
        if found is None or not DEFINED.fullmatch(reference):
            raise Unfit("the schema of its answers refers to something that is not defined in it")
        # What is within itself, like a reply to a comment, is looked into once.
        return reference in above or self._tree(found, (*above, reference))


def _values(told: Any) -> int:
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return 1 + sum(map(_values, inner))
