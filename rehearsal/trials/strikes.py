"""Carries out what a row does to a part of the stack, and undoes it.

Each `Act` is one function that strikes and returns what takes it back. Processes are struck by
their id, the record's database from outside, as another program would.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from rehearsal.trials.ground import COUNTS, Ground
from rehearsal.trials.row import Act

BUSY_TIMEOUT_S = 5.0
# SQLite's own files beside a database; it takes all three for one.
BESIDE = ("", "-wal", "-shm")

Undo = Callable[[], Awaitable[None]]


async def strike(act: Act, ground: Ground, job: int) -> Undo:
    """Do it now; `job` is the process that holds the call. What undoes it is returned."""
    stack = ground.stack
    match act:
        case Act.KILL_JOB:
            os.kill(job, signal.SIGKILL)
            return _nothing
        case Act.KILL_WORKER:
            stack.crash("worker")
            return lambda: stack.restart("worker")
        case Act.KILL_OFFICE:
            await stack.kill("office")
            return lambda: stack.restart("office")
        case Act.LOCK_RECORD:
            return await _lock(ground.record)
        case Act.MOVE_RECORD:
            return await asyncio.to_thread(_move, ground.record)
        case Act.KILL_REDIS:
            await stack.kill(COUNTS)
            return lambda: stack.restart(COUNTS)
        case Act.STOP_REDIS:
            return _stop(stack.pid(COUNTS))
        case Act.JUMP_CLOCK:
            raise NotImplementedError


async def _nothing() -> None:
    """A job that died is not there again."""


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
