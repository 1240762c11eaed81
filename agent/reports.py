"""What a job tells its parent: facts of a call without anything personal, as they happen.

Sent as JSON lines over the lifeline (`agent.lifeline`), counted in the parent by `count`. The room
travels too, because the parent needs it when the job dies; it is never a label.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent import metrics
from records import CallOutcome


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    what: Literal["answer", "greeting", "turn_response", "model_first_audio"]
    seconds: float = Field(ge=0)
    tool_used: bool = False


class Happened(_Report):
    """Something that is counted: an interruption, a clip by its reason, a model error by effect, a
    wait that was filled by its tool."""

    kind: Literal["happened"] = "happened"
    what: Literal["interruption", "clip", "model_error", "filler"]
    why: str = Field("", pattern=r"^[a-z0-9_]{0,64}$")


class ToolUsed(_Report):
    """One use of a business tool. `tool` is a registered name or `unregistered`."""

    kind: Literal["tool"] = "tool"
    tool: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    outcome: str = Field(pattern=r"^[a-z_]{1,40}$")
    reason: str = Field("", pattern=r"^[a-z0-9_]{0,40}$")
    tries: int = Field(0, ge=0)
    retries: int = Field(0, ge=0)
    escalated: bool = False
    seconds: float = Field(ge=0)


class CallEnded(_Report):
    """The call is over and its record is closed."""

    kind: Literal["ended"] = "ended"
    outcome: CallOutcome


Report = Annotated[
    CallStarted | Timed | Happened | ToolUsed | CallEnded, Field(discriminator="kind")
]
REPORT: TypeAdapter[CallStarted | Timed | Happened | ToolUsed | CallEnded] = TypeAdapter(Report)

_HISTOGRAMS = {
    "answer": metrics.ANSWER_SECONDS,
    "greeting": metrics.GREETING_SECONDS,
    "model_first_audio": metrics.MODEL_FIRST_AUDIO_SECONDS,
}


def count(report: Report) -> None:
    """Put one report into the series it belongs to."""
    match report:
        case CallStarted():
            metrics.CALLS_STARTED.labels(direction="inbound").inc()
            metrics.CALLS_RESUMED.inc(report.resumed)
        case Timed(what="turn_response"):
            tool_used = "yes" if report.tool_used else "no"
            metrics.TURN_RESPONSE_SECONDS.labels(tool_used=tool_used).observe(report.seconds)
        case Timed():
            _HISTOGRAMS[report.what].observe(report.seconds)
        case Happened(what="interruption"):
            metrics.INTERRUPTIONS.inc()
        case Happened(what="filler"):
            metrics.TOOL_FILLERS.labels(tool=report.why).inc()
        case Happened(what="clip"):
            metrics.CLIPS_PLAYED.labels(reason=report.why).inc()
        case Happened():
            metrics.MODEL_ERRORS.labels(effect=report.why).inc()
        case ToolUsed():
            _count_use(report)
        case CallEnded():
            metrics.CALLS_ENDED.labels(outcome=report.outcome.value).inc()


def _count_use(use: ToolUsed) -> None:
    metrics.TOOL_USES.labels(tool=use.tool, outcome=use.outcome).inc()
    metrics.TOOL_SECONDS.labels(tool=use.tool).observe(use.seconds)
    metrics.TOOL_REQUESTS.labels(tool=use.tool).inc(use.tries)
    metrics.TOOL_RETRIES.labels(tool=use.tool).inc(use.retries)
    metrics.TOOL_ESCALATIONS.labels(tool=use.tool).inc(use.escalated)
    if use.outcome == "refused":
        metrics.TOOL_DENIED.labels(tool=use.tool, reason=use.reason).inc()
