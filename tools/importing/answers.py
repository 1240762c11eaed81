"""Models of what the office sends and is sent, as source text.

Of an answer only fields with a declared type are written; what is not written is not read. Called
by `area`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tools.importing.names import LONGEST_FIELD, Names, camel, field_names, singular, snake
from tools.importing.schemas import fields_of, kind_of, settled
from tools.importing.shapes import choices
from tools.importing.source import Group, Part, docstring, laid_out, prose, quoted
from tools.importing.spec import Node, Spec, Unsupported

PLAIN = {"string": "plain.Text", "integer": "int", "number": "float", "boolean": "bool"}
DATES = {"date": "dt.date", "date-time": "dt.datetime"}
DEEPEST, MOST_MODELS = 3, 60


class Models:
    """The module's room of private names, and the aliases and classes written into it so far."""

    def __init__(self, spec: Spec) -> None:
        self.aliases: list[str] = []
        self.classes: list[str] = []
        self.left_out: dict[str, str] = {}
        """What is not read of answers, and why."""
        self._spec = spec
        # Names of classes hold no signs.
        self._names = Names(joint="")
        self._aliased: dict[tuple[str, Part], str] = {}
        self._made: dict[str, str] = {}
        self._owners: dict[str, Mapping[str, str]] = {}
        self._under_way: set[str] = set()

    def alias(self, wanted: str, part: Part) -> str:
        """A name for a type; the same type under the same name has one."""
        known = self._aliased.get((wanted, part))
        if known is None:
            known = self._names.give(f"_{camel(wanted)}", instead=f"_{camel(wanted)}Given")
            self._aliased[wanted, part] = known
            self.aliases.append(laid_out(part, before=f"{known}: TypeAlias = "))
        return known

    def answer(self, node: Any, wanted: str) -> str:
        """The class of a whole answer.

        Raises:
            Unsupported: nothing of it can be read.
        """
        found, _ = settled(self._spec, node)
        if kind_of(found) == "object":
            return self._object(node, wanted, 0)
        inner = self._type(found.get("items", {}), singular(wanted), 1)
        about = "A list, as the office tells it."
        base = f"RootModel[list[{inner}]]"
        return self._once(f"list {id(node)}", f"{wanted} list", base, about, ())

    def told(self, answer: str) -> str:
        """The class of what the model gets of an answer."""
        lines = (f"    found: {answer}",)
        return self._once(f"result {answer}", f"{answer}Told", "Result", "What is found.", lines)

    def body(self, wanted: str, fields: Iterable[tuple[str, str, str]]) -> tuple[str, list[str]]:
        """The class of what is sent, from name, type and default; its own names, in order."""
        room, names, lines, renamed = field_names(), [], [], False
        for wire, kind, default in fields:
            name = room.give(snake(wire, most=LONGEST_FIELD))
            about = [] if name == wire else [f"serialization_alias={quoted(wire)}"]
            renamed = renamed or bool(about)
            lines.append(_field(name, kind, default, about))
            names.append(name)
        if renamed:
            lines = ["    model_config = ConfigDict(serialize_by_alias=True)", "", *lines]
        return self._class(wanted, "BaseModel", "What the office is sent.", lines), names

    def field(self, answer: str, wire: str) -> str:
        """The name that a property of an answer has in its class."""
        return self._owners[answer][wire]

    def _object(self, node: Any, wanted: str, depth: int) -> str:
        reference = node.get("$ref") if isinstance(node, Mapping) else None
        named = reference.rpartition("/")[2] if isinstance(reference, str) else wanted
        known = reference if isinstance(reference, str) else f"inline {id(node)}"
        if known in self._made:
            return self._made[known]
        if known in self._under_way:
            raise Unsupported("it refers to itself")
        if depth > DEEPEST or (depth and len(self._made) >= MOST_MODELS):
            raise Unsupported("it is nested too deeply, or one of too many")
        self._under_way.add(known)
        try:
            self._made[known] = self._written(node, named, depth)
        finally:
            self._under_way.discard(known)
        return self._made[known]

    def _written(self, node: Any, named: str, depth: int) -> str:
        found, _ = settled(self._spec, node)
        fields = fields_of(found)
        room, names, lines = field_names(), {}, []
        for wire, inner in fields.properties.items():
            try:
                kind, nullable = self._value(inner, f"{named} {wire}", depth + 1)
            except Unsupported as why:
                self.left_out[f"{prose(named, most=40)}.{prose(wire, most=40)}"] = str(why)
                continue
            names[wire] = room.give(snake(wire, most=LONGEST_FIELD))
            optional = nullable or wire not in fields.required
            about = [] if names[wire] == wire else [f"validation_alias={quoted(wire)}"]
            kind, default = (f"{kind} | None", "None") if optional else (kind, "")
            lines.append(_field(names[wire], kind, default, about))
        if not lines:
            raise Unsupported("it declares no field that can be read")
        about_it = prose(found.get("description")) or "As the office tells it."
        made = self._class(named, "BaseModel", about_it, lines)
        self._owners[made] = names
        return made

    def _value(self, node: Any, wanted: str, depth: int) -> tuple[str, bool]:
        found, nullable = settled(self._spec, node)
        if found.get("writeOnly") is True:
            raise Unsupported("it is only written")
        return self._type(node, wanted, depth), nullable

    def _type(self, node: Any, wanted: str, depth: int) -> str:
        found, _ = settled(self._spec, node)
        if ("enum" in found or "const" in found) and (chosen := _chosen(found)):
            return self.alias(wanted.rpartition(" ")[2], chosen)
        kind = kind_of(found)
        if kind == "string":
            return DATES.get(str(found.get("format", "")), PLAIN[kind])
        if kind in PLAIN:
            return PLAIN[kind]
        if kind == "array":
            if depth > DEEPEST:
                raise Unsupported("it is nested too deeply")
            return f"list[{self._type(found.get('items'), singular(wanted), depth + 1)}]"
        if kind == "object":
            return self._object(_source(node), wanted, depth)
        raise Unsupported("its type is none of JSON's")

    def _once(self, known: str, wanted: str, base: str, about: str, lines: Iterable[str]) -> str:
        if known not in self._made:
            self._made[known] = self._class(wanted.lstrip("_"), base, about, lines)
        return self._made[known]

    def _class(self, wanted: str, base: str, about: str, lines: Iterable[str]) -> str:
        name = self._names.give(f"_{camel(wanted)}", instead=f"_{camel(wanted)}Record")
        body = "\n".join(lines)
        told = docstring([about], indent=4) + (f"\n\n{body}" if body else "")
        self.classes.append(f"class {name}({base}):\n{told}")
        return name


def _source(node: Node) -> Node:
    """The node whose reference names the class: the one that is meant besides null, if any."""
    for word in ("anyOf", "oneOf", "allOf"):
        options = node.get(word)
        if isinstance(options, list):
            real = [
                one for one in options if isinstance(one, Mapping) and one.get("type") != "null"
            ]
            if len(real) == 1 and "properties" not in node:
                return _source(real[0])
    return node


def _chosen(found: Node) -> Group | None:
    """A closed list; None for one that is too long to be one."""
    try:
        return choices(found)
    except Unsupported:
        return None


def _field(name: str, kind: str, default: str, about: list[str]) -> str:
    if not about:
        return f"    {name}: {kind}{f' = {default}' if default else ''}"
    given = (*([f"default={default}"] if default else []), *about)
    return laid_out(Group("Field(", given), indent=4, before=f"{name}: {kind} = ")
