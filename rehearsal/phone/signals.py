"""What a call's signalling tells: how far the call is, what the other side said, how it ended.

Data only, between the machine that decides and the call that acts on it.
"""

import enum
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

EndedBy: TypeAlias = Literal["phone", "other", "network"]


class State(enum.Enum):
    """How far a call is; `ENDED` may still have a BYE to repeat, see `CallMachine.settled`."""

    CALLING = "calling"
    INVITED = "invited"
    UP = "up"
    ENDED = "ended"


@dataclass(frozen=True)
class Provisional:
    """The other side is working on our INVITE; 180 means it rings."""

    code: int


@dataclass(frozen=True)
class Established:
    """The call is up and media agreed."""


@dataclass(frozen=True)
class Renegotiated:
    """A later offer was answered; `code` tells what became of it, `ours` whose it was."""

    code: int
    ours: bool


@dataclass(frozen=True)
class Over:
    """The call is over. `code` is the final status of its INVITE, or 408 if nobody answered.

    `headers` are those of the BYE or the refusal, names as they came.
    """

    by: EndedBy
    code: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)


CallEvent: TypeAlias = Provisional | Established | Renegotiated | Over
