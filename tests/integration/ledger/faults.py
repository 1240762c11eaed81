"""A database out of order in every way it can be, and mended again when the block ends."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from records.databases import READS_ONLY
from records.settings import RecordsAccess
from tests.integration.postgres import Postgres

Fault = Callable[[RecordsAccess, Postgres | None], AbstractContextManager[None]]


@contextmanager
def locked(access: RecordsAccess, server: Postgres | None) -> Iterator[None]:
    """Somebody else holds it for longer than anybody waits."""
    if server is None:
        other = sqlite3.connect(_file(access), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.close()
        return
    name = make_url(access.url).database or ""
    with server.connected(name) as connection, connection.transaction():
        connection.execute("LOCK TABLE tool_uses, follow_ups")
        yield


@contextmanager
def gone(access: RecordsAccess, server: Postgres | None) -> Iterator[None]:
    """Its folder is not there, or its server."""
    if server is None:
        folder = _file(access).parent
        aside = folder.rename(folder.with_name(f"{folder.name}-aside"))
        try:
            yield
        finally:
            aside.rename(folder)
        return
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(_: RecordsAccess, server: Postgres | None) -> Iterator[None]:
    """Its server takes what it is sent and says nothing."""
    assert server is not None
    with server.frozen():
        yield


@contextmanager
def refusing(engine: AsyncEngine, about: str) -> Iterator[None]:
    """It fails at every statement with this value in it, and at no other."""

    def refuse(*told: object) -> None:
        if about in str(told[3]):
            raise OperationalError("refused", None, Exception("a fault on demand"))

    event.listen(engine.sync_engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", refuse)


@contextmanager
def not_saying_so(engine: AsyncEngine) -> Iterator[None]:
    """It does what it is asked to, and fails before it says so."""

    def commit(connection: Connection) -> None:
        connection.connection.commit()
        if not connection.get_execution_options().get(READS_ONLY):
            raise OperationalError("lost", None, Exception("a fault on demand"))

    event.listen(engine.sync_engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "commit", commit)


FAULTS: list[tuple[str, Fault]] = [
    ("sqlite", locked),
    ("sqlite", gone),
    ("postgresql", locked),
    ("postgresql", gone),
    ("postgresql", frozen),
]


def _file(access: RecordsAccess) -> Path:
    return Path(make_url(access.url).database or "")
