"""What happens on a call, as the phone tells it while it happens.

Every time is in seconds on the call's timeline: 0 is the INVITE. The terminal view, callers that
react and tests all read these; nothing else leaves a running call.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from rehearsal.phone.signals import EndedBy


@dataclass(frozen=True)
class Ringing:
    """The other side said that it rings."""

    at_s: float


@dataclass(frozen=True)
class Answered:
    """The call is up; `at_s` is also how long that took."""

    at_s: float


@dataclass(frozen=True)
class OtherStarted:
    """The other side began to speak at `at_s`; told some 30 ms later."""

    at_s: float


@dataclass(frozen=True)
class OtherFinished:
    """The other side spoke from `started_s` to `at_s` and has been silent since."""

    started_s: float
    at_s: float


@dataclass(frozen=True)
class Said:
    """The phone played a clip: its sound, without the silence around it, lasted from start to end.

    `whole` is False when the call ended under it. `text` is empty for sound without words.
    """

    text: str
    start_s: float
    end_s: float
    whole: bool = True


@dataclass(frozen=True)
class Pressed:
    """The phone sent a key."""

    key: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class KeyHeard:
    """The other side sent a key."""

    key: str
    at_s: float


@dataclass(frozen=True)
class Ended:
    """The call is over: who ended it, the status of its INVITE, why, and the BYE's headers."""

    at_s: float
    by: EndedBy
    code: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)


PhoneEvent: TypeAlias = (
    Ringing | Answered | OtherStarted | OtherFinished | Said | Pressed | KeyHeard | Ended
)
