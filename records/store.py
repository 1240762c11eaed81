"""Transactions on the record's database, each within a time that a caller can wait.

`records.upgrade` brings a database to today's tables, `records.kept` and `records.follow_ups` work
on them, `records.databases` knows what differs between SQLite and PostgreSQL.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.databases import READS_ONLY, engine_of
from records.ledger import NotKept
from records.settings import RecordsAccess

# A caller is on the line. Past the database's own limits, for one that hangs.
TRANSACTION_S = 2.0
# What is given up may take to let go of its connection; then it is left alone with it.
LETTING_GO_S = 1.0
# SQLite may write its log into the file first; what hangs is left to the end of the process.
CLOSING_S = 5.0

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]

# Transactions that nobody waits for any more end by themselves, and before their engine.
_given_up: dict[AsyncEngine, set[asyncio.Task[Any]]] = {}


@asynccontextmanager
async def open_engine(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """The database as it is; it is reached when something is asked of it."""
    engine = engine_of(access)
    _given_up[engine] = set()
    try:
        yield engine
    finally:
        if left := _given_up.pop(engine):
            for task in left:
                # The second time: psycopg closes a connection that it could not free the first.
                task.cancel()
            await asyncio.wait(left, timeout=LETTING_GO_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await engine.dispose()


async def transact(engine: AsyncEngine, work: Work[Result], *, option: str = "") -> Result:
    """What `work` returns: all that it does or nothing of it, on the disk when this returns.

    A transaction in a task of its own: a driver may take many seconds to give up a server that
    hangs (psycopg 3.3: ten), a thread that waits for a disk takes for ever, and whoever asked has
    their answer all the same.

    `option` is one of `records.databases`.

    Raises:
        NotKept: the database is out of order, or too slow; whether it was done is not known.
        sqlalchemy.exc.IntegrityError: somebody else was first.
    """
    task = asyncio.create_task(_transaction(engine, work, option))
    try:
        await asyncio.wait([task], timeout=TRANSACTION_S)
    finally:
        if not task.done():
            _give_up(engine, task)
    if not task.done():
        raise NotKept("the database took too long")
    try:
        return task.result()
    except IntegrityError:
        raise
    except (SQLAlchemyError, OSError) as error:
        # The message would hold the statement's values; the type says what to look for.
        cause = getattr(error, "orig", None) or error
        raise NotKept(f"the database failed: {type(cause).__name__}") from None


async def look(engine: AsyncEngine, work: Work[Result]) -> Result:
    """What `work` finds; it writes nothing. Otherwise as `transact`."""
    return await transact(engine, work, option=READS_ONLY)


async def _transaction(engine: AsyncEngine, work: Work[Result], option: str) -> Result:
    async with engine.connect() as connection:
        if option:
            await connection.execution_options(**{option: True})
        async with connection.begin():
            return await work(connection)


def _give_up(engine: AsyncEngine, task: asyncio.Task[Any]) -> None:
    def ended(task: asyncio.Task[Any]) -> None:
        _given_up.get(engine, set()).discard(task)
        if not task.cancelled():
            # Nobody else looks at it, and asyncio would complain.
            task.exception()

    task.cancel()
    _given_up[engine].add(task)
    task.add_done_callback(ended)
