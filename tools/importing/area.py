"""One area file out of operations: the whole source text, and what is to be told about it. Pure.

The text is parsed once more before it is given out. Called by `commands`.
"""

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.catalogue import NAME
from tools.importing.answers import Models
from tools.importing.functions import Written
from tools.importing.names import PYTHON, Names, snake
from tools.importing.operations import Operation
from tools.importing.source import WIDTH, docstring, prose
from tools.importing.spec import Spec, Unsupported

LONGEST_NAME = 63
IMPORTS: Mapping[str, tuple[str, ...]] = {
    "typing": ("Annotated", "Literal", "TypeAlias"),
    "uuid": ("UUID",),
    "pydantic": (
        *("AfterValidator", "AwareDatetime", "BaseModel", "BeforeValidator"),
        *("ConfigDict", "Field", "RootModel"),
    ),
    "tools": ("plain",),
    "tools.answers": ("Nothing",),
    "tools.call": ("Call",),
    "tools.catalogue": ("Result", "tool"),
    "tools.confirm": ("ReadBack",),
    "tools.policy": ("Assurance", "Effect", "Money", "Policy"),
    "tools.typed": ("one_line", "one_segment", "plain_digits", "sayable"),
}
ROOMS = (("typing", "uuid"), ("pydantic",), tuple(name for name in IMPORTS if name[:5] == "tools"))
USED = {name for names in IMPORTS.values() for name in names} | {"dt"}


@dataclass(frozen=True)
class Area:
    """A module's text, its tools with what they do, and why others are not in it."""

    text: str
    tools: Mapping[str, Written]
    skipped: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What of an answer is not read, and why."""


def written(
    spec: Spec, chosen: Sequence[Operation], *, area: str, taken: Collection[str] = ()
) -> Area:
    """The area file of `chosen`; no tool of it bears a name out of `taken`."""
    models, settles = Models(spec), spec.settles()
    readable, skipped = _readable(chosen, models)
    names = Names({*taken, *USED, *PYTHON})
    named = {one.id: _tool_name(names, one, area) for one in readable}
    owners = _owners(readable)
    own = {name: f"_own_{named.get(name) or snake(one.name)}" for name, one in owners.items()}

    def make(one: Operation, name: str) -> Written:
        shown = own.get(one.shown_by.id, "") if one.shown_by else ""
        return Written(one, name, models, own=shown, settles=settles)

    made = {named[one.id]: make(one, named[one.id]) for one in readable}
    functions = []
    for name, read in owners.items():
        called = own[name].removeprefix("_own_")
        shows = Written(_path_only(read), called, models, own=own[name], settles=settles)
        functions.append(shows.ownership())
    for one in made.values():
        functions += [one.read_back(), one.tool()] if one.operation.writes else [one.tool()]
    text = _module(_opening(spec, area), models, functions)
    return Area(text, made, skipped, models.left_out)


def _readable(
    chosen: Iterable[Operation], models: Models
) -> tuple[list[Operation], dict[str, str]]:
    """Those whose answers can be read. They are named first, so that arguments give way."""
    readable, skipped = [], {}
    for one in chosen:
        try:
            for each in (one, one.shown_by):
                if each and each.answer is not None:
                    models.answer(each.answer, each.name)
            readable.append(one)
        except Unsupported as why:
            skipped[one.id] = str(why)
    return readable, skipped


def _owners(chosen: Iterable[Operation]) -> dict[str, Operation]:
    """The reads that show whose something is, each once."""
    found: dict[str, Operation] = {}
    for one in chosen:
        if one.shown_by and _asks_for_owner(one):
            found[one.shown_by.id] = one.shown_by
    return found


def _asks_for_owner(one: Operation) -> bool:
    itself = one.shown_by is not None and one.shown_by.id == one.id
    return not itself or all(given.place == "path" for given in one.asked)


def _path_only(one: Operation) -> Operation:
    kept = tuple(given for given in one.inputs if given.place == "path" or given.form is None)
    return replace(one, inputs=kept)


def _tool_name(names: Names, one: Operation, area: str) -> str:
    name = names.give(one.name, instead=f"{area}_{one.name}"[:LONGEST_NAME])
    assert NAME.fullmatch(name)
    return name


def _opening(spec: Spec, area: str) -> str:
    title, version = prose(spec.title, most=80), prose(spec.version, most=20)
    return docstring(
        [
            f"Business area: {area.replace('_', ' ')}. Tools of '{title}'.",
            f"Written by 'python -m tools import openapi' from version {version} of its document,"
            " and yours to edit since: what callers hear is plain, so word it as your company"
            " speaks, and leave out of the answers what no caller asks for.",
        ]
    )


def _module(opening: str, models: Models, functions: list[str]) -> str:
    aliases, classes = _needed(models, functions)
    blocks = ["\n".join(aliases)] if aliases else []
    body = "\n\n\n".join([*blocks, *classes, *functions])
    text = f"{opening}\n\n{_imports(body)}\n{'' if aliases else chr(10)}\n{body}\n".replace(
        "\n\n\n\n", "\n\n\n"
    )
    text = "".join(f"{line}{_excuse(line)}\n" for line in text.splitlines())
    kinds = {type(node) for node in ast.parse(text).body}
    allowed = {ast.Expr, ast.Import, ast.ImportFrom, ast.AnnAssign, ast.ClassDef}
    assert kinds <= allowed | {ast.AsyncFunctionDef}, "an area has types and tools, and no more"
    return text


def _excuse(line: str) -> str:
    """For a line that is too long, unless it is one word, which the linter lets pass."""
    return "  # noqa: E501" if len(line) > WIDTH and " " in line.strip() else ""


def _needed(models: Models, functions: list[str]) -> tuple[list[str], list[str]]:
    """Aliases and classes that are used in the end, those of operations given up left out."""
    blocks = {_name_of(block): block for block in (*models.aliases, *models.classes)}
    needed: set[str] = set()
    asked = _private(functions)
    while asked - needed:
        needed |= asked
        asked = _private(blocks[name] for name in needed if name in blocks)
    return (
        [block for block in models.aliases if _name_of(block) in needed],
        [block for block in models.classes if _name_of(block) in needed],
    )


def _private(blocks: Iterable[str]) -> set[str]:
    return {name for block in blocks for name in re.findall(r"\b_[A-Z]\w*", block)}


def _name_of(block: str) -> str:
    found = re.match(r"(?:class )?(_\w+)", block)
    assert found
    return found[1]


def _imports(body: str) -> str:
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    rooms = []
    for place, room in enumerate(ROOMS):
        lines = ["import datetime as dt"] if place == 0 and "dt" in used else []
        used_of = {module: [name for name in IMPORTS[module] if name in used] for module in room}
        lines += [_imported(module, names) for module, names in used_of.items() if names]
        if lines:
            rooms.append("\n".join(lines))
    return "\n\n".join(rooms)


def _imported(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
