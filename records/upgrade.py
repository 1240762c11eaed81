"""Brings a database to today's tables, once, before anybody works on it.

The worker's parent does it at its start, its jobs find it done.
"""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from records.ledger import NotKept
from records.settings import RecordsAccess
from records.store import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, if nothing else in the database locks by it.
UPGRADE_LOCK = 4_027_151
UPGRADE_WAIT_S = 60.0


async def upgrade(access: RecordsAccess) -> None:
    """Make the tables, or bring them up to date; one at a time in a process, as alembic is made.

    Raises:
        NotKept: the database cannot be reached or written; the message names setting and fix.
    """
    # No caller waits here, but other workers may that begin at the same time.
    patient = access.model_copy(update={"wait_s": UPGRADE_WAIT_S})
    try:
        _probe(access.url)
        async with open_engine(patient) as engine, engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise NotKept(
            f"the database of FRONTDESK_RECORDS_URL cannot be used ({type(cause).__name__}:"
            f" {cause}): mend it or name another (see docs/settings.md)"
        ) from error


def _probe(url: str) -> None:
    """Open a SQLite file: aiosqlite 0.22 leaves a thread that complains later if it cannot."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite":
        sqlite3.connect(found.database or ":memory:").close()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
