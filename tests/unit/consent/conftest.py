"""A question is asked and answered in virtual time."""

from collections.abc import Callable, Mapping

from tests.unit.desk_tools.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], VirtualTimeLoop]]:
    """Run the tests of this folder where waiting takes no time."""
    return {"virtual": VirtualTimeLoop}
