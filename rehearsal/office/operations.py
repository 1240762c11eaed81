"""What became of a write: asked by key, and fenced by key when it must never happen any more.

A caller who lost an answer asks here instead of guessing. Fencing waits for a write under way, so
its answer is final: either the write is done, or it never will be.
"""

from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Path
from pydantic import BaseModel, Json

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.database import Row, first, utc_now
from rehearsal.office.once import KEY_CHARS

router = APIRouter(prefix="/operations", tags=["operations"], responses=REFUSALS)

KeyInPath: TypeAlias = Annotated[str, Path(min_length=1, max_length=KEY_CHARS)]


class Operation(BaseModel):
    """State of one key; `status` and `answer` are those of the first answer, if it is done."""

    key: str
    state: Literal["done", "fenced", "in_progress", "unknown"]
    status: int | None = None
    answer: Json[Any] | None = None


@router.get("/{key}")
async def read_operation(office: Office, key: KeyInPath) -> Operation:
    """What became of the write with `key`."""
    row = await office.database.one("SELECT * FROM operations WHERE key = ?", key)
    if row is not None:
        return _operation(row)
    under_way = key in office.writes.under_way
    return Operation(key=key, state="in_progress" if under_way else "unknown")


@router.delete("/{key}")
async def fence_operation(office: Office, key: KeyInPath) -> Operation:
    """Refuse `key` ever after, unless its write is done already; the answer says which."""
    async with office.database.writing() as tx:
        await tx.execute(
            "INSERT INTO operations (key, state, at) VALUES (?, 'fenced', ?)"
            " ON CONFLICT DO NOTHING",
            (key, utc_now()),
        )
        row = await first(tx, "SELECT * FROM operations WHERE key = ?", key)
    assert row is not None
    return _operation(row)


def _operation(row: Row) -> Operation:
    return Operation(key=row["key"], state=row["state"], status=row["status"], answer=row["body"])
