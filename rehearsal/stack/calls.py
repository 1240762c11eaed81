"""The record of a stack's worker, looked into while calls go on: it waits for nobody.

A record that is out of order, as some trials have it, holds nothing until it is back.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from records import CallView
from records.ledger import NotKept
from records.opened import open_record
from records.reading import Reader, Wanted
from records.settings import RecordsAccess

LOOK_AGAIN_S = 0.05
# The line closes first; then the job has its own limits for its record.
ENDED_WITHIN_S = 15.0

Found = TypeVar("Found")


class Calls:
    """The calls in a record, live ones too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def call(self, call_id: str) -> CallView | None:
        """A call as far as it is in the record."""
        try:
            return await self._reader.call(call_id)
        except NotKept:
            return None

    async def ids(self, wanted: Wanted) -> list[str]:
        """The ids of calls, the newest first."""
        try:
            return await self._reader.ids(wanted)
        except NotKept:
            return []

    async def ended(self, call_id: str, within_s: float = ENDED_WITHIN_S) -> CallView | None:
        """A call once its record is closed; None if that takes longer."""

        def closed(call: CallView) -> CallView | None:
            return None if call.outcome is None else call

        return await self.once(call_id, closed, within_s=within_s)

    async def once(
        self, call_id: str, look: Callable[[CallView], Found | None], *, within_s: float
    ) -> Found | None:
        """What `look` finds in a call, asked again until it finds something."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    call = await self.call(call_id)
                    if call is not None and (found := look(call)) is not None:
                        return found
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return None


@asynccontextmanager
async def open_calls(access: RecordsAccess) -> AsyncIterator[Calls]:
    """The calls in the record of `access`."""
    async with open_record(access) as record:
        yield Calls(record.reader)
