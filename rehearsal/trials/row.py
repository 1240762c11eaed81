"""One row of the table of faults: what is broken, when, what the caller does, what may come of it.

Data only. `rehearsal.trials.rows` has them all, `playing` and `unheard` play one, `judging` judges
what was seen.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Any

from rehearsal.office.faults import Fault


class Told(StrEnum):
    """What the caller was told of their wish, as far as anything."""

    DONE = "done"
    NOT_DONE = "not done"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


class Does(Enum):
    """What the caller does with their wish."""

    LOOKS_UP = auto()
    """Asks where an order is: nothing is written."""
    CANCELS = auto()
    """Has an order cancelled: says yes to a read-back, and waits for the answer."""
    INTERRUPTS = auto()
    """The same, and speaks while it is being done."""
    HANGS_UP = auto()
    """The same, and hangs up while it is being done."""
    HEARS_IT_TWICE = auto()
    """The same, and the model uses the tool once more in a later turn."""


class Moment(Enum):
    """When something is struck."""

    BEFORE = auto()
    """Before the phone rings."""
    ASKED = auto()
    """When the read-back is being said: the next use of the tool is the write."""
    GREETED = auto()
    """When the caller has been greeted; somebody else calls before it is back (`outage`)."""
    REACHED = auto()
    """When the office has the request of the write."""


class Act(Enum):
    """What is done to a part of the stack; it is undone when the strike is over."""

    KILL_JOB = auto()
    """SIGKILL to the process that holds the call."""
    KILL_WORKER = auto()
    """SIGKILL to the worker's parent; another worker is started afterwards."""
    KILL_OFFICE = auto()
    LOCK_RECORD = auto()
    """Another program holds the record's database in a transaction."""
    MOVE_RECORD = auto()
    """The record's database is not where it was."""
    KILL_REDIS = auto()
    STOP_REDIS = auto()
    """SIGSTOP: it takes connections and answers nothing."""
    JUMP_CLOCK = auto()
    """The clock of the job, and of nobody else, jumps an hour ahead."""


@dataclass(frozen=True, kw_only=True)
class Strike:
    """`act` is done `after_s` from its moment on, and undone `lasts_s` later; None: after the call.

    Repetitions spread `after_s` over `window_s`.
    """

    act: Act
    when: Moment
    after_s: float = 0.0
    window_s: float = 0.0
    lasts_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeFault:
    """A fault of the office on the write of the caller's order, or on what `route` names.

    `{order}` in the route stands for the number of the caller's order, so that rows which are
    played side by side do not meet each other's faults.
    """

    fault: str
    route: str = "/orders/{order}/cancel"
    method: str = "POST"
    more: dict[str, Any] = field(default_factory=dict)

    def on(self, order: str) -> Fault:
        """The fault as the office takes it."""
        route = self.route.replace("{order}", order)
        return Fault.model_validate(
            {"route": route, "method": self.method, "fault": self.fault, **self.more}
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """`may_hear` is everything that the caller may be told of their wish.

    `alone`: it strikes what others need, so that no other row is played meanwhile. `by_phone`:
    what is to be heard in it is in no other row; the rest is quick to play without a phone.
    """

    name: str
    breaks: str
    may_hear: frozenset[Told]
    office: tuple[OfficeFault, ...] = ()
    strike: Strike | None = None
    does: Does = Does.CANCELS
    hang_up_s: float = 1.0
    """How long after their yes a caller who hangs up or interrupts does so."""
    window_s: float = 0.0
    """Over how many seconds repetitions spread that."""
    alone: bool = False
    by_phone: bool = False
