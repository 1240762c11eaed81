"""The worker's parent tells the dashboard which tools are spared because the back office fails.

Breakers live in Redis, where every job finds them; without one each job has its own, and nothing is
told.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from agent import metrics
from tools.breaker import is_open
from tools.settings import SharedAccess
from tools.shared import Shared, open_shared

# Half of the time for which a breaker stays open.
EVERY_S = 5.0


@asynccontextmanager
async def telling_breakers(tools: Collection[str]) -> AsyncIterator[None]:
    """Do so for `tools` while the block lasts."""
    access = SharedAccess()
    if access.url is None:
        yield
        return
    # Names of breakers hold nobody's number: nothing is digested.
    async with open_shared(access.url, digest=str) as shared:
        task = asyncio.create_task(_keep_telling(shared, tools))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _keep_telling(shared: Shared, tools: Collection[str]) -> None:
    while True:
        await tell(shared, tools)
        await asyncio.sleep(EVERY_S)


async def tell(shared: Shared, tools: Collection[str]) -> None:
    """Set the series once; a Redis that does not answer leaves none that could be wrong."""
    states = {tool: await is_open(shared, tool) for tool in tools}
    if not shared.shared:
        metrics.TOOL_BREAKER_OPEN.clear()
        return
    for tool, opened in states.items():
        metrics.TOOL_BREAKER_OPEN.labels(tool=tool).set(opened)
