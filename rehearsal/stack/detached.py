"""A stack that stays after the command that started it: behind `make up`, `down` and `status`.

A process of its own holds the stack (`python -m rehearsal.stack`) and a lock on `.run/up.lock` for
as long as it lives. The lock, not a process id, says whether one is up: it cannot be stale.
"""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel

from rehearsal.settings import StackSettings
from rehearsal.stack.errors import StackError
from rehearsal.stack.stack import Stack

SIP_PORT = 5060
DOWN_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.1
LOOKS = 5


class Standing(BaseModel):
    """What a stack that is up tells other commands."""

    pid: int
    folder: Path
    dial: str
    livekit_url: str
    api_key: str
    api_secret: str
    office_url: str
    model_url: str
    worker_url: str
    metrics_url: str


class AlreadyUp(StackError):
    """There is a stack already, or one is just starting; there is one at a time."""


def up(settings: StackSettings) -> Standing:
    """Start a stack that stays and return once it takes calls.

    Raises:
        AlreadyUp: one stands or is starting.
        StackError: it did not come up; the message says why.
    """
    if _holder(settings) is not None:
        raise AlreadyUp("a stack is up already or just starting: `make down` ends it")
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    _state(settings).unlink(missing_ok=True)
    with log(settings).open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.stack"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while (found := standing(settings)) is None or found.pid != process.pid:
            if _ends(process, within_s=LOOK_AGAIN_S):
                raise StackError(log(settings).read_text(encoding="utf-8").strip())
    except KeyboardInterrupt:
        process.terminate()
        process.wait(DOWN_WITHIN_S)
        raise
    return found


def down(settings: StackSettings) -> bool:
    """End the stack that is up; False if there is none.

    Raises:
        StackError: it could not be ended.
    """
    holder = _holder(settings)
    if holder is None:
        return False
    for what in (signal.SIGTERM, signal.SIGKILL):
        os.kill(holder, what)
        give_up = time.monotonic() + DOWN_WITHIN_S
        while time.monotonic() < give_up:
            if _holder(settings) != holder:
                _state(settings).unlink(missing_ok=True)
                return True
            time.sleep(LOOK_AGAIN_S)
    raise StackError(f"process {holder} holds the stack and cannot be ended: end it by hand")


def standing(settings: StackSettings) -> Standing | None:
    """The stack that is up, or None; one that is still starting is not up."""
    holder = _holder(settings)
    try:
        found = Standing.model_validate_json(_state(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.pid == holder else None


def log(settings: StackSettings) -> Path:
    """What the holding process had to say, for example which part died."""
    return settings.run_folder / "up.log"


async def hold(settings: StackSettings) -> None:
    """Be the holding process: until SIGTERM or SIGINT, or until a part dies.

    Raises:
        AlreadyUp: another process holds one.
        StackError: it did not come up, or a part died.
    """
    this = asyncio.current_task()
    assert this is not None
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, this.cancel)
    with _held(settings):
        try:
            async with Stack.start(sip_port=SIP_PORT, settings=settings) as stack:
                _tell(settings, stack)
                raise await stack.died
        except asyncio.CancelledError:
            # Told to end, and everything has ended.
            return
        finally:
            _state(settings).unlink(missing_ok=True)


@contextmanager
def _held(settings: StackSettings) -> Iterator[None]:
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    with _lock(settings).open("a+", encoding="ascii") as lock:
        if not _locked(lock):
            raise AlreadyUp("a stack is up already or just starting")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _locked(lock: TextIO) -> bool:
    # Whoever only looks holds the lock for an instant.
    for _ in range(LOOKS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_AGAIN_S)
        else:
            return True
    return False


def _holder(settings: StackSettings) -> int | None:
    """The process that holds a stack now."""
    try:
        with _lock(settings).open(encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


def _tell(settings: StackSettings, stack: Stack) -> None:
    host, port = stack.sip_address
    told = Standing(
        pid=os.getpid(),
        folder=stack.folder,
        dial=f"sip:{stack.numbers[0]}@{host}:{port}",
        livekit_url=stack.livekit_url,
        api_key=stack.api_key,
        api_secret=stack.api_secret,
        office_url=stack.office_url,
        model_url=stack.model_url,
        worker_url=stack.worker_url,
        metrics_url=stack.metrics_url,
    )
    fresh = _state(settings).with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(told.model_dump_json(indent=2), encoding="utf-8")
    fresh.replace(_state(settings))


def _ends(process: subprocess.Popen[bytes], *, within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _state(settings: StackSettings) -> Path:
    return settings.run_folder / "up.json"


def _lock(settings: StackSettings) -> Path:
    return settings.run_folder / "up.lock"
