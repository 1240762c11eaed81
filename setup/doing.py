"""How set-up runs programs and tells what it does; every step goes through here.

Long commands write to a log of their own; the terminal sees a line when something starts, one
every few seconds while it lasts, and the tail of the log when it fails.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO, TypeAlias

REPO = Path(__file__).resolve().parent.parent
BUILD = REPO / ".build"
LOGS = BUILD / "logs"
PROGRESS_EVERY_S = 10.0
TAIL_LINES = 15

Command: TypeAlias = Sequence[str | Path]


class CannotSetUp(Exception):
    """Set-up stops here; the message is one sentence that names the piece and the fix."""


class Teller:
    """Says what set-up does, with the seconds since it began."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out = out
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Write one line, at once."""
        self._out.write(f"setup {time.monotonic() - self._began:5.0f} s  {text}\n")
        self._out.flush()


def run(
    command: Command,
    *,
    what: str,
    teller: Teller,
    estimate_s: float = 0,
    env: Mapping[str, str] | None = None,
    cwd: Path = REPO,
) -> None:
    """Run `command` to its end, its output in `.build/logs/`, saying now and then that it lasts.

    Args:
        what: what the command is for, as it reads in progress lines; also names the log.
        estimate_s: what it takes on two cores; 0 says nothing about it.
        env: added to the environment of set-up itself.

    Raises:
        CannotSetUp: it could not be started or failed; the message ends with the log's tail.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{what.replace(' ', '-')}.log"
    began = time.monotonic()
    process = _started(command, what=what, log=log, env=env, cwd=cwd)
    while True:
        try:
            code = process.wait(PROGRESS_EVERY_S)
            break
        except subprocess.TimeoutExpired:
            spent = time.monotonic() - began
            usual = f" of about {estimate_s:.0f} s" if estimate_s else ""
            teller.say(f"  {what}: {spent:.0f} s{usual}")
        except KeyboardInterrupt:
            process.wait()
            raise
    if code:
        raise CannotSetUp(f"{what} failed (exit {code}), the whole log is {log}:\n{tail(log)}")


def _started(
    command: Command, *, what: str, log: Path, env: Mapping[str, str] | None, cwd: Path
) -> "subprocess.Popen[bytes]":
    with log.open("wb") as sink:
        try:
            return subprocess.Popen(
                list(map(str, command)),
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise CannotSetUp(f"{what}: {command[0]} cannot be run: {error}") from error


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines)


def output_of(command: Command) -> str | None:
    """What a quick command prints, or None when it is absent or fails."""
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
