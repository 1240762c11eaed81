"""One step of set-up, and the order they go in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from setup.doing import Teller


@dataclass(frozen=True)
class Step:
    """Something to have. `done` is quick and changes nothing; `make` may take `estimate_s`."""

    name: str
    estimate_s: float
    done: Callable[[], bool]
    make: Callable[[Teller], None]


def missing(steps: Sequence[Step]) -> list[Step]:
    """The steps still to do, in their order."""
    return [step for step in steps if not step.done()]
