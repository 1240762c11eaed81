"""Marks every test by the folder it lives in, so that cost can be chosen: `pytest -m unit`."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about what is tested.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

COSTS = ("unit", "integration", "e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of its folder under tests/."""
    here = Path(__file__).parent
    for item in items:
        cost = item.path.relative_to(here).parts[0]
        if cost not in COSTS:
            raise pytest.UsageError(f"{item.path} stands outside {', '.join(COSTS)}")
        item.add_marker(getattr(pytest.mark, cost))
