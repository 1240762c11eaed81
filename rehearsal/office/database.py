"""The office's one SQLite file: who may read, who may write, and that a write is all or nothing.

Writers take turns (`BEGIN IMMEDIATE` on one connection), which is what makes an idempotency key and
a booked slot safe. Readers use a second connection and see committed rows only. Called by routes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import aiosqlite

from rehearsal.office.schema import TABLE_NAMES, TABLES
from rehearsal.office.seed import SEED, rows

COMPANY_ZONE = ZoneInfo("America/Los_Angeles")
BUSY_TIMEOUT_S = 5.0

Row: TypeAlias = aiosqlite.Row
Connection: TypeAlias = aiosqlite.Connection


def utc_now() -> str:
    """This moment as the office writes it: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Database:
    """Both connections to one file. Make it with `open_database`."""

    def __init__(self, reader: Connection, writer: Connection) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    async def all(self, query: str, *values: object) -> list[Row]:
        """Committed rows that answer `query`."""
        return list(await self._reader.execute_fetchall(query, values))

    async def one(self, query: str, *values: object) -> Row | None:
        """The first committed row that answers `query`."""
        return next(iter(await self.all(query, *values)), None)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """One transaction: committed when the block ends, undone when it raises."""
        async with self._turn:
            await self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                await self._writer.commit()
            except BaseException:
                await self._writer.rollback()
                raise

    async def restore(self, today: date | None) -> None:
        """Put everything back as on the first day; keys and effects are forgotten too."""
        async with self.writing() as tx:
            await tx.execute("PRAGMA defer_foreign_keys = ON")
            for name in TABLE_NAMES:
                await tx.execute(f"DELETE FROM {name}")  # noqa: S608  # our own literals
            await _fill(tx, today or company_today())


def company_today() -> date:
    """The day at the company, in Los Angeles."""
    return datetime.now(COMPANY_ZONE).date()


@asynccontextmanager
async def open_database(path: Path, *, today: date | None) -> AsyncIterator[Database]:
    """Open `path`, making and seeding it first if it holds nothing yet."""
    async with _connect(path) as writer, _connect(path) as reader:
        found = await first(writer, "SELECT 1 FROM sqlite_master WHERE name = 'about'")
        if found is None:
            await _found(writer, today or company_today())
        yield Database(reader, writer)


async def first(connection: Connection, query: str, *values: object) -> Row | None:
    """The first row that answers `query`, inside the connection's own transaction."""
    return next(iter(await connection.execute_fetchall(query, values)), None)


async def record_effect(
    tx: Connection,
    key: str,
    operation: str,
    subject: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """Note, in the same transaction, what `operation` changed; rehearsals are judged by it."""
    await tx.execute(
        "INSERT INTO effects (at, key, operation, subject, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (utc_now(), key, operation, subject, json.dumps(before), json.dumps(after)),
    )


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[Connection]:
    async with aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S) as connection:
        connection.row_factory = aiosqlite.Row
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        yield connection


async def _fill(writer: Connection, today: date) -> None:
    for table, group in groupby(rows(today), key=itemgetter(0)):
        values = [row for _, row in group]
        marks = ", ".join("?" for _ in values[0])
        # Table names are our own literals, never input.
        await writer.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
    about = [("seeded_on", today.isoformat()), ("seed", str(SEED))]
    await writer.executemany("INSERT INTO about VALUES (?, ?)", about)


async def _found(writer: Connection, today: date) -> None:
    await writer.executescript(f"BEGIN IMMEDIATE; {TABLES}")
    try:
        await _fill(writer, today)
        await writer.commit()
    except BaseException:
        await writer.rollback()
        raise
