"""What the operations of a document ask for and answer, or why one cannot become a tool. Pure.

Who calls is never an input: what names the customer is filled by the gate's own knowledge, and an
operation that nothing ties to the caller is refused unless somebody says that it is nobody's.
Called by `commands`; what comes out is written by `area`.
"""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tools.claims import is_claim
from tools.foreign import shown
from tools.importing.effects import money_of, must_only_read, sounds_of_money
from tools.importing.names import full_name, operation_name
from tools.importing.owners import Customers, names_a_thing
from tools.importing.schemas import fields_of, kind_of, settled
from tools.importing.shapes import Form, Input, Place, argument
from tools.importing.source import prose
from tools.importing.spec import IN_BRACES, METHODS, Node, Spec, Unsupported

JSON = "application/json"
LONGEST_WIRE = 60
LITERAL = re.compile(r"[A-Za-z0-9_.~:@!$&'()*+,;=%/-]*")
# HTTP's own, which the office sends by itself.
OWN_HEADERS = {"authorization", "idempotency-key", "accept", "content-type"}


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
    money: Input | None = None
    """The input that is how much money it moves, in cents."""
    wants: str = ""
    """What it wants to be sent with, and is not."""

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

    @property
    def filled(self) -> tuple[str, ...]:
        """What is filled with the customer's number."""
        return tuple(one.name for one in self.inputs if one.form is None)


@dataclass
class _Found:
    """Inputs as they are gathered, and what is left out."""

    customers: Customers
    inputs: list[Input] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def operations(
    spec: Spec, *, public: Collection[str] = (), customer: Collection[str] = ()
) -> Iterator[tuple[str, Operation | Unsupported]]:
    """Every operation by its id, in the document's order.

    `public` are about nobody's own data; `customer` are names of the customer's number besides the
    usual ones.
    """
    customers = Customers(customer)
    found: dict[str, Operation | Unsupported] = {}
    for path, item in spec.paths.items():
        for method in METHODS:
            if isinstance(about := item.get(method), Mapping):
                name = str(about.get("operationId") or f"{method} {path}")
                if name in found:
                    name = f"{method} {path}"
                try:
                    given = _Found(customers)
                    found[name] = _operation(spec, name, item, about, given, at=(method, path))
                except Unsupported as why:
                    found[name] = why
    readable = [one for one in found.values() if isinstance(one, Operation) and one.whose]
    for name, one in found.items():
        if isinstance(one, Unsupported):
            yield name, one
            continue
        whole = replace(one, shown_by=_shown_by(one, readable))
        loose = "" if name in public else _loose(whole)
        told = f"{loose}, say so by --public {shlex.quote(shown(name, most=200))}"
        yield name, Unsupported(told) if loose else whole


def _operation(
    spec: Spec, name: str, item: Node, about: Node, found: _Found, *, at: tuple[str, str]
) -> Operation:
    method, path = at
    called = str(about.get("operationId") or "")
    if about.get("deprecated") is True:
        raise Unsupported("it is deprecated")
    if method == "get":
        must_only_read(called, path)
    status, answer = _answer(spec, about)
    keyed = False
    for parameter in _parameters(spec, item, about):
        where, wire = str(parameter.get("in")), str(parameter.get("name"))
        keyed = keyed or (where == "header" and wire.lower() == "idempotency-key")
        _add_parameter(spec, found, parameter, where, wire, path=path, writes=method != "get")
    _check_path(path, [one.wire for one in found.inputs if one.place == "path"])
    if "requestBody" in about:
        if method == "get":
            raise Unsupported("a GET with a body is not sent")
        _add_body(spec, found, about["requestBody"])
    shows = method == "get" and answer is not None
    inputs = tuple(found.inputs)
    told = prose(about.get("summary")) or prose(about.get("description"), most=100)
    return Operation(
        id=name,
        name=operation_name(called, method, path),
        method=method.upper(),
        path=path,
        summary=told,
        about=prose(about.get("description")),
        inputs=inputs,
        answer=answer,
        accepted=status == "202",
        keyed=keyed,
        left_out=tuple(found.left_out),
        whose=found.customers.told_by(spec, answer) if shows else "",
        money=None if method == "get" else money_of(called, path, inputs),
        wants=spec.wants(about),
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
            f"it needs the {where[:20]} {shown(wire, most=40)!r}, which is never sent"
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
    told = shown(one.wire, most=40)
    try:
        found.inputs.append(_filled(spec, found.customers, one, schema, writes=writes))
    except Unsupported as why:
        # Without its amount, a refund may be one of everything.
        if one.required or (writes and sounds_of_money(one)):
            raise Unsupported(f"it needs {told!r}: {why}") from why
        found.left_out.append(f"{told!r}: {why}")


def _filled(spec: Spec, customers: Customers, one: Input, schema: Any, *, writes: bool) -> Input:
    """The input with its form, or without one if the gate fills it."""
    if customers.are_named(one.name):
        if not customers.are_numbered(spec, one.name, schema):
            raise Unsupported("it names the customer, but not by a number that a caller has")
        return replace(one, number=kind_of(settled(spec, schema)[0]) == "integer")
    if is_claim(one.name):
        raise Unsupported(
            "that is for the gate to know, and never asked of a model; if it is the caller's"
            f" customer number, say so by --customer {shlex.quote(shown(one.name))}"
        )
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


def _loose(one: Operation) -> str:
    """Why it may be about somebody else's; "" if it is only about the caller's own.

    What ties it is their number, at the beginning of its path, or a read that says whose it is.
    Nobody compares one more thing that is named beside that.
    """
    shown_ids = _ids(one, one.shown_by)[1] if one.shown_by else []
    ids = [given for given in one.in_path() if given.form]
    numbered = any(given.form is None for given in (one.in_path()[:1] or one.inputs))
    if not numbered and one.shown_by is None:
        return (
            "nothing ties it to the caller: it is not told their number, or only after another"
            " thing, and nothing says whose it is; if it is nobody's own, like products"
        )
    beside = [] if numbered else ids[len(shown_ids) :]
    beside += [given for given in one.asked if given.place != "path" and _is_a_thing(given)]
    if not beside:
        return ""
    return (
        f"nothing says whose {shown(beside[0].wire, most=40)!r} is; if the API compares that by"
        " itself, or it is nobody's own"
    )


def _is_a_thing(given: Input) -> bool:
    """Whether it is which thing is meant; one out of a closed list is everybody's to choose."""
    open_ended = given.form is not None and given.form.base in ("str", "int", "float", "UUID")
    return open_ended and names_a_thing(given.wire)
