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
LOCK_S = 3.0
_TABLES = "calls, turns, tool_uses, follow_ups, recordings, products"


async def overwrite(engine: AsyncEngine) -> None:
    """Do so now. PostgreSQL's log and its backups keep what they hold until they are recycled, and
    its tables keep sealed bytes in free room; keys of calls are in no table any more.

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
                # Written anew, a row of a hundred bytes for each call: whoever files a call
                # meanwhile waits for a moment. Behind a backup that is being made nobody waits.
                await raw.execute(text(f"SET lock_timeout = '{LOCK_S:g}s'"))
                try:
                    await raw.execute(text("VACUUM FULL call_keys"))
                finally:
                    await raw.execute(text("RESET lock_timeout"))
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
