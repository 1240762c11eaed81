"""`python -m agent start|dev|check`: run the worker, or say whether it could run.

Defines nothing that a job needs: jobs find their functions in `agent.worker`.
"""

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog
import typer
from pydantic_settings import BaseSettings

from agent.logs import configure_logs
from agent.profile import Profile, Profiles, load_profiles
from agent.settings import Settings
from agent.terms import beyond_the_book
from agent.unfit import CannotServe
from agent.voice import load_clips
from configs import ConfigError, Mistake, WrongSettings, read_environment
from records.ledger import NotKept
from records.prices import PriceBook, load_prices
from records.settings import PriceSettings, RecordsAccess
from tools import catalogue
from tools.account import BY_VOICE, PROVE_BY_CODE
from tools.catalogue import UnknownTool, homes
from tools.policy import Assurance
from tools.remote import missing
from tools.remote import mistakes as unfit_servers
from tools.settings import OfficeAccess, SharedAccess

Environment = TypeVar("Environment", bound=BaseSettings)

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__
)


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
    written = [profile for profile in profiles.values() if profile.file]
    numbers = sum(len(profile.numbers) for profile in written)
    print(f"ok: profiles: {len(written)}, numbers: {numbers}, calls at once: {settings.max_calls}")


def _run(*, devmode: bool) -> None:
    settings, profiles = _checked()
    if devmode:
        settings = settings.model_copy(update={"log_level": "debug", "idle_processes": 1})
    configure_logs(settings.log_level, keep_pii=settings.log_pii)
    # Both take longer than all of `check`.
    from agent.worker import serve  # noqa: PLC0415
    from records.upgrade import upgrade  # noqa: PLC0415

    async def run() -> None:
        await upgrade(RecordsAccess())
        await serve(settings, profiles, devmode=devmode)

    try:
        asyncio.run(run())
    except (CannotServe, NotKept) as error:
        structlog.get_logger("agent").critical(str(error))
        raise typer.Exit(1) from None


def _checked() -> tuple[Settings, Profiles]:
    """Settings and profiles, or every mistake in them on stderr and exit 1."""
    mistakes: list[str] = []
    settings = _read(Settings, mistakes)
    _read(OfficeAccess, mistakes)
    records = _read(RecordsAccess, mistakes)
    _read(SharedAccess, mistakes)
    profiles = _profiles(_folder("profiles"), mistakes, _book(mistakes))
    if records:
        mistakes += _unfit_folder(records.spool)
    if settings:
        mistakes += _unfit_ports(settings)
    if settings is None or profiles is None or mistakes:
        print("\n".join(mistakes), file=sys.stderr)
        raise typer.Exit(1)
    return settings, profiles


def _read(kind: type[Environment], mistakes: list[str]) -> Environment | None:
    try:
        return read_environment(kind)
    except WrongSettings as error:
        mistakes += error.mistakes
    return None


def _folder(setting: str) -> Path:
    """The folder that a setting names, also while others are wrong."""
    named = os.environ.get(f"FRONTDESK_{setting.upper()}")
    return Path(named or Settings.model_fields[setting].default)


def _book(mistakes: list[str]) -> PriceBook | None:
    prices = _read(PriceSettings, mistakes)
    try:
        return load_prices(prices.prices) if prices else None
    except ConfigError as error:
        mistakes.append(str(error))
        return None


def _profiles(folder: Path, mistakes: list[str], book: PriceBook | None) -> Profiles | None:
    today = datetime.now(UTC).date()

    def unfit(profile: Profile) -> list[Mistake]:
        return _unfit(profile) + (beyond_the_book(profile, book, today) if book else [])

    try:
        return load_profiles(folder, unfit)
    except ConfigError as error:
        mistakes.append(str(error))
        return None


def _unfit(profile: Profile) -> list[Mistake]:
    """What the profile's file alone does not show: clips that cannot be played, tools unknown."""
    mistakes = _unfit_tools(profile) + _unfit_servers(profile)
    try:
        load_clips(profile)
    except ConfigError as error:
        mistakes += error.mistakes
    return mistakes


def _unfit_tools(profile: Profile) -> list[Mistake]:
    assert profile.file is not None
    try:
        tools = catalogue(profile.tools)
    except UnknownTool as error:
        says = f"{error} (tools of mcp_servers are offered without being named here)"
        return [Mistake.at(profile.file, "tools", says if profile.mcp_servers else str(error))]
    policies = {name: tool.policy for name, tool in tools.items()} | {
        server.offered_name(name): declared.policy
        for server in profile.mcp_servers
        for name, declared in server.tools.items()
    }
    mistakes = []
    waiting = [n for n, policy in policies.items() if policy.spoken_yes or n in BY_VOICE]
    if waiting and profile.transcription_model is None:
        mistakes.append(
            f"{', '.join(waiting)}: a spoken yes or number is found in the transcript;"
            " set transcription_model as well, or leave the tools out"
        )
    by_code = [name for name, policy in policies.items() if policy.assurance is Assurance.CODE]
    if by_code and not tools.keys() >= PROVE_BY_CODE:
        mistakes.append(
            f"{', '.join(by_code)}: somebody has to send and to check the one-time code;"
            f" name {' and '.join(sorted(PROVE_BY_CODE))} too, or leave the tools out"
        )
    paying = [name for name, policy in policies.items() if policy.money]
    if paying and not os.environ.get("FRONTDESK_REDIS_URL"):
        mistakes.append(
            f"{', '.join(paying)}: what a caller gets in a day is counted over all calls;"
            " set FRONTDESK_REDIS_URL, or leave the tools out"
        )
    return [Mistake.at(profile.file, "tools", says) for says in mistakes]


def _unfit_servers(profile: Profile) -> list[Mistake]:
    assert profile.file is not None
    # `agent.bridge` has the last one, and takes LiveKit to be loaded.
    found = list(unfit_servers(profile.mcp_servers, profile.pins, {*homes(), "end_call"}))
    found += [
        (("mcp_servers", place, field), says)
        for place, server in enumerate(profile.mcp_servers)
        for field, says in missing(server)
    ]
    return [Mistake.at(profile.file, field, says) for field, says in found]


def _unfit_folder(folder: Path) -> list[str]:
    """Whether calls can leave there what the database does not have yet; the folder is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return []
    except OSError as error:
        says = f"setting FRONTDESK_RECORDS_SPOOL: nothing can be written to {folder.resolve()}"
        return [f"{says} ({error.strerror}): mend it or name another (see docs/settings.md)"]


def _unfit_ports(settings: Settings) -> list[str]:
    """What only a start would tell otherwise, and then in words that mislead."""
    mistakes = []
    if settings.http_port == settings.metrics_port != 0:
        says = f"setting FRONTDESK_METRICS_PORT: {settings.metrics_port} is FRONTDESK_HTTP_PORT too"
        mistakes.append(f"{says}: give each a port of its own (see docs/settings.md)")
    if settings.ready_file and not settings.ready_file.absolute().parent.is_dir():
        says = f"setting FRONTDESK_READY_FILE: there is no folder {settings.ready_file.parent}"
        mistakes.append(f"{says}: make it or name another (see docs/settings.md)")
    return mistakes


if __name__ == "__main__":
    app()
