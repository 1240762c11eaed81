"""`python -m agent start|dev|check`: run the worker, or say whether it could run.

Defines nothing that a job needs: jobs find their functions in `agent.worker`.
"""

import asyncio
import sys

import typer
from pydantic import ValidationError

from agent.logs import configure_logs
from agent.profile import Profiles, load_profiles
from agent.settings import Settings
from agent.voice import load_clips
from agent.worker import serve
from configs import ConfigError
from tools import catalogue
from tools.settings import OfficeAccess

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@app.command()
def start() -> None:
    """Answer calls until SIGTERM; calls in progress are finished first."""
    _run(devmode=False)


@app.command()
def dev() -> None:
    """Answer calls with one warm process and debug logs; Ctrl-C ends it."""
    _run(devmode=True)


@app.command()
def check() -> None:
    """Read settings, profiles, clips and tools; say every mistake and start nothing."""
    settings, profiles = _checked()
    numbers = sum(len(profile.numbers) for profile in profiles.values())
    print(f"ok: {len(profiles)} profiles, {numbers} numbers, up to {settings.max_calls} calls")


def _run(*, devmode: bool) -> None:
    settings, _ = _checked()
    if devmode:
        settings = settings.model_copy(update={"log_level": "debug", "idle_processes": 1})
    configure_logs(settings.log_level, keep_pii=settings.log_pii)
    asyncio.run(serve(settings, devmode=devmode))


def _checked() -> tuple[Settings, Profiles]:
    try:
        settings = Settings()
        OfficeAccess()
        profiles = load_profiles(settings.profiles)
        for profile in profiles.values():
            load_clips(profile)
            catalogue(profile.tools)
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            print(f"setting {where}: {problem['msg']} (see docs/settings.md)", file=sys.stderr)
    except (ConfigError, LookupError) as error:
        print(error, file=sys.stderr)
    else:
        return settings, profiles
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
