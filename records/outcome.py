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
