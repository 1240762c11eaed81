"""What happened in each session, with wall-clock times: the truth that benchmarks subtract.

Filled by `model.session`, shown by GET /rehearsal/sessions, logged without words. Times are Unix
seconds; durations milliseconds.
"""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_SESSIONS = 200


@dataclass
class Turn:
    """One turn of the caller, or one response that the client asked for without one.

    `model_ms` is the model's own time: from `speech_stopped_at` to `first_audio_at`, without the
    time a tool or a client took in between; `without_audio_ms` is the part of it that went into
    responses that only called tools. `vad_silence_ms` is in audio time, and so is `onset_ms`: how
    far into the model's first sentence its voice is loud enough to be heard on a telephone.
    """

    cause: str
    speech_started_at: float | None = None
    last_voice_at: float | None = None
    speech_stopped_at: float | None = None
    vad_silence_ms: int | None = None
    decode_ms: float | None = None
    score: float | None = None
    heard: str | None = None
    rejected: bool | None = None
    response_created_at: float | None = None
    first_audio_at: float | None = None
    response_done_at: float | None = None
    status: str | None = None
    model_ms: float | None = None
    without_audio_ms: float = 0.0
    onset_ms: float | None = None
    said: str = ""
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False


@dataclass
class Record:
    """One session."""

    id: str
    started_at: float = field(default_factory=time.time)
    ended_at: float | None = None
    brain: str = ""
    state: str = ""
    faults: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Ledger:
    """The latest KEPT_SESSIONS sessions, oldest first."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=KEPT_SESSIONS)

    def open(self, session_id: str, brain: str) -> Record:
        """Begin a record."""
        record = Record(session_id, brain=brain)
        self._records.append(record)
        return record

    def shown(self) -> list[dict[str, Any]]:
        """All records, as JSON."""
        return [record.shown() for record in self._records]
