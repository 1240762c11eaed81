"""What became of a tool use: the closed set of outcomes, and what one use leaves behind.

`Answer` goes to the model, `ToolUse` to whoever keeps the call's record and counts it. Made by
`tools.gate` only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Every way in which a use can end. A use has exactly one."""

    OK = "ok"
    REFUSED = "refused"
    NEEDS_YES = "needs_yes"
    """Nothing was done yet: the caller has to agree first. Neither a success nor a refusal, and
    counted apart so that refusals on a dashboard mean refusals."""
    INVALID_ARGUMENTS = "invalid_arguments"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    BREAKER_OPEN = "breaker_open"
    """The office was not asked, because it has failed too often just now."""
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    """A write may or may not have happened; the caller is told so."""
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"


FAILED = frozenset({Outcome.TIMEOUT, Outcome.UNAVAILABLE, Outcome.MALFORMED, Outcome.UNKNOWN})
"""What a caller is let down by; a refusal has its own way on."""
ANSWERED = frozenset({Outcome.OK, Outcome.REFUSED, Outcome.NEEDS_YES})
"""What an office that works leads to."""

UNREGISTERED = "unregistered"


@dataclass(frozen=True)
class ToolUse:
    """One use, for the call's record and for metrics.

    `tool` is a registered name or "unregistered", `reason` a short code out of this program's own
    source or "": both are safe as metric labels. `key` is the once-key of a write or "".
    `arguments` are personal: they belong into the call's record and nowhere else. `tries` counts
    requests to the office, `retries` those that repeated one which had got lost. `escalated`: the
    caller was offered a person.
    """

    tool: str
    outcome: Outcome
    reason: str
    started_at: datetime
    duration_s: float
    tries: int
    key: str
    arguments: Mapping[str, Any]
    retries: int = 0
    escalated: bool = False


@dataclass(frozen=True)
class Answer:
    """What the model gets: `text` is a JSON object with "outcome", "say" and result fields."""

    text: str
    outcome: Outcome
