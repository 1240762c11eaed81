"""Faults on demand: what goes wrong in a session, and whose turn it is.

Data and the queue of what was asked for; `model.session`, `model.server`, `model.outbox`
and `model.responder` carry the faults out. Called by `model.control`. Pure.
"""

from collections import deque
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Kind = Literal[
    "slow",
    "silent",
    "drop",
    "storm",
    "half_open",
    "unauthorized",
    "refuse",
    "quota",
    "failed",
    "malformed",
]
_AT_HANDSHAKE: frozenset[Kind] = frozenset({"unauthorized", "refuse", "storm"})
OF_THE_CONNECTION: frozenset[Kind] = frozenset({"drop", "half_open", "storm", "refuse"})


class Fault(BaseModel):
    """One fault. Where neither `after_s` nor `after_event` is set it holds from the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    seconds: float = Field(default=5.0, ge=0, description="slow: added think time")
    after_s: float | None = Field(default=None, ge=0, description="drop, half_open: session age")
    after_event: str | None = Field(default=None, description="once this has been sent")
    nth: int = Field(default=1, ge=1, description="which occurrence of after_event")
    responses: int | None = Field(
        default=None, ge=1, description="failed, quota, malformed, slow: how many; all if unset"
    )


def _named(fault: Any) -> Any:
    return {"kind": fault} if isinstance(fault, str) else fault


AnyFault = Annotated[Fault, BeforeValidator(_named)]


class Order(BaseModel):
    """POST /rehearsal/next: what the next `times` sessions get."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: tuple[AnyFault, ...] = ()
    brain: str | None = None
    think_ms: float | None = Field(default=None, ge=0)
    transcription_delay_ms: float | None = Field(default=None, ge=0)
    times: int = Field(default=1, ge=1)


class Standing(BaseModel):
    """POST /rehearsal/faults: what holds for every session from now on, live ones included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    faults: tuple[AnyFault, ...] = Field(min_length=1)


class Orders:
    """First come, first served."""

    def __init__(self) -> None:
        self._queue: deque[Order] = deque()
        self.standing: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, order: Order) -> None:
        """Keep it for the next `times` sessions."""
        self._queue.extend([order] * order.times)

    def take(self) -> Order:
        """What the session that begins now gets, standing faults included."""
        order = self._queue.popleft() if self._queue else Order()
        return order.model_copy(update={"faults": (*order.faults, *self.standing)})

    def clear(self) -> None:
        """Forget standing faults and everything that is queued."""
        self._queue.clear()
        self.standing = ()


def take(faults: list[Fault], kind: Kind, sent: Mapping[str, int]) -> Fault | None:
    """The fault of this kind if it is due, counted down when it is limited to some responses.

    Args:
        faults: those of one session; one that is used up is taken out.
        kind: which fault could happen now.
        sent: how many events of each type the session has sent.
    """
    for index, fault in enumerate(faults):
        early = fault.after_event and sent.get(fault.after_event, 0) < fault.nth
        if fault.kind != kind or early:
            continue
        if fault.responses is not None:
            left = {"responses": fault.responses - 1}
            if fault.responses > 1:
                faults[index] = fault.model_copy(update=left)
            else:
                del faults[index]
        return fault
    return None


def at_handshake(faults: tuple[Fault, ...]) -> Fault | None:
    """The fault that decides the connection before the session begins."""
    return next((fault for fault in faults if fault.kind in _AT_HANDSHAKE), None)
