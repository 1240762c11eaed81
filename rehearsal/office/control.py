"""What only a rehearsal asks of the office: its faults, and what has changed in its data.

No real back office has these routes; `tools` never calls them. Call scripts judge goals by
`/rehearsal/effects`.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.faults import Fault
from rehearsal.office.problems import Problem

router = APIRouter(prefix="/rehearsal", tags=["rehearsal"], responses=REFUSALS)


class ActiveFault(Fault):
    """A fault with its number and how often it has struck."""

    id: int
    struck: int


class ActiveFaults(BaseModel):
    """Faults in force, oldest first."""

    faults: list[ActiveFault]


class Effect(BaseModel):
    """One change: `operation` on `subject` under idempotency key `key`, at `at` (UTC)."""

    id: int
    at: str
    key: str
    operation: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class Effects(BaseModel):
    """Changes, oldest first. Ask again with the last `id` as `since` to get only newer ones."""

    effects: list[Effect]


class Message(BaseModel):
    """What would have been sent: `sent_by` text or email."""

    id: int
    at: str
    customer_number: str
    sent_by: str
    sent_to: str
    text: str


class Messages(BaseModel):
    """Messages, oldest first."""

    messages: list[Message]


@router.post("/faults", status_code=201)
async def add_fault(office: Office, fault: Fault) -> ActiveFault:
    """Play a fault from now on."""
    added = office.faults.add(fault)
    return ActiveFault(id=added.id, struck=0, **fault.model_dump())


@router.get("/faults")
async def list_faults(office: Office) -> ActiveFaults:
    """Faults in force."""
    return ActiveFaults(
        faults=[
            ActiveFault(id=entry.id, struck=entry.struck, **entry.fault.model_dump())
            for entry in office.faults.entries
        ]
    )


@router.delete("/faults", status_code=204)
async def clear_faults(office: Office) -> None:
    """End all faults; requests that hang or wait are dropped, not carried out."""
    office.faults.clear()


@router.delete("/faults/{number}", status_code=204)
async def remove_fault(office: Office, number: Annotated[int, Path(ge=1)]) -> None:
    """End one fault."""
    if not office.faults.remove(number):
        raise Problem(404, "fault_not_found", "there is no fault with this number")


@router.post("/restore", status_code=204)
async def restore(office: Office) -> None:
    """Put all data back as it was first seeded, and end all faults. Ids of effects go on."""
    office.faults.clear()
    await office.database.restore(office.today)


@router.get("/effects")
async def list_effects(office: Office, since: Annotated[int, Query(ge=0)] = 0) -> Effects:
    """What has changed after the effect with id `since`; 0 for everything."""
    found = await office.database.all("SELECT * FROM effects WHERE id > ? ORDER BY id", since)
    return Effects(
        effects=[
            Effect.model_validate(
                {
                    **dict(row),
                    "before": json.loads(row["before"]),
                    "after": json.loads(row["after"]),
                }
            )
            for row in found
        ]
    )


@router.get("/messages")
async def list_messages(office: Office) -> Messages:
    """What customers would have been sent since the data were restored."""
    found = await office.database.all("SELECT * FROM messages ORDER BY id")
    return Messages(messages=[Message.model_validate(dict(row)) for row in found])
