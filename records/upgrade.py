"""Brings a database to today's tables, and to its key, once, before anybody works on it.

The worker's parent does it at its start, its jobs find it done.
"""

import asyncio
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from records.ledger import NotKept
from records.own_key import claim
from records.sealing import Seal
from records.settings import RecordsAccess
from records.store import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, if nothing else in the database locks by it.
UPGRADE_LOCK = 4_027_151
UPGRADE_WAIT_S = 60.0
# Past the database's own limits, for one that hangs.
UPGRADE_S = 300.0


async def upgrade(access: RecordsAccess) -> None:
    """Make the tables, or bring them up to date; one at a time in a process, as alembic is made.

    Raises:
        NotKept: the database cannot be reached or written, is newer than this program, or belongs
            to another key; the message names setting and fix.
    """
    # No caller waits here, but other workers may that begin at the same time.
    patient = access.model_copy(update={"wait_s": UPGRADE_WAIT_S})
    try:
        _probe(access.url)
        async with (
            asyncio.timeout(UPGRADE_S),
            open_engine(patient) as engine,
            engine.begin() as connection,
        ):
            await connection.run_sync(_upgrade)
            await connection.run_sync(claim, Seal(access.key_bytes))
    except CommandError as error:
        raise NotKept(
            "the database of FRONTDESK_RECORDS_URL was made by a newer frontdesk"
            f" ({_plainly(error)}): run that one, or name another database"
        ) from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise NotKept(
            f"the database of FRONTDESK_RECORDS_URL cannot be used ({_plainly(error)}):"
            " mend it or name another (see docs/settings.md)"
        ) from error


def _plainly(error: Exception) -> str:
    """On one line; without the statement, whose values SQLAlchemy would show."""
    cause = getattr(error, "orig", None) or error
    return " ".join(f"{type(cause).__name__}: {cause}".split())


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
