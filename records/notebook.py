"""Keeps every use of a tool in the record, those that changed nothing too; no caller waits for it.

Uses are written together, a moment after they ended. What a database that is down cannot take is
tried again until the call is over, and then counted as lost.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import structlog

from records.ledger import Noted, NotKept

# Uses of one moment become one transaction.
GATHERED_S = 0.2
TRIED_AGAIN_S = 1.0
# Longer than one transaction may take.
FLUSH_S = 3.0
# More than any call may have; a model in a loop fills no memory.
MOST_WAITING = 1000

log = structlog.get_logger(__name__)


class Notes(Protocol):
    """Where uses are written down; may raise `NotKept`."""

    async def note(self, uses: Sequence[Noted]) -> None:
        """Write down uses that are over."""


class Notebook:
    """One call's uses on their way into the record."""

    def __init__(self, notes: Notes) -> None:
        self.lost = 0
        self._notes = notes
        self._waiting: list[Noted] = []
        self._news = asyncio.Event()

    def tell(self, use: Noted) -> None:
        """Have it written down; returns at once."""
        if len(self._waiting) >= MOST_WAITING:
            self.lost += 1
            return
        self._waiting.append(use)
        self._news.set()

    async def keep_writing(self) -> None:
        """Write what is told, for ever."""
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHERED_S)
            if not await self.write():
                await asyncio.sleep(TRIED_AGAIN_S)

    async def write(self) -> bool:
        """Write what is waiting now; whether that went well."""
        self._news.clear()
        uses = list(self._waiting)
        if not uses:
            return True
        try:
            await self._notes.note(uses)
        except NotKept:
            self._news.set()
            return False
        # Only now: a call that ends in the meantime writes them once more rather than not at all.
        del self._waiting[: len(uses)]
        return True

    async def close(self) -> None:
        """Write the rest; what cannot be written by then is lost, and counted."""
        try:
            async with asyncio.timeout(FLUSH_S):
                await self.write()
        except TimeoutError:
            pass
        self.lost += len(self._waiting)
        if self.lost:
            log.error("uses of tools could not be kept in the record", lost=self.lost)


@asynccontextmanager
async def open_notebook(notes: Notes) -> AsyncIterator[Callable[[Noted], None]]:
    """Where to tell uses while the block lasts."""
    notebook = Notebook(notes)
    task = asyncio.create_task(notebook.keep_writing())
    try:
        yield notebook.tell
    finally:
        task.cancel()
        await asyncio.wait([task])
        await notebook.close()
