"""Answers of one call that are young enough to be given again, so that nobody asks twice.

How old an answer may be is part of its tool's policy; what a call changes makes everything that it
has read stale. Called by `tools.gate`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tools.ending import Ended
from tools.outcome import Outcome
from tools.policy import Policy

Asked = tuple[str, str, str]


class Freshness:
    """What was read on one call, by tool, subject and arguments."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[Asked, tuple[float, Ended]] = {}
        self._changed_at = float("-inf")

    def get(self, asked: Asked, policy: Policy) -> Ended | None:
        """The earlier answer, if it is fresh enough for `policy`."""
        at, ended = self._kept.get(asked, (float("-inf"), None))
        return ended if self._clock() - at < policy.freshness_s else None

    def keep(self, asked: Asked, ended: Ended, *, asked_at: float) -> None:
        """Keep an answer; it is as old as its question."""
        if ended.outcome is Outcome.OK and asked_at > self._changed_at:
            self._kept[asked] = asked_at, ended

    def changed(self, *, for_good: bool) -> None:
        """Something was changed: what was read before is stale; `for_good`, if nobody knows when
        or whether it will be, also what is read from now on."""
        self._kept.clear()
        self._changed_at = float("inf") if for_good else max(self._changed_at, self._clock())


def asked(tool: str, subject: str, arguments: Mapping[str, Any]) -> Asked:
    """What an answer is an answer to."""
    return tool, subject, repr(sorted(arguments.items()))
