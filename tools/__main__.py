"""`python -m tools reconcile|follow-ups|import`: what is done around tools, by program or by hand.

For operators and staff: what is to do after uses, new areas out of an API's own document, and tools
of MCP servers. Exit codes: 0 done, 1 a mistake or failure (one sentence on stderr names the fix), 2
from `reconcile` when something stays open, and from `import` when nothing could be written.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

import typer
from pydantic_settings import BaseSettings
from rich.console import Console

from configs import ConfigError, WrongSettings, read_environment
from records.follow_ups import UNSETTLED, FollowUp
from records.ledger import NotKept
from records.opened import open_record
from records.own_key import WrongKey
from records.settings import RecordsAccess
from tools import reconcile as reconciling
from tools.foreign import shown
from tools.importing.commands import app as importing
from tools.office import Office
from tools.reconcile import End
from tools.remote import Unpinned
from tools.settings import OfficeAccess

OPEN = 2

Environment = TypeVar("Environment", bound=BaseSettings)
Result = TypeVar("Result")

app = typer.Typer(
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    # Locals in a traceback would show what callers said.
    pretty_exceptions_enable=False,
)
follow_ups = typer.Typer(help="What has to be done for callers after their call.")
app.add_typer(follow_ups, name="follow-ups", no_args_is_help=True)
app.add_typer(importing, name="import")


@app.command()
def reconcile() -> None:
    """Find out once what became of writes that nobody knows the end of; workers do it too."""
    office, records = _read(OfficeAccess), _read(RecordsAccess)

    async def run() -> tuple[Counter[End], int]:
        async with (
            Office(office.url, office.key, connect_timeout_s=office.connect_timeout_s) as asked,
            open_record(records, own=True) as record,
        ):
            found = await reconciling.reconcile(record.ledger, record.follow_ups, asked)
            return found, await record.ledger.unsettled()

    found, left = _done(run())
    print(
        f"{found[End.DONE]} found done, {found[End.NOT_DONE]} not done and fenced,"
        f" {found[End.HANDED_OVER]} handed to the staff, {left} still open"
    )
    if left:
        raise typer.Exit(OPEN)


@follow_ups.command(name="list")
def show(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what was done.")] = False,
    output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """What is to do, the oldest first, with what callers said."""
    records = _read(RecordsAccess)

    async def run() -> list[FollowUp]:
        async with open_record(records) as record:
            return await record.follow_ups.all(done=everything)

    found = _done(run())
    if output == "json":
        print(json.dumps([vars(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print("\n".join(map(_paragraph, found)) or "nothing to do")


@follow_ups.command()
def done(
    ids: list[str],
    was: Annotated[
        Literal["done", "not-done"] | None,
        typer.Option("--was", help="What became of a write that only you could find out."),
    ] = None,
) -> None:
    """Note that these were done; of an `unsettled` one, also what became of its write."""
    records = _read(RecordsAccess)

    async def run() -> list[str]:
        async with open_record(records, own=True) as record:
            known = {one.id: one for one in await record.follow_ups.all()}
            missing = [one for one in ids if one not in known]
            for one in (known[name] for name in ids if name in known):
                if one.kind == UNSETTLED and one.tool_use:
                    if was is None:
                        _fail(f"{one.id}: say what became of it, --was done or --was not-done")
                    outcome = "ok" if was == "done" else "unavailable"
                    await record.ledger.end(one.tool_use, outcome, "found_by_hand")
                await record.follow_ups.done(one.id)
            return missing

    if missing := _done(run()):
        _fail(f"nothing to do is named {', '.join(missing)}; see `python -m tools follow-ups list`")


@importing.command(name="mcp")
def pin_mcp(
    profile: Annotated[Path, typer.Argument(help="The profile, with its `mcp_servers`.")],
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Pin tools that are not as they were, too.")
    ] = False,
) -> None:
    """Pin what a profile's MCP servers say of the tools that it lists, in PROFILE.mcp.json."""
    # It loads the SDK, which the other commands need not wait for.
    from tools.remote.pinning import Changed, pin  # noqa: PLC0415

    try:
        print("\n".join(asyncio.run(pin(profile, accept=accept))))
    except ConfigError as error:
        _fail(str(error))
    except Unpinned as error:
        _fail(f"{error}; delete what is there to pin anew")
    except Changed as changed:
        print(changed)
        _fail("nothing was written: read what has changed, and accept it by --accept")
    except OSError as error:
        _fail(f"{error.filename} cannot be written: {error.strerror}")


def _paragraph(one: FollowUp) -> str:
    promised = f", promised for {_time(one.promised_for)}" if one.promised_for else ""
    done = f", done {_time(one.done_at)}" if one.done_at else ""
    what = "sealed with another key" if one.words is None else _plainly(one.words)
    opened = f"{one.id}  {one.kind}, opened {_time(one.opened_at)}{promised}{done}"
    return f"{opened}, call {one.call_id}\n    {what}"


def _plainly(words: Any) -> str:
    if isinstance(words, dict):
        return ", ".join(f"{name}: {_plainly(value)}" for name, value in words.items())
    return shown(words, most=None)


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _read(kind: type[Environment]) -> Environment:
    try:
        return read_environment(kind)
    except WrongSettings as error:
        _fail("\n".join(error.mistakes))


def _done(work: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(work)
    except WrongKey as error:
        _fail(str(error))
    except NotKept as error:
        _fail(
            f"{error}: if no worker has run yet there is no record; else see FRONTDESK_RECORDS_URL"
            " in docs/settings.md"
        )


def _fail(sentence: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(sentence, style="red", markup=False)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
