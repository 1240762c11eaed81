"""A stack that stands: entered, used, and left with nothing behind.

Whoever enters owns it. A part that dies unasked is told through `died`, and nothing is restarted
by itself: a rehearsal must show a fault, not hide it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from records.settings import RecordsAccess
from rehearsal.settings import StackSettings
from rehearsal.stack import written
from rehearsal.stack.errors import PartDied, PortTaken
from rehearsal.stack.folders import held, new_folder
from rehearsal.stack.layout import BRAIN, Addresses, Layout
from rehearsal.stack.parts import NEEDS, Part, in_ending_order, table
from rehearsal.stack.ports import Ports, choose
from rehearsal.stack.process import Guard, Running

SERVERS = ("redis", "livekit-server", "livekit-sip")
EVERYTHING = tuple(NEEDS)
STARTS = 3

Told = Callable[[str, float], None]
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class _Options:
    parts: tuple[str, ...]
    worker_env: Mapping[str, str]
    given: Ports | None
    choose: Callable[[], Ports]
    told: Told
    settings: StackSettings


class Stack(Addresses):
    """A stack's running parts, and every address, key and place of it."""

    def __init__(self, plan: Callable[[Ports], Layout], options: "_Options") -> None:
        self.ready_after_s: dict[str, float] = {}
        """Seconds from each part's own start until it was ready."""
        self._plan = plan
        self._options = options
        self._running: dict[str, Running] = {}
        self._holding = ExitStack()

    @classmethod
    def start(
        cls,
        folder: Path | None = None,
        *,
        parts: Iterable[str] = EVERYTHING,
        worker_env: Mapping[str, str] | None = None,
        profiles: Path | None = None,
        brain: Path = BRAIN,
        sip_port: int | None = None,
        ports: Ports | Callable[[], Ports] | None = None,
        on_ready: Told | None = None,
        settings: StackSettings | None = None,
    ) -> "Stack":
        """A stack of `parts` and what they need: `async with` starts it and ends it.

        Args:
            folder: where everything of this stack goes; None makes one under the run folder.
            worker_env: over the worker's environment, for example another model.
            profiles: folder of profiles for the worker; None takes the one of the settings.
            brain: what the scripted model may hear and say.
            sip_port: SIP port to prefer; another is chosen if it is in use.
            ports: exactly these; or what to ask for some, again if they were taken meanwhile.
            on_ready: told each part's name and the seconds it took.

        Entering raises:
            ProgramMissing: `make setup` has not brought something.
            PortTaken: one of `ports` is in use.
            PartDied: a part ended while starting.
            NotReady: a part did not become ready in time.
        """
        settings = settings or StackSettings()
        place = (folder or new_folder(settings.run_folder)).resolve()
        options = _Options(
            parts=tuple(parts),
            worker_env=dict(worker_env or {}),
            given=ports if isinstance(ports, Ports) else None,
            choose=ports if callable(ports) else lambda: choose(sip=sip_port),
            told=on_ready or (lambda _part, _seconds: None),
            settings=settings,
        )
        spoken = (profiles or settings.rehearsal_profiles).resolve()
        return cls(
            lambda on: Layout(folder=place, ports=on, profiles=spoken, brain=brain.resolve()),
            options,
        )

    async def __aenter__(self) -> Self:
        self.died: asyncio.Future[PartDied] = asyncio.get_running_loop().create_future()
        self._guard = await Guard.start()
        try:
            await self._stand()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._end_all()
        finally:
            await self._leave()

    async def _leave(self) -> None:
        await self._guard.end()
        self._holding.close()

    async def _stand(self) -> None:
        """Start everything; on ports that somebody else took in between, again on others."""
        given = self._options.given
        if given and (taken := given.taken()):
            raise PortTaken(f"in use already: {', '.join(taken)}; free them or name others")
        for attempt in range(1, STARTS + 1):
            self._adopt(self._plan(given or self._options.choose()))
            try:
                await self._start_all()
            except PartDied as error:
                await self._end_all()
                if given or attempt == STARTS or "already in use" not in error.tail.lower():
                    raise
            except BaseException:
                await self._end_all()
                raise
            else:
                return

    def _adopt(self, layout: Layout) -> None:
        self.folder, self.ports = layout.folder, layout.ports
        self.api_key, self.api_secret = layout.api_key, layout.api_secret
        self.office_key, self.model_key = layout.office_key, layout.model_key
        self.records_key = layout.records_key
        self.numbers = written.numbers(layout)
        options = self._options
        self._parts = table(
            layout,
            worker_env=options.worker_env,
            settings=options.settings,
            wanted=options.parts,
        )
        written.write(layout)
        self._holding.enter_context(held(layout.folder))

    @property
    def records(self) -> RecordsAccess:
        """The worker's record."""
        found = {"url": self.records_url, "key": self.records_key, "spool": self.spool}
        return RecordsAccess.model_validate(found)

    def pid(self, part: str) -> int:
        """Process id of `part`."""
        return self._running[part].pid

    async def kill(self, part: str) -> None:
        """SIGKILL `part` and all it started, as a crash of its container would; not a `died`."""
        await self._running[part].kill()

    def crash(self, part: str) -> None:
        """SIGKILL `part` alone, as when it runs out of memory: what it started lives on; no `died`.

        `restart` ends what is left of it.
        """
        self._running[part].crash()

    async def end(self, part: str) -> None:
        """End `part` in its own way, SIGKILL after the grace; not a `died`."""
        await self._running[part].end(self._options.settings.stop_grace_s)

    async def restart(self, part: str) -> None:
        """End `part` if it runs, start it anew on the same ports, wait until it is ready.

        Redis forgets its trunks: restart "trunks" after it.
        """
        await self.end(part)
        await self._start_one(part)

    @asynccontextmanager
    async def beside(self, part: Part) -> AsyncIterator[None]:
        """Run one more part while the block lasts, ready from its start; its end is no `died`.

        Meanwhile it is known by its name, like any other.

        Raises:
            ProgramMissing, PartDied, NotReady: it does not come up.
        """
        self._parts[part.name] = part
        self._running[part.name] = await self._launch(part)
        try:
            await self._running[part.name].until_ready(self._options.settings.start_timeout_s)
            yield
        finally:
            del self._parts[part.name]
            await self._running.pop(part.name).end(self._options.settings.stop_grace_s)

    async def unless_dies(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of `work`, given up as soon as a part dies.

        Raises:
            PartDied: a part ended although nobody ended it.
        """
        task = asyncio.create_task(work)
        try:
            both: list[asyncio.Future[Any]] = [task, self.died]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if self.died.done():
                raise self.died.result()
            return task.result()
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _start_all(self) -> None:
        ready = {name: asyncio.Event() for name in self._parts}

        async def start(name: str) -> None:
            for need in NEEDS[name]:
                await ready[need].wait()
            await self._start_one(name)
            self._options.told(name, self.ready_after_s[name])
            ready[name].set()

        try:
            async with asyncio.TaskGroup() as group:
                for name in self._parts:
                    group.create_task(start(name))
        except BaseExceptionGroup as several:
            # One part's end often takes others along; the first is the cause.
            raise several.exceptions[0] from None

    async def _start_one(self, name: str) -> None:
        running = self._running[name] = await self._launch(self._parts[name])
        self.ready_after_s[name] = await running.until_ready(self._options.settings.start_timeout_s)
        running.ended.add_done_callback(lambda _: self._notice(running))

    async def _launch(self, part: Part) -> Running:
        log = self.log(part.name)
        return await Running.launch(part, log=log, guard=self._guard, inherited=os.environ)

    def _notice(self, running: Running) -> None:
        if not running.meant_to_end and not self.died.done():
            self.died.set_result(running.died())

    async def _end_all(self) -> None:
        grace_s = self._options.settings.stop_grace_s
        for part in self._running.values():
            part.meant_to_end = True
        for wave in in_ending_order(self._running):
            async with asyncio.TaskGroup() as group:
                for name in wave:
                    group.create_task(self._running[name].end(grace_s))
