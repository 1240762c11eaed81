"""How many calls this worker carries. Counts calls, never CPU: a busy machine still knows its cap.

LiveKit's own reservation weighs a call that is being accepted by the number of idle processes,
which refuses callers of an empty worker; so the worker offers itself always and refuses here, in
`on_request`, with an exact count.
"""

from dataclasses import dataclass


@dataclass
class Admission:
    """A cap on calls; `accepting` are those promised but not yet seen among the active jobs."""

    max_calls: int
    accepting: int = 0

    def has_room(self, active: int) -> bool:
        """Whether one more call fits beside `active` running ones."""
        return active + self.accepting < self.max_calls

    def load(self, active: int) -> float:
        """0 for an empty worker, 1 for a full one; LiveKit spreads calls by it."""
        return min(1.0, (active + self.accepting) / self.max_calls)
