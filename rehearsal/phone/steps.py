"""What a caller does, as people write it: the `caller:` part of a call script.

Data and its rules only; `caller` carries it out. Read through `configs.load`, so whoever writes a
script gets every mistake at once, with its line.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from rehearsal.phone.dtmf import KEYS
from rehearsal.speech import ESPEAK, FLITE_VOICES

Seconds = Annotated[float, Field(ge=0, le=3600)]
Keys = Annotated[str, StringConstraints(pattern=f"^[{KEYS}]+$")]
Number = Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{2,15}|anonymous)$")]

_WHAT = ("say", "play", "noise", "silence_s", "dtmf", "hang_up", "wait_for_hang_up")
_AT_ONCE = ("silence_s", "wait_for_hang_up")


def _known_voice(name: str) -> str:
    if name not in FLITE_VOICES and not name.startswith(ESPEAK):
        raise ValueError(f"there is no voice {name!r}: {', '.join(FLITE_VOICES)} or {ESPEAK}...")
    return name


class Noise(BaseModel):
    """White noise, the same for the same seed."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[float, Field(gt=0, le=600)]
    level_dbfs: Annotated[float, Field(ge=-90, le=-6)] = -30.0
    seed: int = 0


class Step(BaseModel):
    """One thing the caller does, and when.

    WHAT is exactly one of `say` (text), `play` (a WAV beside the script), `noise`, `silence_s`,
    `dtmf` (keys), `hang_up: true` and `wait_for_hang_up: true`.

    WHEN is at most one of
    `after: other` - the other side has finished its answer to what the caller said last, or its
    greeting (the default),
    `after: step` - at once after the step before (the default of silence and waiting),
    `at_s` - so many seconds after the answer,
    `over_s` - so many seconds after the other side began to speak: barge-in.
    """

    model_config = ConfigDict(extra="forbid")

    say: Annotated[str, StringConstraints(min_length=1)] | None = None
    play: Path | None = None
    noise: Noise | None = None
    silence_s: Seconds | None = None
    dtmf: Keys | None = None
    hang_up: Literal[True] | None = None
    wait_for_hang_up: Literal[True] | None = None

    after: Literal["other", "step"] | None = None
    at_s: Seconds | None = None
    over_s: Seconds | None = None

    pause_s: Seconds = 0.0
    """How much longer to wait once the moment has come (with `after`)."""
    within_s: Annotated[float, Field(gt=0, le=3600)] = 20.0
    """How long the other side may take to do what is waited for; then the caller gives up."""

    @model_validator(mode="after")
    def _one_what_one_when(self) -> Self:
        what = [name for name in _WHAT if getattr(self, name) is not None]
        if len(what) != 1:
            raise ValueError(f"a step does exactly one of {', '.join(_WHAT)}")
        when = [name for name in ("after", "at_s", "over_s") if getattr(self, name) is not None]
        if len(when) > 1:
            raise ValueError(f"a step has one moment, not {' and '.join(when)}")
        if self.pause_s and (self.at_s is not None or self.over_s is not None):
            raise ValueError("pause_s goes with `after`; add it to at_s or over_s instead")
        return self

    @property
    def moment(self) -> Literal["other", "step", "at", "over"]:
        """Which kind of WHEN holds."""
        if self.at_s is not None:
            return "at"
        if self.over_s is not None:
            return "over"
        return self.after or ("step" if self.name in _AT_ONCE else "other")

    @property
    def speaks(self) -> bool:
        """Whether the other side is expected to answer it."""
        return self.name in ("say", "play", "dtmf")

    @property
    def name(self) -> str:
        """What kind of thing it does, for messages; never the words."""
        return next(name for name in _WHAT if getattr(self, name) is not None)


class Answering(BaseModel):
    """How the caller's phone behaves when it is called instead of calling."""

    model_config = ConfigDict(extra="forbid")

    ring_s: Seconds = 0.5
    code: Annotated[int, Field(ge=200, le=699)] | None = 200
    """Status it answers with: 200 takes the call, 486 is busy, 603 declines; null never answers."""

    @model_validator(mode="after")
    def _final(self) -> Self:
        if self.code is not None and 200 < self.code < 300:
            raise ValueError("code is 200, a refusal of 300 or more, or null")
        return self


class CallerPart(BaseModel):
    """The `caller:` part of a call script: who calls whom, and step by step what they do."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    number: Number = Field(alias="from")
    """The caller's number."""
    dial: Number | None = None
    """The number called; None when the script says it elsewhere."""
    voice: Annotated[str, AfterValidator(_known_voice)] = "rms"
    """A voice of `rehearsal.speech`."""
    codec: Literal["PCMU", "PCMA"] = "PCMU"
    silence_s: Annotated[float, Field(ge=0.2, le=10)] = 0.7
    """How long the other side must be quiet to have finished."""
    deadline_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """The whole call, from the INVITE; then the caller hangs up."""
    seed: int = 0
    """Of the comfort noise on the line."""
    answer: Answering | None = None
    """Set when this phone waits to be called."""
    steps: list[Step] = Field(min_length=1)
    """Afterwards the caller hangs up."""

    @field_validator("steps")
    @classmethod
    def _ends_once(cls, steps: list[Step]) -> list[Step]:
        if any(step.hang_up or step.wait_for_hang_up for step in steps[:-1]):
            raise ValueError("hang_up and wait_for_hang_up can only be the last step")
        return steps
