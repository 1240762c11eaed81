"""What tools were asked to do, written down before they do it: no wish is fulfilled twice or lost.

The contract, for `tools.gate` and for whoever finds out what became of open rows; `records.kept`
fulfils it on a database. A write's row is there before its request leaves, so that a job that dies
leaves the question "what became of it" and not nothing. A wish is a subject, a tool and its
arguments: no two rows are the same wish at the same time, whoever asks, on whatever call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from records.witness import Witness

DONE = "ok"
UNKNOWN = "unknown"
# What a request may take longer than its deadline before nobody is behind it any more.
MARGIN_S = 5.0


class NotKept(Exception):
    """The ledger could not be read or written: whatever depends on it must not be done."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What is about to be done.

    `subject` is whom it is about, `once_s` how long one doing of it answers the same wish. A later
    doing with the same `topic`, of whatever tool, undoes it: then the wish is free again. `witness`
    goes into the row, since whoever finds out what became of it may not know the tool.
    """

    call_id: str
    tool: str
    subject: str
    arguments: Mapping[str, Any]
    deadline_s: float
    once_s: float
    topic: str = ""
    witness: Witness = Witness.OFFICE


@dataclass(frozen=True)
class Begun:
    """It may be done now; `key` names it to the back office and in the ledger."""

    key: str


@dataclass(frozen=True)
class AlreadyDone:
    """The wish was fulfilled before, with this result."""

    result: Mapping[str, Any]


@dataclass(frozen=True)
class InDoubt:
    """Nobody knows yet whether the wish was fulfilled; `running` while somebody is at it."""

    key: str
    running: bool
    witness: Witness = Witness.OFFICE


Found: TypeAlias = AlreadyDone | InDoubt


@dataclass(frozen=True)
class Open:
    """A row whose end nobody has written; leased to whoever got it.

    `begun_at` in seconds since 1970; `arguments` are None if they were sealed with another key.
    """

    key: str
    call_id: str
    tool: str
    begun_at: float
    arguments: Mapping[str, Any] | None
    witness: Witness = Witness.OFFICE


class Ledger(Protocol):
    """The writes of all calls. Every method may raise `NotKept`; nothing holds then."""

    async def look(self, intent: Intent) -> Found | None:
        """Whether the wish was fulfilled, or may be; None if it is free."""

    async def intend(self, intent: Intent, *, again: bool = False) -> Begun | Found:
        """Write down that `intent` is about to be done, unless it was or is being done.

        `again`: the caller knows that it was done and wants it once more.
        """

    async def end(
        self, key: str, outcome: str, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> bool:
        """Write down what became of it; False if that has been written before and is certain."""

    async def unsettled(self) -> int:
        """How many rows have no certain end although nobody is at them any more."""

    async def lease(self, *, lease_s: float, most: int = 20) -> list[Open]:
        """Open rows that nobody is at any more, for whoever asks alone, for `lease_s`.

        Those that were not leased for longest come first, so that none keeps others waiting.
        """
