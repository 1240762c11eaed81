"""How each database is opened: durable, and never waited for longer than a caller can wait.

SQLite serves one machine: several processes write one file. PostgreSQL serves many. What differs
between them is here and nowhere else; `records.store` gives out transactions on both.
"""

import os
import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from records.settings import RecordsAccess

# What every session promises, whatever the server, the role or the database says by default.
PROMISES = ("synchronous_commit=on", r"default_transaction_isolation=read\ committed")
_FILE = "the file that was opened"
READS_ONLY = "frontdesk_reads_only"
"""Execution option of a connection whose transaction writes nothing."""
MAY_BE_REPEATED = "frontdesk_may_be_repeated"
"""Execution option of one that writes what lies somewhere else too: no disk is waited for."""


def engine_of(access: RecordsAccess) -> AsyncEngine:
    """The database of `access`, not reached yet."""
    url = make_url(access.url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, access.wait_s)
    return _postgresql(url, access.wait_s)


def _postgresql(url: URL, wait_s: float) -> AsyncEngine:
    wait_ms = max(1, round(wait_s * 1000))
    # Whoever is frozen within a transaction keeps others from the same wish: not for long.
    limits = (
        f"statement_timeout={wait_ms}",
        f"lock_timeout={wait_ms}",
        f"idle_in_transaction_session_timeout={2 * wait_ms}",
    )
    ours = [f"-c {setting}" for setting in (*PROMISES, *limits)]
    # Those of the URL stay, a search path for one.
    options = " ".join([*url.normalized_query.get("options", ()), *ours])
    return create_async_engine(
        url,
        pool_timeout=wait_s,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(1, round(wait_s)), "options": options},
    )


def _sqlite(url: URL, wait_s: float) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": wait_s})
    file = url.database or ""

    def must_be_there(*_: object) -> None:
        # SQLite would make an empty one, and aiosqlite 0.22 leaves a thread behind if it cannot.
        if not os.path.exists(file):
            raise sqlite3.OperationalError("the database file is not there")

    def opened(connection: Any, record: Any) -> None:
        record.info[_FILE] = _identity(file)
        _durable(connection)

    def still_the_same(_: Any, record: Any, __: Any) -> None:
        # A file that was removed or replaced can be written as long as it is open: into nowhere.
        if record.info[_FILE] != _identity(file):
            raise DisconnectionError

    event.listen(engine.sync_engine, "do_connect", must_be_there)
    event.listen(engine.sync_engine, "connect", opened)
    event.listen(engine.sync_engine, "checkout", still_the_same)
    event.listen(engine.sync_engine, "begin", _writing)
    return engine


def _identity(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _durable(connection: Any) -> None:
    # None: transactions are begun by `_writing`, not by the driver at the first change.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _writing(connection: Connection) -> None:
    # A transaction that reads first and writes then would fail when another has written between;
    # one that only reads waits for nobody, and is in nobody's way.
    options = connection.get_execution_options()
    # It outlives a killed process all the same, and twenty calls do not wait for one disk.
    durable = "NORMAL" if options.get(MAY_BE_REPEATED, False) else "FULL"
    connection.exec_driver_sql(f"PRAGMA synchronous={durable}")
    connection.exec_driver_sql("BEGIN" if options.get(READS_ONLY, False) else "BEGIN IMMEDIATE")
