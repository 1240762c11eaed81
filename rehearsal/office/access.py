"""What every route shares: the parts of the running office, and its one bearer key.

`Parts` is made once by `app.build` and handed to routes as a dependency.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from rehearsal.office.database import Database
from rehearsal.office.faults import FaultBook
from rehearsal.office.once import Writes
from rehearsal.office.problems import Problem, ProblemBody

REFUSALS: dict[int | str, dict[str, object]] = {
    400: {"model": ProblemBody},
    401: {"model": ProblemBody},
    404: {"model": ProblemBody},
    409: {"model": ProblemBody},
    422: {"model": ProblemBody},
}


@dataclass(frozen=True)
class Parts:
    """A running office: its data, its door for writes, the faults it plays, its seeding day."""

    database: Database
    writes: Writes
    faults: FaultBook
    today: date | None


def _parts(request: Request) -> Parts:
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


Office: TypeAlias = Annotated[Parts, Depends(_parts)]


def require_key(key: str) -> Callable[[Request], None]:
    """A dependency that refuses requests without `Authorization: Bearer <key>`."""

    def check(request: Request) -> None:
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {key}".encode()):
            raise Problem(401, "wrong_key", "send Authorization: Bearer and the office's key")

    return check
