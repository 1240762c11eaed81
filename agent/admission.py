"""How many calls this worker carries. Counts calls, never CPU: a busy machine still knows its cap.

LiveKit's own reservation weighs a call that is being accepted by the number of idle processes,
which refuses callers of an empty worker; so the worker offers itself always and refuses here, in
`on_request`, with an exact count.
"""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class Admission:
    """A cap on calls, told apart by the ids of their jobs.

    `accepting` are being taken: promised to LiveKit, and perhaps among the active ones already.
    """

    max_calls: int
    accepting: set[str] = field(default_factory=set)

    def has_room(self, active: Collection[str]) -> bool:
        """Whether one more call fits beside the `active` jobs."""
        return self._taken(active) < self.max_calls

    def load(self, active: Collection[str]) -> float:
        """0 for an empty worker, 1 for a full one; LiveKit spreads calls by it."""
        return min(1.0, self._taken(active) / self.max_calls)

    def _taken(self, active: Collection[str]) -> int:
        return len(self.accepting.union(active))
