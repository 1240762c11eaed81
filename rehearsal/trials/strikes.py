"""Carries out what a row does to a part of the stack, and undoes it.

Each `Act` is one function that strikes and returns what takes it back. Processes are struck by
their id, the record's database from outside, as another program would.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from rehearsal.trials.ground import COUNTS, Ground
from rehearsal.trials.row import Act

BUSY_TIMEOUT_S = 5.0
AHEAD_S = 3600.0
# SQLite's own files beside a database; it takes all three for one.
BESIDE = ("", "-wal", "-shm")

Undo = Callable[[], Awaitable[None]]


async def strike(act: Act, ground: Ground, job: int) -> Undo:
    """Do it now; `job` is the process that holds the call. What undoes it is returned."""
    stack = ground.stack
    match act:
        case Act.KILL_JOB:
            if job <= 0:
                # To the system it would mean this process and all beside it.
                raise ValueError("there is no process that holds the call")
            os.kill(job, signal.SIGKILL)
            undo: Undo = _nothing
        case Act.KILL_WORKER:
            stack.crash("worker")
            undo = partial(stack.restart, "worker")
        case Act.KILL_OFFICE | Act.KILL_REDIS:
            part = "office" if act is Act.KILL_OFFICE else COUNTS
            await stack.kill(part)
            undo = partial(stack.restart, part)
        case Act.LOCK_RECORD:
            undo = await _lock(ground.record)
        case Act.MOVE_RECORD:
            undo = await asyncio.to_thread(_move, ground.record)
        case Act.STOP_REDIS:
            undo = _stop(stack.pid(COUNTS))
        case Act.JUMP_CLOCK:
            undo = _jump(stack.folder / f"clock-{job}")
    return undo


async def _nothing() -> None:
    """A job that died is not there again."""


def _jump(file: Path) -> Undo:
    file.write_text(f"{AHEAD_S}", encoding="ascii")

    return lambda: asyncio.to_thread(file.unlink)


def _stop(pid: int) -> Undo:
    os.kill(pid, signal.SIGSTOP)

    async def go_on() -> None:
        os.kill(pid, signal.SIGCONT)

    return go_on


async def _lock(file: Path) -> Undo:
    holder = sqlite3.connect(
        file, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    await asyncio.to_thread(holder.execute, "BEGIN IMMEDIATE")

    async def let_go() -> None:
        await asyncio.to_thread(holder.rollback)
        holder.close()

    return let_go


def _move(file: Path) -> Undo:
    def away(beside: str) -> Path:
        return file.with_name(f"{file.name}.away{beside}")

    def there(beside: str) -> Path:
        return file.with_name(f"{file.name}{beside}")

    for beside in BESIDE:
        if there(beside).exists():
            there(beside).rename(away(beside))

    def back() -> None:
        for beside in BESIDE:
            there(beside).unlink(missing_ok=True)
            if away(beside).exists():
                away(beside).rename(there(beside))

    return lambda: asyncio.to_thread(back)
