"""Silences from both sides, as they are heard at our edge, and what they wait for. Pure.

Fed by `agent.ears` with what truly sounds: the agent's voice as it leaves, the caller's as it
arrives. No state of a session says that somebody is heard. Times are monotonic seconds.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from agent.reports import Cause
from agent.watch import Line

LEAST_S = 1.0
"""Shorter silences are pauses."""
DEAD_S = 3.0
"""What no caller is to hear. It is told once it is sure, see NOTICED_S."""
# The local VAD tells of a voice that begins up to this late.
NOTICED_S = 0.3


class Silence(NamedTuple):
    """Nobody was heard from `began_at` on, for `seconds`."""

    began_at: float
    seconds: float
    cause: Cause
    told: bool
    """Whether it was told already when it passed `DEAD_S`."""


def cause_of(line: Line, *, greeted: bool) -> Cause:
    """What a silence on `line` waits for just now."""
    if line.keys_awaited:
        return "keys"
    if line.model_gone or line.model_down_since is not None:
        return "recovery"
    if not greeted:
        return "start"
    if line.tool_running:
        return "tool"
    owed = line.owed_since is not None or line.result_posted_at is not None
    return "model" if owed else "caller"


@dataclass
class Heard:
    """Who is heard on one call. Nothing is counted before the answer."""

    quiet_from: float | None = None
    """End of the latest sound of either side, or the answer; None before it."""
    caller_speaks: bool = False
    told_of: bool = False
    """Whether the silence that lasts has passed `DEAD_S` and was told."""
    _spent: dict[Cause, float] = field(default_factory=dict)
    _cause: Cause = "start"
    _seen_at: float = 0.0

    def answered(self, at: float) -> None:
        """The line is up."""
        if self.quiet_from is None:
            self.quiet_from = at

    def caller_began(self, at: float) -> Silence | None:
        """The caller is heard from `at` on; the silence that ends with it."""
        ended = self._end(at)
        self.caller_speaks = True
        return ended

    def caller_ended(self, at: float) -> None:
        """The caller has not been heard since `at`."""
        self.caller_speaks = False
        self._sound_until(at)

    def agent_began(self, at: float, after: float) -> Silence | None:
        """The agent is heard from `at` on, and was until `after` before."""
        self._sound_until(after)
        ended = self._end(at)
        self._sound_until(at)
        return ended

    def passes(self, now: float, cause: Cause, agent_until: float) -> Cause | None:
        """Time passes. What a silence waits for that is now sure to have reached `DEAD_S`.

        Args:
            now: the time.
            cause: what a silence would wait for now.
            agent_until: until when the agent was heard.
        """
        self._sound_until(agent_until)
        since, self._cause, seen = self.quiet_from, cause, self._seen_at
        self._seen_at = now
        if since is None or self.caller_speaks or now <= since:
            return None
        self._spent[cause] = self._spent.get(cause, 0.0) + now - max(seen, since)
        if self.told_of or now - since < DEAD_S + NOTICED_S:
            return None
        self.told_of = True
        return self._waited_for()

    def over(self, at: float) -> Silence | None:
        """The call has ended, and with it the silence that lasted."""
        ended, self.quiet_from = self._end(at), None
        return ended

    def _end(self, at: float) -> Silence | None:
        since = self.quiet_from
        if since is None or self.caller_speaks or at - since < LEAST_S:
            return None
        return Silence(since, at - since, self._waited_for(), self.told_of)

    def _waited_for(self) -> Cause:
        """The longest of what was ours to do; the caller's own silence only without any of that."""
        ours = {cause: spent for cause, spent in self._spent.items() if cause != "caller"}
        if ours:
            return max(ours, key=lambda cause: ours[cause])
        return "caller" if self._spent else self._cause

    def _sound_until(self, at: float) -> None:
        if self.quiet_from is not None and at > self.quiet_from:
            self.quiet_from, self.told_of = at, False
            self._spent.clear()
