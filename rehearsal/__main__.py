"""The company's phone, rehearsed.

`python -m rehearsal call|faults|soak-faults|soak|up|down|status|clips`
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import httpx
import typer
from rich.console import Console

from configs import ConfigError, WrongSettings, read_environment
from rehearsal.clips import CLIPS, speak_clips
from rehearsal.phone.call import CallFailed
from rehearsal.phone.caller import CannotPlay
from rehearsal.rehearse import NoSuchScript, load_script
from rehearsal.rehearse.show import show_call
from rehearsal.settings import StackSettings
from rehearsal.soak import show_soak
from rehearsal.speech import CannotSpeak
from rehearsal.stack import StackError, detached, folders
from rehearsal.trials.show import NoSuchRow, chosen, show_faults, show_faults_again

INTERRUPTED = "interrupted; everything that was started has been ended"

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__
)


@app.command()
def call(
    script: Annotated[
        str, typer.Argument(help="Name of a file in rehearsal/scripts/, or path of your own.")
    ] = "order_status",
) -> None:
    """Make one real phone call and show it; exit 0 only if the caller's goal was met."""
    try:
        played = load_script(script)
        _thin(_settings())
        met = asyncio.run(show_call(played, Console(soft_wrap=True)))
    except (NoSuchScript, StackError, ConfigError, CallFailed, CannotPlay, CannotSpeak) as reason:
        _fail(reason)
    except httpx.HTTPStatusError as refused:
        answer = refused.response
        asked = f"{answer.request.method} {answer.request.url}"
        _fail(f"{asked} was refused ({answer.status_code}), mend the script: {answer.text}")
    except KeyboardInterrupt:
        _fail(INTERRUPTED)
    raise typer.Exit(0 if met else 1)


@app.command()
def faults(
    only: Annotated[list[str], typer.Option(help="Name of a row; again for more.")] = [],  # noqa: B006 - typer copies it
) -> None:
    """Break everything once while somebody is on the phone; exit 0 only if every promise held."""
    _try(lambda console: show_faults(chosen(only), console))


@app.command()
def soak_faults(
    times: Annotated[int, typer.Option(min=1, help="How often each of the worst is played.")] = 30,
    seed: Annotated[int | None, typer.Option(help="When the faults strike; else another.")] = None,
) -> None:
    """Break the worst five again and again, each time at another moment."""
    _try(lambda console: show_faults_again(times, _dice(seed), console))


@app.command()
def soak(
    calls: Annotated[int, typer.Option(min=0, help="Calls of text.")] = 1000,
    sip_calls: Annotated[int, typer.Option(min=0, help="Calls by telephone.")] = 60,
    seed: Annotated[int | None, typer.Option(help="Which calls; else others.")] = None,
) -> None:
    """Make many short calls; exit 0 only if the record has each once and the metrics agree."""
    _try(lambda console: show_soak(calls, sip_calls, _dice(seed), console))


def _dice(seed: int | None) -> int:
    return random.randrange(1_000_000) if seed is None else seed


def _try(trials: Callable[[Console], Awaitable[bool]]) -> NoReturn:
    async def kept() -> bool:
        return await trials(Console(soft_wrap=True))

    try:
        _thin(_settings())
        met = asyncio.run(kept())
    except (NoSuchRow, StackError, CallFailed, CannotSpeak, httpx.HTTPError) as reason:
        _fail(reason)
    except KeyboardInterrupt:
        _fail(INTERRUPTED)
    raise typer.Exit(0 if met else 1)


@app.command()
def clips() -> None:
    """Speak the worker's fixed clips anew, from the words in agent/clips/<language>/clips.yaml."""
    for folder in sorted(p for p in CLIPS.iterdir() if p.is_dir()):
        try:
            for file in asyncio.run(speak_clips(folder)):
                print(file)
        except (ConfigError, CannotSpeak) as reason:
            _fail(reason)


@app.command()
def up() -> None:
    """Start everything and leave it running."""
    settings = _settings()
    if found := detached.standing(settings):
        print("already up")
        _show(found)
        return
    _thin(settings)
    try:
        _show(detached.up(settings))
    except StackError as reason:
        _fail(reason)
    except KeyboardInterrupt:
        _fail(INTERRUPTED)


@app.command()
def down() -> None:
    """End what `up` left running."""
    try:
        print("down" if detached.down(_settings()) else "nothing is up")
    except StackError as reason:
        _fail(reason)


@app.command()
def status() -> None:
    """Say whether a stack is up and where it is; exit 1 if not."""
    settings = _settings()
    if found := detached.standing(settings):
        _show(found)
        return
    log = detached.log(settings)
    said = log.read_text(encoding="utf-8").strip() if log.exists() else ""
    _fail(f"nothing is up; the last one said:\n{said}" if said else "nothing is up")


def _settings() -> StackSettings:
    """The settings; what is wrong with them, or with the folder they name, ends the command."""
    try:
        settings = read_environment(StackSettings)
        settings.run_folder.mkdir(parents=True, exist_ok=True)
    except WrongSettings as reason:
        _fail(reason)
    except OSError as error:
        says = f"setting FRONTDESK_RUN_FOLDER: no folder can be made there ({error.strerror})"
        _fail(f"{says}: name another (see docs/settings.md)")
    return settings


def _thin(settings: StackSettings) -> None:
    if gone := folders.thin(settings.run_folder):
        print(f"removed {gone} old run folders; the newest {folders.KEPT} stay")


def _show(found: detached.Standing) -> None:
    print(f"dial      {found.dial}   (with any softphone on this machine)")
    print(f"          or: .venv/bin/python -m rehearsal.phone dial {found.dial} --say hello")
    print(f"office    {found.office_url}")
    print(f"model     {found.model_url}   (scripted; not a language model)")
    print(f"worker    {found.worker_url}/worker")
    print(f"metrics   {found.metrics_url}")
    print(f"files     {found.folder}")
    print("end it with `make down`")


def _fail(reason: object) -> NoReturn:
    print(reason, file=sys.stderr)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
