"""One server for the tests of a module: loading the recogniser takes a second."""

from collections.abc import AsyncIterator

import pytest

from rehearsal.model import ModelServer
from tests.integration.model.calling import serving


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    """A model on a free port, with the receptionist's script."""
    async with serving() as running:
        yield running
