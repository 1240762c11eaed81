"""What the operations of a document ask for and answer, or why one cannot become a tool. Pure.

Who calls is never an input: what names the customer is filled by the gate's own knowledge, and an
operation about something that might be another customer's is refused unless its owner shows. Called
by `commands`; what comes out is written by `area`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from tools.claims import is_claim
from tools.importing.names import full_name, operation_name
from tools.importing.owners import (
    is_plain,
    names_a_thing,
    names_anybody,
    names_customer,
    whose,
)
from tools.importing.schemas import fields_of, kind_of, settled
from tools.importing.shapes import Form, argument
from tools.importing.source import prose
from tools.importing.spec import METHODS, Node, Spec, Unsupported

Place: TypeAlias = Literal["path", "query", "body"]

JSON = "application/json"
LONGEST_WIRE = 60
IN_BRACES = re.compile(r"\{([^{}/]+)\}")
LITERAL = re.compile(r"[A-Za-z0-9_.~:@!$&'()*+,;=%/-]*")
# HTTP's own, which the office sends by itself.
OWN_HEADERS = {"authorization", "idempotency-key", "accept", "content-type"}


@dataclass(frozen=True)
class Input:
    """One value that a request holds. Without a form it is the customer's number, as text."""

    wire: str
    name: str
    place: Place
    required: bool
    form: Form | None = None
    about: str = ""
    number: bool = False
    """Whether the customer's number is sent as a number."""


@dataclass(frozen=True)
class Operation:
    """One operation that can be a tool."""

    id: str
    name: str
    method: str
    path: str
    summary: str
    about: str
    inputs: tuple[Input, ...]
    answer: Any = None
    """The schema of its answer; None if it answers without a body."""
    accepted: bool = False
    """Whether it only takes note: 202."""
    keyed: bool = False
    left_out: tuple[str, ...] = ()
    whose: str = ""
    """The property of its answer that names the customer."""
    shown_by: "Operation | None" = None
    """The read that shows whose it is; the operation itself, if its own answer does."""

    @property
    def writes(self) -> bool:
        """Whether it may change something: anything but a GET."""
        return self.method != "GET"

    def in_path(self) -> list[Input]:
        """What fills its path, in the path's order."""
        named = {one.wire: one for one in self.inputs if one.place == "path"}
        return [named[wire] for wire in IN_BRACES.findall(self.path)]

    @property
    def asked(self) -> tuple[Input, ...]:
        """What the model has to give, required first."""
        given = [one for one in self.inputs if one.form]
        return tuple(sorted(given, key=lambda one: not one.required))


@dataclass
class _Found:
    """Inputs as they are gathered, and what is left out."""

    inputs: list[Input] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def operations(
    spec: Spec, *, public: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Operation | Unsupported]]:
    """Every operation by its id, in the document's order; `public` are about nobody's own data."""
    found: dict[str, Operation | Unsupported] = {}
    for path, item in spec.paths.items():
        for method in METHODS:
            if isinstance(about := item.get(method), Mapping):
                name = str(about.get("operationId") or f"{method} {path}")
                if name in found:
                    name = f"{method} {path}"
                try:
                    found[name] = _operation(spec, name, item, about, at=(method, path))
                except Unsupported as why:
                    found[name] = why
    readable = [one for one in found.values() if isinstance(one, Operation) and one.whose]
    clean: set[int] = set()
    for name, one in found.items():
        if isinstance(one, Unsupported):
            yield name, one
            continue
        shown = replace(one, shown_by=_shown_by(one, readable))
        loose = None if name in public else _loose(spec, shown, clean)
        yield name, Unsupported(loose) if loose else shown


def _operation(spec: Spec, name: str, item: Node, about: Node, *, at: tuple[str, str]) -> Operation:
    method, path = at
    if about.get("deprecated") is True:
        raise Unsupported("it is deprecated")
    status, answer = _answer(spec, about)
    found, keyed = _Found(), False
    for parameter in _parameters(spec, item, about):
        where, wire = str(parameter.get("in")), str(parameter.get("name"))
        keyed = keyed or (where == "header" and wire.lower() == "idempotency-key")
        _add_parameter(spec, found, parameter, where, wire, path=path, writes=method != "get")
    _check_path(path, [one.wire for one in found.inputs if one.place == "path"])
    if "requestBody" in about:
        if method == "get":
            raise Unsupported("a GET with a body is not sent")
        _add_body(spec, found, about["requestBody"])
    shown = whose(spec, answer) if method == "get" and answer is not None else ""
    told = prose(about.get("summary")) or prose(about.get("description"), most=100)
    return Operation(
        id=name,
        name=operation_name(str(about.get("operationId") or ""), method, path),
        method=method.upper(),
        path=path,
        summary=told,
        about=prose(about.get("description")),
        inputs=tuple(found.inputs),
        answer=answer,
        accepted=status == "202",
        keyed=keyed,
        left_out=tuple(found.left_out),
        whose=shown,
    )


