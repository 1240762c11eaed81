"""`python -m tools import openapi`: an area file out of an OpenAPI document, and what to do next.

Exit codes: 0 written, 1 a mistake (one sentence on stderr names the fix), 2 when no operation could
become a tool.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

import tools
from tools.catalogue import homes
from tools.foreign import shown
from tools.importing.area import Area, written
from tools.importing.functions import Written
from tools.importing.names import snake
from tools.importing.operations import Operation, operations
from tools.importing.spec import SpecError, Unsupported, read_spec

NOTHING = 2
MOST_NEAR = 3
MOST_LINES, MOST_TOOLS = 400, 8
MODULE = re.compile(r"[a-z][a-z0-9_]{1,47}")

app = typer.Typer(
    help="Tools out of what an API says of itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def choose() -> None:
    """Keep `openapi` a word of its own; `tools.__main__` adds what needs more than a document."""


@app.command()
def openapi(
    spec: Annotated[str, typer.Argument(help="OpenAPI 3.0 or 3.1, YAML or JSON: path or URL.")],
    *,
    only: Annotated[
        list[str] | None, typer.Option(help="An operationId to write; repeat it for more.")
    ] = None,
    public: Annotated[
        list[str] | None,
        typer.Option(
            help="An operationId about nobody's own data, like products, or whose further ids the"
            " API compares by itself; repeatable."
        ),
    ] = None,
    customer: Annotated[
        list[str] | None,
        typer.Option(help="A name that this API has for the caller's customer number; repeatable."),
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="The area's name; otherwise from the title.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; otherwise tools/AREA.py.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write one area file of tools with careful policies, to be read and edited."""
    try:
        document = read_spec(spec)
    except SpecError as error:
        _fail(str(error))
    known = dict(operations(document, public=public or (), customer=customer or ()))
    _must_be_known({*(only or ()), *(public or ())}, known)
    if only and (beside := sorted({*(public or ())} - {*only})):
        _fail(f"--public {beside[0]} is not among --only: name it there too, or leave it out")
    name = area or (out.stem if out else snake(document.title, otherwise="api"))
    file = _file(name, out, force=force)
    chosen = {one: known[one] for one in only or known}
    taken = {tool for tool, home in homes().items() if not _is_home(home, file)}
    usable = [one for one in chosen.values() if isinstance(one, Operation)]
    made = written(document, usable, area=name, taken=taken)
    skipped = {one: str(why) for one, why in chosen.items() if isinstance(why, Unsupported)}
    skipped |= made.skipped
    if made.tools:
        _write(file, made.text, force=force)
        typer.echo(f"{file}: {len(made.tools)} tools, {len(made.text.splitlines())} lines")
        _tell({one.name: _told(one) for one in made.tools.values()})
        _tell_wants(made)
    if skipped:
        typer.echo("not written:")
        _tell({shown(one): why for one, why in skipped.items()})
    if not made.tools:
        _fail("no operation of it can become a tool, so no file was written", code=NOTHING)
    if left_out := _left_out(made):
        typer.echo("left out:")
        _tell(left_out)
    typer.echo(_next(file, made, document.server))


def _must_be_known(wanted: Collection[str], known: Mapping[str, object]) -> None:
    for one in sorted(wanted):
        if one not in known:
            near = [name for name in known if name.startswith(one)][:MOST_NEAR]
            near = near or difflib.get_close_matches(one, known, n=MOST_NEAR, cutoff=0.5)
            near = near or list(known)[:20]
            told = ", ".join(shown(name) for name in near) or "none"
            _fail(f"the document has no operation {one!r}; there are: {told}")


def _file(name: str, out: Path | None, *, force: bool) -> Path:
    if not MODULE.fullmatch(name):
        _fail(f"{name!r} cannot name an area: use 2 to 48 of a-z, 0-9 and _, a letter first")
    folder = Path(tools.__path__[0])
    file = out or folder / f"{name}.py"
    if (folder / name).is_dir() and out is None:
        _fail(f"tools/{name} is a package of its own; choose another name by --area")
    if file.exists() and not force:
        _fail(f"{file} exists; choose another by --area or --out, or overwrite it by --force")
    return file


def _write(file: Path, text: str, *, force: bool) -> None:
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        _fail(f"{file} cannot be written: {error.strerror}")


def _is_home(module: str, file: Path) -> bool:
    return file.resolve() == (Path(tools.__path__[0]) / f"{module.rpartition('.')[2]}.py").resolve()


def _told(one: Written) -> str:
    operation = one.operation
    filled = ", ".join(shown(name) for name in operation.filled)
    about = f"; filled with the caller's number: {filled}" if filled else ""
    if not operation.writes:
        return f"reads{about}"
    effect = "cannot be undone" if operation.method == "DELETE" else "changes something"
    again = "tried again under its key" if one.honours_key else "tried once"
    limit = "; moves no money until you raise the ceilings of its policy" if operation.money else ""
    return f"{effect}, after a spoken yes, {again}{about}{limit}"


def _tell_wants(made: Area) -> None:
    """What the document asks for and nobody sends."""
    for wants in sorted({one.operation.wants for one in made.tools.values()} - {""}):
        typer.echo(
            f"the API wants {shown(wants, most=300)}; requests carry the office's bearer key"
            " (FRONTDESK_OFFICE_KEY), and nothing else"
        )


def _left_out(made: Area) -> dict[str, str]:
    asked = {
        name: "; ".join(one.operation.left_out)
        for name, one in made.tools.items()
        if one.operation.left_out
    }
    return {**asked, **{f"answer {name}": why for name, why in made.left_out.items()}}


def _next(file: Path, made: Area, server: str) -> str:
    names = ", ".join(made.tools)
    steps = [
        f"Read {file}: its docstrings are what the model reads, and they are the document's.",
        "Test it against your office, whose address is FRONTDESK_OFFICE_URL"
        + (f" (the document names {shown(server)})." if server else "."),
        f"Name the tools in the profiles that may use them: {names}.",
        "Pin what the model sees: docs/adding-a-tool.md, step 3.",
    ]
    if len(made.tools) > MOST_TOOLS or len(made.text.splitlines()) > MOST_LINES:
        steps.insert(
            0,
            f"Part it into several areas by --only: a module has at most {MOST_LINES} lines and"
            f" {MOST_TOOLS} tools.",
        )
    return "\n".join(["next:", *(f"  {n}. {step}" for n, step in enumerate(steps, 1))])


def _tell(rows: Mapping[str, str]) -> None:
    for name, told in rows.items():
        typer.echo(f"  {name}: {told}")


def _fail(sentence: str, *, code: int = 1) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(sentence, style="red", markup=False)
    raise typer.Exit(code)
