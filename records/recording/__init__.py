"""The sound of a call: both sides on one timeline, sealed as it is written, then stored."""

from records.recording.files import Kept
from records.recording.sealed import Altered, RecordingError, Truncated, WrongKey, open_recording
from records.recording.timeline import Gap, Reason

__all__ = [
    "Altered",
    "Gap",
    "Kept",
    "Reason",
    "RecordingError",
    "Truncated",
    "WrongKey",
    "open_recording",
]