def _parameters(spec: Spec, item: Node, about: Node) -> list[Node]:
    """Those of the path, overridden by those of the operation."""
    named: dict[tuple[str, str], Node] = {}
    for given in (item.get("parameters"), about.get("parameters")):
        for node in given if isinstance(given, list) else []:
            parameter = spec.resolved(node)
            named[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    return list(named.values())


def _add_parameter(
    spec: Spec, found: _Found, parameter: Node, where: str, wire: str, *, path: str, writes: bool
) -> None:
    required = parameter.get("required") is True
    if where in ("path", "query"):
        place: Place = "path" if where == "path" else "query"
        name = full_name(wire, path) if where == "path" else wire
        about = prose(parameter.get("description"))
        one = Input(wire, name, place, required or where == "path", about=about)
        _add(spec, found, one, parameter.get("schema"), writes=writes)
    elif required and not (where == "header" and wire.lower() in OWN_HEADERS):
        raise Unsupported(
            f"it needs the {where[:20]} {prose(wire, most=40)!r}, which is never sent"
        )


def _add_body(spec: Spec, found: _Found, node: Any) -> None:
    body = spec.resolved(node)
    content = body.get("content")
    kinds = list(content) if isinstance(content, Mapping) else []
    kind = next((one for one in kinds if str(one).partition(";")[0].strip() == JSON), None)
    if kind is None:
        if body.get("required") is not True:
            return
        told = prose(", ".join(map(str, kinds)), most=80) or "of no kind"
        raise Unsupported(f"its body is {told}, and only JSON is sent")
    assert isinstance(content, Mapping)
    schema, _ = settled(spec, spec.resolved(content[kind]).get("schema", {}))
    if kind_of(schema) != "object":
        raise Unsupported("its body is no object")
    fields = fields_of(schema)
    for wire, inner in fields.properties.items():
        required = wire in fields.required
        try:
            detail = settled(spec, inner)[0]
        except Unsupported:
            detail = {}
        if detail.get("readOnly") is not True:
            about = prose(detail.get("description"))
            one = Input(wire, wire, "body", required, about=about)
            _add(spec, found, one, inner, writes=True)


def _add(spec: Spec, found: _Found, one: Input, schema: Any, *, writes: bool) -> None:
    """An input that can be filled or asked for; one that cannot is left out where it may be."""
    told = prose(one.wire, most=40)
    try:
        found.inputs.append(_filled(spec, one, schema, writes=writes))
    except Unsupported as why:
        if one.required:
            raise Unsupported(f"it needs {told!r}: {why}") from why
        found.left_out.append(f"{told!r}: {why}")


def _filled(spec: Spec, one: Input, schema: Any, *, writes: bool) -> Input:
    """The input with its form, or without one if the gate fills it."""
    if names_customer(one.name):
        if not is_plain(spec, schema):
            raise Unsupported("it names the customer, but not by a number")
        return replace(one, number=kind_of(settled(spec, schema)[0]) == "integer")
    if is_claim(one.name):
        raise Unsupported("that is for the gate to know, and never asked of a model")
    if len(one.wire) > LONGEST_WIRE or not one.wire.isprintable():
        raise Unsupported("its name is none")
    form = argument(spec, schema, writes=writes, in_path=one.place == "path")
    return replace(one, form=form)


def _check_path(path: str, declared: list[str]) -> None:
    if set(IN_BRACES.findall(path)) != set(declared):
        raise Unsupported("the names in its path are not those of its parameters")
    if not path.startswith("/") or not LITERAL.fullmatch(IN_BRACES.sub("", path)):
        raise Unsupported("its path has signs that no path has")


def _answer(spec: Spec, about: Node) -> tuple[str, Any]:
    """Status and schema of the answer to a success; no schema for one without a body."""
    given = about.get("responses")
    responses = {str(k): v for k, v in given.items()} if isinstance(given, Mapping) else {}
    good = sorted(code for code in responses if re.fullmatch(r"2(\d\d|XX)", code))
    if not good:
        raise Unsupported("it does not say what it answers when all is well")
    content = spec.resolved(responses[good[0]]).get("content")
    if not isinstance(content, Mapping) or not content:
        return good[0], None
    kind = next((one for one in content if str(one).startswith(JSON)), None)
    if kind is None:
        told = prose(", ".join(map(str, content)), most=80)
        raise Unsupported(f"it answers {told}, and only JSON is read")
    schema = spec.resolved(content[kind]).get("schema", {})
    if kind_of(settled(spec, schema)[0]) not in ("object", "array"):
        raise Unsupported("it answers neither an object nor a list")
    return good[0], schema


def _shown_by(one: Operation, readable: list[Operation]) -> Operation | None:
    """The read whose path is the longest beginning of this one's, and needs nothing else."""
    parents = [
        read
        for read in readable
        if IN_BRACES.search(read.path)
        and f"{IN_BRACES.sub('{}', one.path)}/".startswith(f"{IN_BRACES.sub('{}', read.path)}/")
        and not any(i.required and i.place != "path" and i.form for i in read.inputs)
        and all(mine.base == theirs.base for mine, theirs in zip(*_ids(one, read), strict=False))
    ]
    return max(parents, key=lambda read: len(read.path), default=None)


def _ids(one: Operation, other: Operation) -> tuple[list[Form], list[Form]]:
    return (
        [i.form for i in one.in_path() if i.form],
        [i.form for i in other.in_path() if i.form],
    )


def _loose(spec: Spec, one: Operation, clean: set[int]) -> str:
    """Why it might be about somebody else; "" if it cannot."""
    ids = [given for given in one.asked if given.place == "path" or names_a_thing(given.wire)]
    # Beside the id of a thing, a customer in the body may be whose it becomes, not whose it is.
    ties = {"path"} if ids else {"path", "query", "body"}
    if one.shown_by or any(given.form is None and given.place in ties for given in one.inputs):
        return ""
    if one.writes:
        return (
            "nothing in it says whose it is, so it could change what is another customer's;"
            " allow it by --public if it is nobody's"
        )
    if ids or (one.answer is not None and names_anybody(spec, one.answer, clean)):
        return (
            "nothing in it says whose it is, so it could tell what is another customer's;"
            " allow it by --public if it is nobody's, like a product"
        )
    return ""
