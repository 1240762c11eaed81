"""A database of a test's own, with its tables; and a server that a test may stop."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from tests.integration.postgres import Postgres, serving


@pytest.fixture(scope="package")
def crashing() -> Iterator[Postgres]:
    """Whoever stops it starts it again."""
    with serving() as server:
        yield server


@pytest_asyncio.fixture
async def engine(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """It is open, and its tables are there."""
    await upgrade(access)
    async with open_engine(access) as engine:
        yield engine
