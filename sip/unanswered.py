"""Which callers came and went without any worker taking their call.

Pure: LiveKit's webhooks, reduced to what matters, go in with a clock; verdicts come out. Webhooks
come twice, late, in the wrong order or never; the verdict therefore waits a moment after a call's
end, and memory is bounded. `sip.watch` feeds it.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sip.sights import Sight

Verdict = Literal["answered", "no_agent", "gave_up"]


class Settled(NamedTuple):
    """The verdict on one call; `room` is LiveKit's room id, never a name or number."""

    room: str
    verdict: Verdict
    waited_s: float


@dataclass
class _Call:
    came_s: float | None = None
    went_s: float | None = None
    agent: bool = False
    over_since_s: float | None = None


class Tracker:
    """The calls under way, and verdicts on those that ended.

    Clocks passed in as `now_s` are seconds of one monotonic clock. Sizes are numbers of calls.
    """

    def __init__(self, *, patience_s: float, settle_s: float, rooms: int) -> None:
        self._patience_s = patience_s
        self._settle_s = settle_s
        self._rooms = rooms
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._done: OrderedDict[str, None] = OrderedDict()
        self.forgotten = 0
        """Calls dropped without a verdict because there were more than `rooms`."""

    def see(self, sight: Sight, now_s: float) -> None:
        """Take in one webhook; the same one again, or one about a settled call, changes nothing."""
        if sight.room in self._done or sight.who == "person":
            return
        call = self._calls.setdefault(sight.room, _Call())
        if sight.who == "agent":
            call.agent = True
        elif sight.who == "caller":
            # A "left" knows when its participant joined, should the "joined" never come.
            came_s = sight.joined_s or sight.at_s
            call.came_s = came_s if call.came_s is None else min(call.came_s, came_s)
        if sight.happened != "joined" and sight.who != "agent":
            call.went_s = sight.at_s if call.went_s is None else min(call.went_s, sight.at_s)
            call.over_since_s = now_s if call.over_since_s is None else call.over_since_s
        while len(self._calls) > self._rooms:
            self._calls.popitem(last=False)
            self.forgotten += 1

    def settle(self, now_s: float) -> list[Settled]:
        """Verdicts on calls that ended at least the settling time ago, each exactly once."""
        due = [
            room
            for room, call in self._calls.items()
            if call.over_since_s is not None and now_s - call.over_since_s >= self._settle_s
        ]
        settled: list[Settled] = []
        for room in due:
            call = self._calls.pop(room)
            self._done[room] = None
            # A room without a caller was not a call: somebody made it through the API.
            if call.came_s is not None:
                settled.append(self._judge(room, call, call.came_s))
        while len(self._done) > self._rooms:
            self._done.popitem(last=False)
        return settled

    def _judge(self, room: str, call: _Call, came_s: float) -> Settled:
        waited_s = max(0.0, (call.went_s or came_s) - came_s)
        if call.agent:
            return Settled(room, "answered", waited_s)
        return Settled(room, "no_agent" if waited_s >= self._patience_s else "gave_up", waited_s)
