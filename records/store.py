"""The database of the record: opened with what makes a write durable, brought to today's tables.

SQLite serves one machine: several processes write one file, each write is on the disk when it is
told done. PostgreSQL serves many; it has not been run yet. A `records.ledger.Ledger` works on it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from records.settings import RecordsAccess

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, if nothing else in the database locks by it.
UPGRADE_LOCK = 4_027_151


@asynccontextmanager
async def open_store(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """The database, whose tables are made or brought up to date first.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: it cannot be reached or written.
    """
    engine = _engine(access)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
        yield engine
    finally:
        await engine.dispose()


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


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
