"""What a job tells its parent: facts of a call without anything personal, as they happen.

Sent as JSON lines over the lifeline (`agent.lifeline`), counted in the parent by `agent.counting`.
Whatever becomes a label comes from a closed set: a literal here, a name out of this program's own
source, or a name that the parent looks up in its profiles. The room travels too, because the parent
needs it when the job dies; it is never a label.
"""

import time
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from records import CallOutcome

Count: TypeAlias = Annotated[int, Field(ge=0)]
Cause: TypeAlias = Literal["caller", "keys", "model", "recovery", "start", "tool"]
"""What a silence from both sides waits for: the caller to say something, or to press keys; the
model's answer; the model itself, which is lost; the greeting; a tool."""

# Of what is not named here, the reason is a name out of this program: a clip's, a tool's.
_WHYS: dict[str, frozenset[str]] = {
    "interruption": frozenset({""}),
    "turn": frozenset({"caller", "agent"}),
    "reprompt": frozenset({"silence", "keys"}),
    "dead_air": frozenset({"caller", "keys", "model", "recovery", "start", "tool"}),
    "audio_underrun": frozenset({""}),
    "model_error": frozenset({"fatal", "recoverable", "failed_response"}),
    "model_reconnect": frozenset({""}),
    "budget_stop": frozenset({"call", "day"}),
    "entry_lost": frozenset({""}),
    "recording": frozenset({"failed"}),
}


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class CallStarted(_Report):
    """A job has taken up a call."""

    kind: Literal["started"] = "started"
    call_id: str
    room: str
    profile: str
    resumed: bool = False
    """Whether it goes on with a call whose job died."""
    trace: str = ""
    """Where its span stands (`agent.call_trace`); for the job that goes on with it."""


class Timed(_Report):
    """One measured span of a call, in seconds."""

    kind: Literal["timed"] = "timed"
    what: Literal[
        "answer",
        "greeting",
        "turn_response",
        "turn_first_sound",
        "model_first_audio",
        "model_connect",
    ]
    seconds: float = Field(ge=0)
    tool_used: bool = False
    sound: Literal["answer", "clip"] = "answer"
    """Of a turn's first sound: what it was."""


class Happened(_Report):
    """Something that is counted, `times` at once.

    `why` says which: the clip that was played, the tool whose wait was filled (`filler`), the kind
    of value that was taken out of words (`redaction`); for the others see what is allowed.
    """

    kind: Literal["happened"] = "happened"
    what: Literal[
        "interruption",
        "clip",
        "filler",
        "turn",
        "reprompt",
        "dead_air",
        "audio_underrun",
        "model_error",
        "model_reconnect",
        "budget_stop",
        "entry_lost",
        "recording",
        "redaction",
    ]
    why: str = Field("", pattern=r"^[a-z0-9_]{0,64}$")
    times: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.why not in _WHYS.get(self.what, {self.why}):
            raise ValueError(f"{self.what} has no such reason")
        return self


class DeadAir(_Report):
    """A silence from both sides that has ended. That it passed 3 s has `Happened` before."""

    kind: Literal["dead_air"] = "dead_air"
    cause: Cause
    seconds: float = Field(ge=0)


class Lagged(_Report):
    """How late the job's event loop woke up: the worst of each second, seconds."""

    kind: Literal["lag"] = "lag"
    worst_s: tuple[Annotated[float, Field(ge=0)], ...] = Field(max_length=60)


class ToolUsed(_Report):
    """One use of a business tool. `tool` is a registered name or `unregistered`."""

    kind: Literal["tool"] = "tool"
    tool: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    outcome: str = Field(pattern=r"^[a-z_]{1,40}$")
    reason: str = Field("", pattern=r"^[a-z0-9_]{0,40}$")
    tries: Count = 0
    retries: Count = 0
    escalated: bool = False
    seconds: float = Field(ge=0)


class Spent(_Report):
    """Tokens of one response as the provider counted them, or of one transcription.

    Tokens that the provider had cached are among the input of their sort, as it counts them too.
    """

    kind: Literal["spent"] = "spent"
    by: Literal["speech", "transcription"] = "speech"
    """Which of the profile's models."""
    input_text: Count = 0
    input_audio: Count = 0
    input_cached_text: Count = 0
    input_cached_audio: Count = 0
    output_text: Count = 0
    output_audio: Count = 0


class Consented(_Report):
    """What was decided about keeping the call's sound and words."""

    kind: Literal["consent"] = "consent"
    policy: Literal["none", "announce", "ask"]
    answer: Literal["not_needed", "announced", "granted", "refused", "no_answer"]


class Unkept(_Report):
    """What the job has yet to bring where it belongs, as it stands now; each replaces the last."""

    kind: Literal["unkept"] = "unkept"
    entries: Count = 0
    """Entries of the record not yet in the database."""
    oldest_s: float = Field(0.0, ge=0)
    """Age of the oldest of them, seconds."""

    @classmethod
    def since(cls, entries: int, at: float) -> "Unkept":
        """So many entries, the oldest from `at`, seconds since 1970."""
        return cls(entries=entries, oldest_s=max(0.0, time.time() - at) if entries else 0.0)


class CallEnded(_Report):
    """The call is over and its record is closed."""

    kind: Literal["ended"] = "ended"
    outcome: CallOutcome
    seconds: float | None = Field(None, ge=0)
    """Since the answer; None for a line that was never answered, or whose job died."""


Report = Annotated[
    CallStarted
    | Timed
    | Happened
    | DeadAir
    | Lagged
    | ToolUsed
    | Spent
    | Consented
    | Unkept
    | CallEnded,
    Field(discriminator="kind"),
]
REPORT: TypeAdapter[Report] = TypeAdapter(Report)
