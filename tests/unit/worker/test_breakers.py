"""What a dashboard is told of breakers that all jobs share."""

import pytest
from prometheus_client import REGISTRY

from agent.breakers import tell
from tools.breaker import OPENS_AFTER, Breaker
from tools.shared import LocalStore, Shared

TOOLS = ("look_up_order", "cancel_order")


class Away(LocalStore):
    """A Redis that answers until it goes."""

    gone = False

    async def get(self, name: str) -> int:
        """See `Store`."""
        if self.gone:
            raise OSError
        return await super().get(name)


def opened(tool: str) -> float | None:
    """The present value of the series."""
    return REGISTRY.get_sample_value("frontdesk_tool_breaker_open", {"tool": tool})


async def test_an_open_breaker_is_seen_and_a_closed_one_too() -> None:
    """One for each tool that a profile offers."""
    shared = Shared(LocalStore())
    breaker = Breaker(shared, "look_up_order", trial_s=4.0)
    for _ in range(OPENS_AFTER):
        await breaker.failed()

    await tell(shared, TOOLS)
    assert (opened("look_up_order"), opened("cancel_order")) == (1.0, 0.0)

    await breaker.succeeded()
    await tell(shared, TOOLS)
    assert opened("look_up_order") == 0.0


@pytest.mark.parametrize("tool", TOOLS)
async def test_nothing_is_told_that_nobody_knows(tool: str) -> None:
    """Without Redis each job has breakers of its own."""
    store = Away()
    shared = Shared(store)
    await tell(shared, TOOLS)
    store.gone = True
    await tell(shared, TOOLS)

    assert opened(tool) is None
