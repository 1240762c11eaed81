"""The databases a record can be in: SQLite by a file, PostgreSQL by a real server."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.settings import RecordsAccess
from tests.integration.postgres import Postgres, serving

DATABASES = ("sqlite", "postgresql")
RECORDS_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of this process; no test may stop it."""
    with serving() as server:
        yield server


def in_file(folder: Path) -> RecordsAccess:
    """A record in SQLite that is not there yet."""
    url = f"sqlite+aiosqlite:///{folder}/records.db"
    return RecordsAccess.model_validate({"url": url, "key": RECORDS_KEY})


def in_postgres(server: Postgres, name: str = "") -> RecordsAccess:
    """A record in the database of that name, or in a new one, without tables."""
    url = server.url(name or server.made())
    return RecordsAccess.model_validate({"url": url, "key": RECORDS_KEY})


def record_on(database: str, request: pytest.FixtureRequest, folder: Path) -> RecordsAccess:
    """A record of a test's own on one of DATABASES."""
    if database == "sqlite":
        return in_file(folder)
    return in_postgres(request.getfixturevalue("postgres"))


@pytest.fixture(params=DATABASES)
def access(request: pytest.FixtureRequest, tmp_path: Path) -> RecordsAccess:
    """A record of the test's own, without tables: once on each database."""
    return record_on(request.param, request, tmp_path)
