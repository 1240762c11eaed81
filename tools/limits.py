"""How much one caller may have done in a day: taken before it is done, given back if it was not.

Counted over all calls (`tools.shared`). An amount of money that nobody can count is not moved.
"""

from datetime import date

from tools.policy import Policy
from tools.shared import Shared
from tools.verdict import Verdict

# Longer than any day, clocks that change included.
DAY_S = 26 * 3600.0


class Limits:
    """The day's limits of one call's tools; `day` is the company's."""

    def __init__(self, shared: Shared, day: date) -> None:
        self._shared, self._day = shared, day

    async def take(self, tool: str, policy: Policy, subject: str, cents: int) -> Verdict:
        """Count one doing for `subject`; ALLOW, or why it may not be (then nothing is counted)."""
        if policy.times_per_day is not None:
            name = self._name(tool, "times", subject)
            if await self._shared.add(name, 1, DAY_S) > policy.times_per_day:
                await self._shared.add(name, -1, DAY_S)
                return Verdict.TOO_OFTEN_TODAY
        if policy.money is not None:
            total = await self._shared.add(self._name(tool, "cents", subject), cents, DAY_S)
            if not self._shared.shared or total > policy.money.most_per_day_cents:
                await self.give_back(tool, policy, subject, cents)
                return Verdict.ABOVE_LIMIT if self._shared.shared else Verdict.LIMIT_UNKNOWN
        return Verdict.ALLOW

    async def give_back(self, tool: str, policy: Policy, subject: str, cents: int) -> None:
        """What was taken was not done."""
        if policy.times_per_day is not None:
            await self._shared.add(self._name(tool, "times", subject), -1, DAY_S)
        if policy.money is not None:
            await self._shared.add(self._name(tool, "cents", subject), -cents, DAY_S)

    def _name(self, tool: str, what: str, subject: str) -> str:
        return f"day:{self._day}:{tool}:{what}:{self._shared.who(subject)}"
