"""Which callers were left alone on the line: their agent has gone, and nobody else is there.

The worker's parent speaks to the caller of a job that died, and a job to its own when the parent
did. When both died, or their machine, only LiveKit still knows of the caller. Pure: webhooks go in
with a clock, rooms to look at come out. `sip.watch` feeds it and acts. Webhooks may come twice,
late, in the wrong order or never; so this raises a suspicion, and `alone` decides on what LiveKit
says of the room at that moment.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sip.sights import Sight, Who


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A room to look at: LiveKit's id, fit for logs, and its name, which may hold a number."""

    room: str
    room_name: str = field(repr=False)


@dataclass
class _Room:
    name: str
    here: dict[str, Who] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    had_agent: bool = False
    since_s: float | None = None


def alone(people: Iterable[Who]) -> bool:
    """Whether one caller is there and nobody to speak to; two callers speak to each other."""
    return list(people) == ["caller"]


class Orphans:
    """Rooms with calls, and since when one looks abandoned by its agent.

    Clocks passed in as `now_s` are seconds of one monotonic clock. `rooms` bounds the memory.
    """

    def __init__(self, *, patience_s: float, rooms: int) -> None:
        self._patience_s = patience_s
        self._limit = rooms
        self._rooms: OrderedDict[str, _Room] = OrderedDict()

    def see(self, sight: Sight, now_s: float) -> None:
        """Take in one webhook; the same one again changes nothing."""
        if sight.happened == "finished":
            self._rooms.pop(sight.room, None)
            return
        room = self._rooms.setdefault(sight.room, _Room(sight.room_name))
        leaves = sight.happened == "left" and sight.participant not in room.gone
        if sight.happened == "left":
            room.gone.add(sight.participant)
            room.here.pop(sight.participant, None)
        elif sight.participant not in room.gone:
            room.here[sight.participant] = sight.who
        room.had_agent |= sight.who == "agent"
        if not self._suspicious(room):
            room.since_s = None
        elif leaves and room.since_s is None:
            room.since_s = now_s
        while len(self._rooms) > self._limit:
            self._rooms.popitem(last=False)

    def due(self, now_s: float) -> list[Orphan]:
        """Rooms that have looked so for the patience; each once, unless asked for `again`."""
        due: list[Orphan] = []
        for sid, room in self._rooms.items():
            if room.since_s is not None and now_s - room.since_s >= self._patience_s:
                room.since_s = None
                due.append(Orphan(room=sid, room_name=room.name))
        return due

    def again(self, orphan: Orphan, now_s: float) -> None:
        """Nothing could be learned or done: look once more after the patience."""
        if room := self._rooms.get(orphan.room):
            room.since_s = now_s

    @staticmethod
    def _suspicious(room: _Room) -> bool:
        """Whether an agent was there and, as far as is known, nobody to speak to is now.

        The caller may have come before there was a watcher, so an empty room is one too.
        """
        return room.had_agent and (alone(room.here.values()) or not room.here)
