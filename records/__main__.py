"""`python -m records list|show|play|report|export|cost|erase|retain|audit`: the record for people.

For operators, reviewers, finance and whoever answers for privacy. Needs the settings of the worker:
FRONTDESK_RECORDS_*, and FRONTDESK_RECORDINGS_* for sound. Who listened, took out or erased stands
in the audit. Exit codes: 0 done, 1 a mistake or failure (one sentence on stderr names the fix), 2
from `erase` when something could not be destroyed yet, and from `audit` when it was altered.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import typer
from pydantic_settings import BaseSettings
from rich.console import Console

from configs import WrongSettings, read_environment
from records import audit as audits
from records import cost_shown, shown
from records.cost_table import cost_table, keys_of
from records.desk import Desk, open_desk
from records.erasing import Erased
from records.exporting import exported
from records.ledger import NotKept
from records.outcome import CallOutcome
from records.page import file_name_of, page_of
from records.reading import Wanted
from records.recording.storage import StorageAway
from records.settings import RecordingStorage, RecordsAccess, Retention
from records.sounds import NoSound
from records.view import CallView

LEFT = 2
# Whatever plays Ogg Opus from its standard input; the first that is there.
PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
    ("mpv", "--no-video", "--really-quiet", "-"),
    ("vlc", "-I", "dummy", "--play-and-exit", "-"),
)

Environment = TypeVar("Environment", bound=BaseSettings)
Result = TypeVar("Result")
Format = Literal["table", "json", "csv"]

app = typer.Typer(
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    # Locals in a traceback would show what callers said.
    pretty_exceptions_enable=False,
)

Call = Annotated[str, typer.Argument(metavar="CALL", help="The id of a call, as `list` shows it.")]
Since = Annotated[str, typer.Option(help="From this day or time on, ISO 8601, UTC.")]
Until = Annotated[str, typer.Option(help="Before this day or time.")]
Profile = Annotated[str, typer.Option(help="Calls of this profile.")]
Outcome = Annotated[str, typer.Option(help=f"One of {', '.join(CallOutcome)}.")]
Caller = Annotated[str, typer.Option(help="Calls from this number, E.164.")]
Shown = Annotated[Format, typer.Option("--format", help="table for people, the rest for programs.")]


@app.command(name="list")
def list_(
    *,
    since: Since = "",
    until: Until = "",
    profile: Profile = "",
    outcome: Outcome = "",
    caller: Caller = "",
    newest: Annotated[int, typer.Option(min=1, help="No more than so many.")] = 50,
    output: Shown = "table",
) -> None:
    """Calls, the newest first, without words or numbers of anybody."""
    wanted = _wanted(since, until, profile, outcome=outcome, caller=caller, newest=newest)
    calls = _done(lambda desk: _all(desk, wanted))
    if output == "table":
        Console().print(shown.as_table(calls) if calls else "no such call")
    else:
        print(shown.as_json(calls) if output == "json" else shown.as_csv(calls), end="")


@app.command()
def show(
    call: Call, *, output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text"
) -> None:
    """Everything of one call: facts, what was said, tools, cost."""

    async def work(desk: Desk) -> CallView:
        found = await _one(desk, call)
        await desk.looked("show", call)
        return found

    found = _done(work)
    if output == "json":
        print(found.model_dump_json(indent=2))
    else:
        Console().print(shown.whole(found))


@app.command()
def play(
    call: Call, *, to: Annotated[Path | None, typer.Option(help="Write it there instead.")] = None
) -> None:
    """Listen to a call: the caller on the left, the agent on the right."""

    async def work(desk: Desk) -> bytes:
        sound = await desk.sound(await _one(desk, call))
        if to is None:
            await desk.looked("play", call)
        else:
            await desk.write(to, sound, "sound", [call])
        return sound

    player = next((command for command in PLAYERS if shutil.which(command[0])), None)
    if to is None and player is None:
        _fail(f"no player is installed ({', '.join(p[0] for p in PLAYERS)}): name a file by --to")
    sound = _done(work)
    if to is None and player is not None:
        subprocess.run(player, input=sound, check=False)
    else:
        print(to)


@app.command()
def report(
    call: Call,
    *,
    to: Annotated[Path | None, typer.Option(help="A file or folder; by default here.")] = None,
) -> None:
    """One page with everything of a call: words, sound, tools, waits, cost. Prints its path."""

    async def work(desk: Desk) -> Path:
        found = await _one(desk, call)
        try:
            sound = await desk.sound(found)
        except NoSound:
            # The page says so.
            sound = None
        where = to or Path()
        file = where / file_name_of(found) if where.is_dir() else where
        content = page_of(found, sound).encode()
        await desk.write(file, content, "report", [call])
        return file.resolve()

    print(_done(work))


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    since: Since = "",
    until: Until = "",
    profile: Profile = "",
    outcome: Outcome = "",
    caller: Caller = "",
    in_clear: Annotated[
        bool, typer.Option("--in-clear", help="With callers' numbers and what tools were given.")
    ] = False,
) -> None:
    """Whole records as JSON, a line for each call; numbers and the like are redacted."""
    wanted = _wanted(since, until, profile, outcome=outcome, caller=caller)

    async def work(desk: Desk) -> int:
        calls = await _all(desk, wanted)
        lines = [exported(call, in_clear=in_clear).model_dump_json() + "\n" for call in calls]
        ids = [call.call_id for call in calls]
        await desk.write(to, "".join(lines).encode(), "export", ids)
        return len(calls)

    print(f"{_done(work)} calls in {to}")


@app.command()
def cost(
    *,
    by: Annotated[str, typer.Option(help="day, profile, model, kind, outcome; commas between.")] = (
        "day,profile"
    ),
    since: Since = "",
    until: Until = "",
    profile: Profile = "",
    zone: Annotated[str, typer.Option(help="Zone in which days begin.")] = "UTC",
    output: Shown = "table",
) -> None:
    """What calls cost: together, each, and each one that was resolved."""
    wanted = _wanted(since, until, profile)
    try:
        keys = keys_of(by)
    except ValueError as error:
        _fail(str(error))
    table = cost_table(_done(lambda desk: _all(desk, wanted)), keys, _zone(zone))
    if output == "table":
        Console().print(cost_shown.as_rich(table))
    else:
        print(cost_shown.as_json(table) if output == "json" else cost_shown.as_csv(table), end="")


@app.command()
def erase(
    *,
    caller: Annotated[str, typer.Option(help="Forget who called from this number, E.164.")] = "",
    call: Annotated[str, typer.Option(help="Or only this call.")] = "",
) -> None:
    """Destroy keys, words, numbers, sound and files of a caller. Facts without a person stay."""
    if bool(caller) == bool(call):
        _fail("name one: --caller NUMBER or --call CALL")

    async def work(desk: Desk) -> Erased:
        if caller:
            return await desk.eraser.erase_caller(_number(caller), who=desk.who)
        if (await _one(desk, call)).outcome is None:
            _fail(f"{call} goes on: erase it once it has ended")
        return await desk.eraser.erase([call], why="wish", who=desk.who)

    found = _done(work)
    print(f"erased: {found.calls} calls, {found.files} files")
    for sentence in found.told():
        _say(sentence)
    if not found.whole:
        raise typer.Exit(LEFT)


@app.command()
def retain() -> None:
    """Delete what is older than FRONTDESK_RETENTION_* say; workers do it too, by the hour."""
    found = _done(lambda desk: desk.expiry.retain())
    print(", ".join(f"{kind}: {count} calls" for kind, count in found.items()))


@app.command()
def audit() -> None:
    """Who looked at, took out or erased what; and whether a line was altered."""

    async def work(desk: Desk) -> tuple[list[audits.Line], int | None]:
        engine = desk.record.engine
        broken = await audits.first_broken(engine, desk.record.seals.records)
        return await audits.read(engine), broken

    lines, broken = _done(work)
    for line in lines:
        at = datetime.fromtimestamp(line.at, UTC)
        print(f"{line.number:6}  {at:%Y-%m-%d %H:%M:%S}  {line.who}  {line.did}  {line.what}")
    if broken is not None:
        _say(f"line {broken} was altered, or the one before it is gone")
        raise typer.Exit(LEFT)


def _wanted(
    since: str,
    until: str,
    profile: str,
    *,
    outcome: str = "",
    caller: str = "",
    newest: int | None = None,
) -> Wanted:
    if outcome and outcome not in set(CallOutcome):
        _fail(f"{outcome!r} is no outcome: one of {', '.join(CallOutcome)}")
    return Wanted(
        since=_time(since),
        until=_time(until),
        profile=profile or None,
        outcome=CallOutcome(outcome) if outcome else None,
        caller=_number(caller) if caller else None,
        newest=newest,
    )


def _time(words: str) -> float | None:
    if not words:
        return None
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        _fail(f"{words!r} is no day like 2026-11-25 and no time like 2026-11-25T14:30")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _zone(name: str) -> tzinfo:
    if name not in available_timezones():
        _fail(f"{name!r} is no time zone like Europe/Berlin")
    return ZoneInfo(name)


def _number(words: str) -> str:
    number = "+" + "".join(char for char in words if char.isdigit())
    if not words.strip().startswith("+") or len(number) < 8:
        _fail("write the number as E.164, for example +15550001111")
    return number


async def _all(desk: Desk, wanted: Wanted) -> list[CallView]:
    return [call async for call in desk.record.reader.calls(wanted)]


async def _one(desk: Desk, call_id: str) -> CallView:
    found = await desk.record.reader.call(call_id)
    if found is None:
        _fail(f"there is no call {call_id}; see `python -m records list`")
    return found


def _done(work: Callable[[Desk], Awaitable[Result]]) -> Result:
    """What `work` returns, or one sentence and exit 1."""
    access, storage, retention = _read(RecordsAccess), _read(RecordingStorage), _read(Retention)

    async def run() -> Result:
        async with open_desk(access, storage, retention, who=audits.somebody()) as desk:
            return await work(desk)

    try:
        return asyncio.run(run())
    except (NotKept, StorageAway, NoSound) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _read(kind: type[Environment]) -> Environment:
    try:
        return read_environment(kind)
    except WrongSettings as error:
        _fail("\n".join(error.mistakes))


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _fail(sentence: str) -> NoReturn:
    _say(sentence)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
