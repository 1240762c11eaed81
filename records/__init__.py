"""The call record: what a call leaves behind to be heard, read, graded and counted."""

from records.call_file import CALL_FILE, CallFile, close_record
from records.journal import Journal
from records.outcome import CallOutcome

__all__ = ["CALL_FILE", "CallFile", "CallOutcome", "Journal", "close_record"]
