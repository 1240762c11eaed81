"""How a call can end: a closed list, used alike by the record, the metrics and the dashboards."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """The one way in which a call ended."""

    COMPLETED = "completed"
    """The agent said goodbye, or the caller hung up answered, with nothing more to wait for."""
    ABANDONED = "abandoned"
    """The caller hung up before the business was done."""
    NOT_IN_SERVICE = "not_in_service"
    """The dialled number has no profile; a sentence was played."""
    CALLER_SILENT = "caller_silent"
    """Nobody spoke, also after being asked."""
    LIMIT = "limit"
    """The longest duration of the profile was reached, or a budget was spent."""
    TRANSFERRED = "transferred"
    """A person took the call."""
    FAILED = "failed"
    """Model or worker could not go on; the caller was told."""
    LOST = "lost"
    """The process that held the call died; the record was closed for it."""


CONTAINED = frozenset({CallOutcome.COMPLETED})
"""Containment counts these: done without a person."""
RESOLVED = frozenset({CallOutcome.COMPLETED, CallOutcome.TRANSFERRED})
"""The business was done, or a person took it over; what is spent per resolved call counts these."""
NO_BUSINESS = frozenset({CallOutcome.NOT_IN_SERVICE, CallOutcome.CALLER_SILENT})
"""Nobody asked for anything: no share of resolved or contained calls counts these."""
LET_DOWN = frozenset({CallOutcome.FAILED, CallOutcome.LOST})
"""The promise on calls was broken."""
