"""Has the bytes of what was deleted gone from the database's own files, as far as it lets go.

Deleted rows stay in pages and logs for a while, where a key could be found that was destroyed.
"""

import asyncio
import sqlite3

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from records.ledger import NotKept

# No caller waits; readers and writers are waited for.
OVERWRITE_S = 30.0
_TABLES = "call_keys, calls, turns, tool_uses, follow_ups, recordings, products"


async def overwrite(engine: AsyncEngine) -> None:
    """Do so now. PostgreSQL's log and its backups keep what they hold until they are recycled.

    Raises:
        NotKept: the database is out of order, or busy for long; deleted it is all the same.
    """
    try:
        async with asyncio.timeout(OVERWRITE_S):
            if engine.dialect.name == "sqlite":
                await asyncio.to_thread(_empty_the_log, engine.url.database or "")
                return
            async with engine.connect() as connection:
                raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await raw.execute(text(f"VACUUM {_TABLES}"))
    except (SQLAlchemyError, sqlite3.Error, TimeoutError, OSError) as error:
        raise NotKept(
            "it is deleted, but the database could not be made to overwrite it: repeat the command"
            f" ({type(error).__name__})"
        ) from error


def _empty_the_log(file: str) -> None:
    # In the file itself deleted rows are zeros already (`records.databases`).
    connection = sqlite3.connect(file, timeout=OVERWRITE_S / 2)
    try:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise TimeoutError
