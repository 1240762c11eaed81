"""How many calls are made at once, and when a stack may start: never during one.

A call takes a third of a core and a starting stack all there are for ten seconds; a call that gets
less is chopped to pieces. A stack that is to start waits until there is no call, and new calls wait
for it. A call within a call, as when a second caller finds the line busy, waits for nothing.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any

from rehearsal.stack import Stack

_in_call: ContextVar[bool] = ContextVar("in_call", default=False)


class Floor:
    """Who has it: up to so many calls, or one stack that starts."""

    def __init__(self, calls_at_once: int) -> None:
        self._most = calls_at_once
        self._changed = asyncio.Condition()
        self._calls = self._starts = self._ahead = 0
        self._starting = False

    def _may(self, *, first: bool) -> bool:
        place = self._calls < self._most and not self._starts
        return place and (first or not self._ahead)

    @asynccontextmanager
    async def call(self, *, first: bool = False) -> AsyncIterator[None]:
        """One call; `first` goes before all others that wait.

        What is made one after the other would otherwise be left over for the end, alone.
        """
        async with self._changed:
            if not _in_call.get():
                self._ahead += first
                try:
                    await self._changed.wait_for(lambda: self._may(first=first))
                finally:
                    self._ahead -= first
                    # Who stood behind it may have a place as well.
                    self._changed.notify_all()
            self._calls += 1
        outer = _in_call.set(True)
        try:
            yield
        finally:
            _in_call.reset(outer)
            async with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def start(self) -> AsyncIterator[None]:
        """One stack, until it stands."""
        async with self._changed:
            self._starts += 1
            await self._changed.wait_for(lambda: not self._calls and not self._starting)
            self._starting = True
        try:
            yield
        finally:
            async with self._changed:
                self._starting = False
                self._starts -= 1
                self._changed.notify_all()


CALLS_AT_ONCE = int(os.environ.get("E2E_CALLS_AT_ONCE", "2"))
FLOOR = Floor(CALLS_AT_ONCE)
"""The only one: all stacks share this machine."""


@asynccontextmanager
async def standing(*where: Any, **how: Any) -> AsyncIterator[Stack]:
    """A stack as `Stack.start` makes it, started while nobody is on the phone."""
    async with AsyncExitStack() as stays:
        async with FLOOR.start():
            stack = await stays.enter_async_context(Stack.start(*where, **how))
        yield stack
