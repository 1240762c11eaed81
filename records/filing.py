"""Brings a call's journal into the database, a moment behind the call and never in its way.

The job does it for its own call (`Filing`), the worker's parent for calls whose job is dead.
Entries stay in the journal until a transaction has them; filed twice they are there once. While the
call goes on a heartbeat is written too, by which others know that somebody is at it.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records import schema
from records.call_keys import insert_once, kept_key
from records.database_clock import database_now
from records.databases import MAY_BE_REPEATED
from records.journal import Journal
from records.kept import has_ended
from records.ledger import NotKept
from records.rows import Call, Rows, caller_digest, rows_of
from records.sealing import Seal
from records.spans import record_write
from records.store import transact

# Entries of one moment become one transaction.
GATHERED_S = 0.2
TRIED_AGAIN_S = 1.0
HEARTBEAT_S = 5.0
# Longer than one transaction may take. The line is closed by then; the journal keeps the rest.
FLUSH_S = 3.0
MOST_AT_ONCE = 200

log = structlog.get_logger(__name__)


async def file_entries(
    engine: AsyncEngine, journal: Journal, records_seal: Seal, *, alive: bool
) -> None:
    """Have the first `waiting` entries of `journal` in the database, at most MOST_AT_ONCE of them.

    `alive` also writes the heartbeat of a call that goes on; it is worth a transaction of its own.

    Raises:
        NotKept: they may be there or not, and have to be filed again.
    """
    entries = journal.waiting[:MOST_AT_ONCE]

    async def work(connection: AsyncConnection) -> None:
        # Forgotten meanwhile: what is filed now must not bring it back.
        seal = journal.key.seal if await kept_key(connection, journal.key) else None
        call = Call(journal.call_id, seal, lambda number: caller_digest(records_seal, number))
        await _write(connection, journal.call_id, rows_of(call, entries), alive=alive)

    with record_write("entries", entries=len(entries)):
        try:
            # The last one of a call is on the disk, and with it those before: then its spool goes.
            await transact(engine, work, option=MAY_BE_REPEATED if alive else "")
        except IntegrityError as error:
            # No other row is in the way of these; whatever it is, the call must not end of it.
            raise NotKept(f"the database refuses entries: {type(error.orig).__name__}") from None
    journal.filed(len(entries))


class Filing:
    """One call's journal on its way into the database, by the job that holds the call.

    `on_pending` hears how many entries wait and since when, seconds since 1970, whenever the
    database did not take them and when it does again.
    """

    def __init__(self, engine: AsyncEngine, journal: Journal, records_seal: Seal) -> None:
        self.on_pending: Callable[[int, float], None] = lambda _, __: None
        self._engine, self._journal, self._seal = engine, journal, records_seal
        self._news = asyncio.Event()
        self._failed = False
        self._task: asyncio.Task[None] | None = None
        journal.on_entry = self._news.set

    def begin(self) -> None:
        """File what is written from now on, until it is closed."""
        self._news.set()
        self._task = asyncio.create_task(self._keep_filing())

    async def close(self) -> bool:
        """File the rest; whether all of it is in the database, so that nothing is left here."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(FLUSH_S):
                while self._journal.waiting:
                    await self._file(alive=False)
        except (NotKept, TimeoutError):
            pass
        left = self._journal.unfiled
        if left:
            log.error("a record is not in the database yet", left=left)
        return not left

    async def _keep_filing(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._news.wait()
                    await asyncio.sleep(GATHERED_S)
            self._news.clear()
            try:
                await self._file(alive=True)
            except NotKept:
                self._news.set()
                await asyncio.sleep(TRIED_AGAIN_S)
            if self._journal.waiting:
                # More than one transaction takes: no news will come of what is there already.
                self._news.set()

    async def _file(self, *, alive: bool) -> None:
        try:
            await file_entries(self._engine, self._journal, self._seal, alive=alive)
        except NotKept as error:
            if not self._failed:
                log.warning("the record waits for the database", error=str(error))
            self._failed = True
            self._tell()
            raise
        if self._failed:
            self._failed = bool(self._journal.waiting)
            self._tell()

    def _tell(self) -> None:
        self.on_pending(self._journal.unfiled, self._journal.unfiled_since)


async def _write(connection: AsyncConnection, call_id: str, rows: Rows, *, alive: bool) -> None:
    for table, new in rows.new.items():
        await connection.execute(insert_once(connection, table), new)
    uses = schema.tool_uses.c
    for key, told in rows.writes.items():
        await connection.execute(update(schema.tool_uses).where(uses.id == key).values(**told))
    for key, arguments in rows.withheld.items():
        # Staff need what was asked for until somebody knows whether it was done.
        certain = update(schema.tool_uses).where(uses.id == key, has_ended())
        await connection.execute(certain.values(arguments=arguments))
    for number, words in rows.reworded.items():
        turns = schema.turns.c
        of_turn = update(schema.turns).where(turns.call_id == call_id, turns.entry == number)
        await connection.execute(of_turn.values(text=words))
    if rows.recorded:
        of_call = update(schema.recordings).where(schema.recordings.c.call_id == call_id)
        await connection.execute(of_call.values(**rows.recorded))
    facts = dict(rows.facts)
    calls = schema.calls.c
    if schema.model_usage in rows.new or rows.recorded:
        # It comes late, or again: what was worked out before does not hold it.
        facts["costed_at"] = None
    if alive:
        facts["heartbeat_at"] = database_now()
    if facts:
        await connection.execute(update(schema.calls).where(calls.id == call_id).values(**facts))
