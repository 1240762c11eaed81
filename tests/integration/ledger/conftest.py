"""A database of a test's own."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def access(tmp_path: Path) -> RecordsAccess:
    """Where it is."""
    return RecordsAccess.model_validate(
        {"url": f"sqlite+aiosqlite:///{tmp_path}/records.db", "key": KEY}
    )


@pytest_asyncio.fixture
async def engine(access: RecordsAccess) -> AsyncIterator[AsyncEngine]:
    """It is open, and its tables are there."""
    await upgrade(access)
    async with open_engine(access) as engine:
        yield engine
