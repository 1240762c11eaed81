"""A database of a test's own, with its tables."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade


@pytest_asyncio.fixture
async def engine(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """It is open, and its tables are there."""
    await upgrade(access)
    async with open_engine(access) as engine:
        yield engine
