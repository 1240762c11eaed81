"""Spares callers the wait for a back office that is known to fail, and the office their requests.

One for each tool, shared by all calls. It opens after several failures without a success between;
then nobody asks for a while, then one call tries for all.
"""

from collections.abc import Mapping

from tools.catalogue import Tool
from tools.outcome import ANSWERED, FAILED, Outcome
from tools.shared import Shared

OPENS_AFTER = 5
WITHIN_S = 60.0
OPEN_S = 10.0
# Until then somebody has tried, or nobody calls at all.
REMEMBERED_S = 600.0


class Breaker:
    """The breaker of `tool`; `trial_s` is how long one use may take to try."""

    def __init__(self, shared: Shared, tool: str, *, trial_s: float) -> None:
        self._shared, self._trial_s = shared, trial_s
        self._failures, self._open = f"breaker:{tool}:failures", f"breaker:{tool}:open"
        self._tries = False
        self._tripped, self._trial = f"breaker:{tool}:tripped", f"breaker:{tool}:trial"

    async def lets_through(self) -> bool:
        """Whether the office may be asked now."""
        if await self._shared.get(self._open):
            return False
        if await self._shared.get(self._tripped):
            self._tries = await self._shared.claim(self._trial, self._trial_s)
            return self._tries
        return True

    async def not_needed(self) -> None:
        """The office was not asked after all: another call may try."""
        if self._tries:
            self._tries = False
            await self._shared.drop(self._trial)

    async def failed(self) -> None:
        """The office was asked in vain."""
        failures = await self._shared.add(self._failures, 1, WITHIN_S)
        if failures >= OPENS_AFTER or await self._shared.get(self._tripped):
            await self._shared.drop(self._tripped)
            await self._shared.claim(self._tripped, REMEMBERED_S)
            await self._shared.claim(self._open, OPEN_S)
            await self._shared.drop(self._trial)

    async def succeeded(self) -> None:
        """The office answered."""
        await self._shared.drop(self._failures, self._open, self._tripped, self._trial)


async def is_open(shared: Shared, tool: str) -> bool:
    """Whether `tool` is spared now, or tried by one call only."""
    # Tripped until a trial has succeeded.
    return bool(await shared.get(f"breaker:{tool}:tripped"))


class Breakers:
    """The breakers of one call's tools; what is of our own record needs none."""

    def __init__(self, shared: Shared, tools: Mapping[str, Tool]) -> None:
        self._breakers = {
            name: Breaker(shared, name, trial_s=tool.policy.deadline_s)
            for name, tool in tools.items()
            if not tool.policy.own_record
        }

    async def let_through(self, tool: str) -> bool:
        """Whether the office may be asked for `tool` now."""
        breaker = self._breakers.get(tool)
        return breaker is None or await breaker.lets_through()

    async def tell(self, tool: str, outcome: Outcome, *, asked: bool) -> None:
        """How a use of `tool` ended, and whether the office was `asked` for it."""
        breaker = self._breakers.get(tool)
        if breaker is None:
            return
        if not asked:
            # Whatever else went wrong.
            await breaker.not_needed()
        elif outcome in FAILED:
            await breaker.failed()
        elif outcome in ANSWERED:
            await breaker.succeeded()
