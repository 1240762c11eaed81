"""`python -m sip check|plan|apply|status|watch`: trunks in LiveKit as one YAML file says.

For people, deployment pipelines and the rehearsal. Exit codes: 0 done or nothing to do, 1 a
mistake or failure (one sentence on stderr names the fix), 2 from `plan` when changes are pending.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from configs import ConfigError, WrongSettings, read_environment
from sip import desired, objects, plan, report, watch
from sip.livekit import LiveKit, LiveKitFailed
from sip.settings import Settings

FAILED, PENDING = 1, 2

app = typer.Typer(
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    # Locals in a traceback would show digest passwords.
    pretty_exceptions_enable=False,
)

File = Annotated[
    Path | None, typer.Option("--file", help="The trunk file; else FRONTDESK_SIP_FILE.")
]


@app.command()
def check(file: File = None) -> None:
    """Say every mistake in the file; needs no LiveKit."""
    path, wanted = _read(_settings(), file)
    numbers = sum(len(trunk.numbers) for trunk in wanted.trunks)
    _print(f"{path}: no mistakes; trunks: {len(wanted.trunks)}, numbers: {numbers}", "green")
    for name in objects.needed_secrets(wanted):
        if not os.environ.get(name):
            _print(f"note: apply will need {name} in the environment; it is not set here", "yellow")


@app.command(name="plan")
def show_plan(file: File = None) -> None:
    """Show what apply would change; exit 2 if anything."""
    found = asyncio.run(_plan(_settings(), file))[0]
    _say(report.of_plan(found))
    _refuse_conflicts(found)
    if found.steps:
        raise typer.Exit(PENDING)


@app.command()
def apply(file: File = None) -> None:
    """Make LiveKit as the file says; doing it again changes nothing."""
    asyncio.run(_apply(_settings(), file))


@app.command()
def status(file: File = None) -> None:
    """Show how each trunk stands in LiveKit, drift by hand, and what is not ours."""
    found, lines = asyncio.run(_plan(_settings(), file))
    _say(report.of_status(found, lines))
    _refuse_conflicts(found)


@app.command(name="watch")
def run_watch(
    port: Annotated[int | None, typer.Option("--port", help="0 takes a free port.")] = None,
) -> None:
    """Receive LiveKit's webhooks and count callers whom no worker took."""
    settings = _settings()
    if not settings.livekit_api_key or not settings.livekit_api_secret.get_secret_value():
        _fail("LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be set: webhooks are signed with them")
    watch.configure_logs(settings.log_level)
    port = settings.watch_port if port is None else port
    try:
        asyncio.run(watch.run(settings, settings.watch_host, port))
    except OSError as error:
        where = f"{settings.watch_host}:{port}"
        _fail(f"cannot listen on {where} ({error.strerror}): choose another --port")


async def _apply(settings: Settings, file: Path | None) -> None:
    path, wanted = _read(settings, file)
    lines = _lines(settings, wanted)
    try:
        async with LiveKit(settings) as livekit:
            todo = plan.make(wanted.owner, lines, await livekit.found())
            _refuse_conflicts(todo)
            await livekit.apply(todo)
            left = plan.make(wanted.owner, lines, await livekit.found())
    except LiveKitFailed as error:
        _fail(str(error))
    _say(report.of_plan(todo))
    if left.steps or left.conflicts:
        _say(report.of_plan(left))
        _fail("LiveKit holds something else than was just applied: is another apply running?")
    if todo.steps:
        _print(f"applied: LiveKit is as {path} says", "green")


async def _plan(settings: Settings, file: Path | None) -> tuple[plan.Plan, list[objects.Line]]:
    _, wanted = _read(settings, file)
    lines = _lines(settings, wanted)
    try:
        async with LiveKit(settings) as livekit:
            return plan.make(wanted.owner, lines, await livekit.found()), lines
    except LiveKitFailed as error:
        _fail(str(error))


def _settings() -> Settings:
    try:
        return read_environment(Settings)
    except WrongSettings as error:
        _fail(str(error))


def _read(settings: Settings, file: Path | None) -> tuple[Path, desired.Desired]:
    path = file or settings.file
    if not path.exists():
        example = Path(__file__).with_name("trunks.example.yaml")
        _fail(f"there is no {path}: write one like {example}, or name yours by --file")
    try:
        return path, desired.load(path)
    except ConfigError as error:
        for mistake in error.mistakes:
            _complain(str(mistake))
        raise typer.Exit(FAILED) from error


def _lines(settings: Settings, wanted: desired.Desired) -> list[objects.Line]:
    try:
        return objects.lines(wanted, os.environ, settings.room_prefix)
    except objects.MissingSecrets as error:
        _fail(str(error))


def _refuse_conflicts(found: plan.Plan) -> None:
    for conflict in found.conflicts:
        _complain(conflict)
    if found.conflicts:
        raise typer.Exit(FAILED)


def _say(lines: Iterable[report.Said]) -> None:
    for text, style in lines:
        _print(text, style)


def _print(text: str, style: str = "") -> None:
    # Soft wrap: a pipe has no width, and a wrapped line is a torn one for grep.
    Console().print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _complain(text: str) -> None:
    Console(stderr=True).print(text, style="red", markup=False, highlight=False, soft_wrap=True)


def _fail(text: str) -> NoReturn:
    _complain(text)
    raise typer.Exit(FAILED)


if __name__ == "__main__":
    app()
