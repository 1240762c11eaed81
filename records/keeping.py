"""The record of one call as the job that holds the call keeps it: journal, ledger, and their end.

Opened before anything is known of the database, which may be down: the call goes on with what the
disk and the memory hold. Closed last, when the line is closed already.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from records.filing import Filing
from records.journal import Journal, begin
from records.keyring import keyring_of
from records.opened import Record, open_record
from records.settings import RecordsAccess
from records.spool import Room

log = structlog.get_logger(__name__)


class Keeping:
    """A call's record while the call goes on."""

    def __init__(
        self, journal: Journal, record: Record, filing: Filing, spool: Path, open_: AsyncExitStack
    ) -> None:
        self.journal, self.record, self.spool = journal, record, spool
        self._filing, self._open = filing, open_

    def tell_pending(self, told: Callable[[int, float], None]) -> None:
        """Have `told` hear how many entries wait for the database, and since when."""
        self._filing.on_pending = told

    async def close(self) -> bool:
        """File the rest and let go; whether all of it is in the database.

        What is not stays on this machine's disk, for the worker's parent.
        """
        whole = await self._filing.close()
        if whole:
            self.journal.remove()
        else:
            self.journal.close()
        if lost := self.journal.lost:
            log.error(
                "entries of a record are lost: neither disk nor database took them", lost=lost
            )
        await self._open.aclose()
        return whole


async def keep(access: RecordsAccess, call_id: str) -> Keeping:
    """Begin the record of a call."""
    room = Room(access.spool, access.spool_bytes)
    journal = begin(access.spool, keyring_of(access.key_bytes), call_id, room=room)
    async with AsyncExitStack() as stack:
        record = await stack.enter_async_context(open_record(access, call=journal.key))
        filing = Filing(record.engine, journal, record.seals.records)
        filing.begin()
        return Keeping(journal, record, filing, access.spool, stack.pop_all())
    raise AssertionError("unreachable")
