"""A schema of the document, with its references, parts and nulls settled. Pure.

Called by everything that asks what a schema means; a schema with several meanings is
`Unsupported`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.importing.spec import Node, Spec, Unsupported

LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Fields:
    """An object's properties by name, and which must be there."""

    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


def settled(spec: Spec, node: Any, depth: int = 0) -> tuple[Node, bool]:
    """The schema itself, without references, parts and null; and whether it may be null.

    Raises:
        Unsupported: it has several meanings, or refers to itself.
    """
    if depth > LONGEST_CHAIN:
        raise Unsupported("it refers to itself")
    found = spec.resolved(node)
    nullable = found.get("nullable") is True
    if isinstance(parts := found.get("allOf"), list) and parts:
        merged, also = _merged(spec, found, parts, depth)
        return merged, nullable or also
    for word in ("anyOf", "oneOf"):
        if isinstance(options := found.get(word), list) and options:
            real = [one for one in options if not _is_null(one)]
            if len(real) != 1:
                raise Unsupported("it has one of several forms")
            only, also = settled(spec, real[0], depth + 1)
            return only, nullable or also or len(real) < len(options)
    if isinstance(kinds := found.get("type"), list):
        real_kinds = [kind for kind in kinds if kind != "null"]
        if len(real_kinds) != 1:
            raise Unsupported("it has one of several types")
        return {**found, "type": real_kinds[0]}, "null" in kinds
    return found, nullable


def kind_of(found: Node) -> str:
    """The type that a settled schema has, named or not.

    Raises:
        Unsupported: nobody can tell.
    """
    kind = found.get("type")
    if isinstance(kind, str):
        return kind
    if isinstance(found.get("properties"), Mapping):
        return "object"
    if "items" in found:
        return "array"
    values = found.get("enum", [found.get("const")])
    if isinstance(values, list) and values and all(isinstance(one, str) for one in values):
        return "string"
    raise Unsupported("its type is not given")


def fields_of(found: Node) -> Fields:
    """The properties of a settled object."""
    properties, required = found.get("properties"), found.get("required")
    return Fields(
        {str(name): node for name, node in properties.items()}
        if isinstance(properties, Mapping)
        else {},
        frozenset(map(str, required)) if isinstance(required, list) else frozenset(),
    )


def _merged(spec: Spec, found: Node, parts: list[Any], depth: int) -> tuple[Node, bool]:
    rest = {key: value for key, value in found.items() if key != "allOf"}
    settled_parts = [settled(spec, part, depth + 1) for part in parts]
    every = [*(part for part, _ in settled_parts), rest]
    merged: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    required: set[str] = set()
    for part in every:
        merged.update(part)
        about = fields_of(part)
        properties.update(about.properties)
        required |= about.required
    if properties:
        merged |= {"properties": properties, "required": sorted(required)}
    return merged, all(null for _, null in settled_parts)


def _is_null(node: Any) -> bool:
    return isinstance(node, Mapping) and node.get("type") == "null"
