"""One process of a stack: its start, its log, its readiness, its end.

Each is the leader of a process group, so that Ctrl-C reaches only the stack and an end reaches
everything that the process started. A `Guard` outlives the stack by a moment and ends the groups
that it could not end itself.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rehearsal.stack.errors import NotReady, PartDied, ProgramMissing
from rehearsal.stack.parts import Part, environment

ASK_AGAIN_S = 0.05
KILLED_WITHIN_S = 10.0
TAIL_LINES = 20


class Guard:
    """The program that ends what is left when the stack's own process is gone."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "Guard":
        """Start it in a session of its own, out of reach of the terminal."""
        script = Path(__file__).with_name("guard.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            script,
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return cls(process)

    def watch(self, group: int, ends_on: signal.Signals) -> None:
        """From now on `group` ends with the stack, its leader by its own signal first."""
        self._tell(f"+{group} {ends_on:d}\n")

    def forget(self, group: int) -> None:
        """`group` has ended."""
        self._tell(f"-{group}\n")

    async def end(self) -> None:
        """Let it go; whatever it still watches ends too."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        if self._process.returncode is None:
            self._process.stdin.write(line.encode())


class Running:
    """A started part. `ended` completes with its exit code, however it ends."""

    def __init__(
        self, part: Part, process: asyncio.subprocess.Process, log: Path, guard: Guard
    ) -> None:
        self.part = part
        self.pid = process.pid
        self.meant_to_end = False
        self._log = log
        self._guard = guard
        self._began = time.monotonic()
        self.ended: asyncio.Task[int] = asyncio.create_task(process.wait(), name=part.name)
        guard.watch(process.pid, part.ends_on)

    @classmethod
    async def launch(
        cls, part: Part, *, log: Path, guard: Guard, inherited: Mapping[str, str]
    ) -> "Running":
        """Start `part`, its output appended to `log`.

        Raises:
            ProgramMissing: its program cannot be started.
        """
        with log.open("ab") as sink:
            try:
                process = await asyncio.create_subprocess_exec(
                    *part.command,
                    cwd=log.parent.parent,
                    env=environment(part, inherited),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=sink,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ProgramMissing(f"{part.name} cannot be started: {error}") from error
        return cls(part, process, log, guard)

    async def until_ready(self, timeout_s: float) -> float:
        """Wait until the part does what it is there for; returns the seconds that took.

        Raises:
            PartDied: it ended first.
            NotReady: it still does not after `timeout_s`.
        """
        if self.part.ready is None:
            return await self._until_done(timeout_s)
        give_up = self._began + timeout_s
        while not await self.part.ready(self.pid):
            if self.ended.done():
                raise self.died()
            if time.monotonic() > give_up:
                raise self._not_ready(timeout_s)
            await asyncio.wait([self.ended], timeout=ASK_AGAIN_S)
        return time.monotonic() - self._began

    async def end(self, grace_s: float) -> None:
        """The part's own ending signal; after `grace_s`, SIGKILL to what is left of all it started.

        As in a container, the signal reaches the part alone: a worker's jobs finish their calls.
        """
        self.meant_to_end = True
        if not self.ended.done():
            self._send(self.part.ends_on, os.kill)
            await asyncio.wait([self.ended], timeout=grace_s)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to the part and all it started; returns when it is gone."""
        self.meant_to_end = True
        self._send(signal.SIGKILL, os.killpg)
        async with asyncio.timeout(KILLED_WITHIN_S):
            await asyncio.wait([self.ended])
        # A group outlives its leader while anything is left in it.
        self._send(signal.SIGKILL, os.killpg)
        self._guard.forget(self.pid)

    def crash(self) -> None:
        """SIGKILL to the part alone; does not wait."""
        self.meant_to_end = True
        self._send(signal.SIGKILL, os.kill)

    def died(self) -> PartDied:
        """The part's end as an error; only once it has ended."""
        code = self.ended.result()
        return PartDied(self.part.name, code=code, log=str(self._log), tail=self._tail())

    async def _until_done(self, timeout_s: float) -> float:
        self.meant_to_end = True
        await asyncio.wait([self.ended], timeout=timeout_s)
        if not self.ended.done():
            raise self._not_ready(timeout_s)
        if self.ended.result() != 0:
            raise self.died()
        return time.monotonic() - self._began

    def _not_ready(self, timeout_s: float) -> NotReady:
        return NotReady(self.part.name, after_s=timeout_s, log=str(self._log), tail=self._tail())

    def _send(self, what: signal.Signals, way: Callable[[int, int], None]) -> None:
        try:
            way(self.pid, what)
        except (ProcessLookupError, PermissionError):
            # Gone already; macOS answers EPERM for a group of zombies.
            return

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:]) or "    (nothing)"
