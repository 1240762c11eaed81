"""The call record: what a call leaves behind to be heard, read, graded and counted."""

from records.journal import Journal
from records.keeping import Keeping, keep
from records.outcome import CallOutcome
from records.view import CallView

__all__ = ["CallOutcome", "CallView", "Journal", "Keeping", "keep"]
