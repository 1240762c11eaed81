"""One call's record as it is read: what `show`, `report`, `export` and the judges of calls work on.

Made by `records.reading` out of the database, and from nothing else. It holds words and numbers in
clear, as far as they were kept and their key still exists: who has it decides where it goes.
Times are seconds since 1970 unless named `_ms`.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from records.outcome import CallOutcome


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Turn(_Part):
    """Something one side said, or a fixed clip that the agent's side played."""

    at: float
    """When it was written down: for an agent's turn, when it had ended."""
    began_at: float | None = None
    """When its voice began, as far as the worker heard it."""
    ended_at: float | None = None
    speaker: Literal["caller", "agent", "clip"]
    text: str
    """Redacted. Empty once its key is destroyed, or where the caller refused to be recorded."""
    response_ms: int | None = None
    """End of the caller's speech to the first audio of this answer, as the worker measured it."""
    interrupted: bool = False


class ToolUse(_Part):
    """One use of a business tool through the gate. `at` is when it began."""

    at: float
    tool: str
    outcome: str
    """How it ended for the caller (`tools.outcome`); `open` while it goes on or if its job died."""
    settled: str | None = None
    """What became of it if that was found out afterwards."""
    reason: str = ""
    duration_ms: int
    tries: int = 1
    key: str = ""
    arguments: dict[str, Any] = {}


class Latency(_Part):
    """One span that was measured while the call ran."""

    at: float
    """When it began."""
    what: str
    """`greeting`, `turn_response`, `turn_first_sound` (of any sound, a clip's too),
    `model_first_audio`, `dead_air` (nobody heard, for a second and more)."""
    ms: int


class Tokens(_Part):
    """What one model used in this call, as the provider counted it."""

    model: str
    input_text: int = 0
    input_audio: int = 0
    input_cached_text: int = 0
    """Of `input_text`, what the provider had cached."""
    input_cached_audio: int = 0
    output_text: int = 0
    output_audio: int = 0
    transcribed_ms: int = 0
    """Sound written down by a transcription model that is paid by the minute."""


class CostLine(_Part):
    """One line of what the call cost, in millionths of `currency`."""

    kind: str
    """`model_input_audio`, `telephony`, ...: closed, see `records.prices`."""
    item: str
    """What was bought: a model, a telephony provider and direction, a platform."""
    quantity: float
    unit: str
    amount_micro: int
    currency: str
    price_dated: str
    """Day from which the price holds, ISO 8601; empty where the book had none for it. Such a line
    adds 0 to the sum, and whoever shows the sum has to say so."""

    @property
    def unpriced(self) -> bool:
        """Whether nobody knows what it cost."""
        return not self.price_dated


class Consent(_Part):
    """What was decided about keeping the call's sound and words."""

    at: float
    policy: Literal["none", "announce", "ask"]
    """What the caller was owed."""
    jurisdiction: str
    """`US-CA`, `DE`; `unknown` for a withheld or unplaceable number."""
    answer: Literal["not_needed", "announced", "granted", "refused", "no_answer"]


class Gap(_Part):
    """A span that is not in the recording and the transcript, and why."""

    began_at: float
    ended_at: float
    reason: str
    """`before_consent`, `card_entry`, `card_heard`, `keys_awaited`, `storage`, ...: closed."""


class Recording(_Part):
    """Where the sound of the call is. Left is the caller, right the agent."""

    name: str
    """The object in the storage of recordings."""
    began_at: float
    seconds: float
    bytes: int
    sha256: str
    stored_at: float | None = None
    """When the storage had all of it; None while it waits on the worker's machine."""


class FollowUp(_Part):
    """What staff have to do for the caller afterwards."""

    kind: str
    promised_for: float | None = None
    done_at: float | None = None


class CallView(_Part):
    """The whole record of a call."""

    version: Literal[2] = 2
    call_id: str
    sip_call_id: str = ""
    trace_id: str = ""
    profile: str
    model: str = ""
    direction: Literal["inbound", "outbound"] = "inbound"
    dialled: str = ""
    """The number called, E.164; empty if what was dialled is no such number."""
    caller: str | None = None
    """The caller's number as the carrier gave it; a hint, never a proof. None when withheld."""
    worker: str = ""
    """The machine whose worker took it."""
    pid: int = 0
    """The process that held it."""
    resumes: str = ""
    """The call whose job died and which this one goes on with; empty for a call by itself."""
    started_at: float
    answered_at: float | None = None
    greeted_at: float | None = None
    """When the first audio of the agent left towards the caller."""
    ended_at: float | None = None
    """None while it goes on."""
    outcome: CallOutcome | None = None
    reason: str = ""
    erased_at: float | None = None
    """When words, numbers and sound were destroyed; facts without a person stay."""
    turns: list[Turn] = []
    tools: list[ToolUse] = []
    latencies: list[Latency] = []
    tokens: list[Tokens] = []
    cost: list[CostLine] = []
    consent: Consent | None = None
    recording: Recording | None = None
    gaps: list[Gap] = []
    follow_ups: list[FollowUp] = []
    interruptions: int = 0
    dtmf_digits: int = 0
    """How many keys the caller pressed; which ones is not kept."""
    apologised: bool | None = None
    """For a job that died: whether another one told the caller. None for a call that ended."""
