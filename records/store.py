"""The database of the record: opened with what makes a write durable.

SQLite serves one machine: several processes write one file, each write is on the disk when it is
told done. PostgreSQL serves many; it has not been run yet. `records.upgrade` brings a database to
today's tables, `records.kept` works on them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from records.ledger import NotKept
from records.settings import RecordsAccess

# A caller is on the line. Past the database's own limits, for a disk that hangs.
TRANSACTION_S = 2.0


@asynccontextmanager
async def open_engine(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """The database as it is; it is reached when something is asked of it."""
    engine = _engine(access)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """All of the block or nothing of it, on the disk when it ends.

    Raises:
        NotKept: the database is out of order, or too slow.
        sqlalchemy.exc.IntegrityError: somebody else was first.
    """
    try:
        async with asyncio.timeout(TRANSACTION_S), engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except TimeoutError as error:
        raise NotKept("the database took too long") from error
    except (SQLAlchemyError, OSError) as error:
        # The message would hold the statement's values; the type says what to look for.
        raise NotKept(f"the database failed: {type(error).__name__}") from None


def _engine(access: RecordsAccess) -> AsyncEngine:
    if make_url(access.url).get_backend_name() == "sqlite":
        engine = create_async_engine(access.url, connect_args={"timeout": access.wait_s})
        event.listen(engine.sync_engine, "connect", _durable)
        event.listen(engine.sync_engine, "begin", _writing)
        return engine
    wait_ms = round(access.wait_s * 1000)
    options = f"-c statement_timeout={wait_ms} -c lock_timeout={wait_ms}"
    return create_async_engine(
        access.url,
        pool_timeout=access.wait_s,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(1, round(access.wait_s)), "options": options},
    )


def _durable(connection: Any, _: object) -> None:
    # None: transactions are begun by `_writing`, not by the driver at the first change.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _writing(connection: Connection) -> None:
    # A transaction that reads first and writes then would fail when another has written between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
