"""Every test of the gate gets a desk of its own, in virtual time."""

from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], VirtualTimeLoop]]:
    """Run the tests of this folder where waiting takes no time."""
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A call from Robin Ellis's number."""
    async with opened() as made:
        yield made
