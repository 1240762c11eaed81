"""Appointments at the workshops: free slots, and booking, moving and cancelling them.

A slot is checked and taken inside one transaction, so of two callers who want it one gets it and
the other hears `slot_taken`. Times are answered in the workshop's zone, with its offset.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.database import Connection, Row, first, record_effect
from rehearsal.office.once import Done, Key
from rehearsal.office.problems import Problem
from rehearsal.office.slots import Booking, Hours, day_slots, is_free

router = APIRouter(prefix="/appointments", tags=["appointments"], responses=REFUSALS)

MOST_DAYS = 14
APPOINTMENT = "SELECT * FROM appointments WHERE appointment = ?"


class Slot(BaseModel):
    """A moment at which a resource is free for a service."""

    location: str
    resource: str
    service: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str


class Slots(BaseModel):
    """Free slots, earliest first."""

    slots: list[Slot]


class Wanted(BaseModel):
    """An appointment somebody wants; `starts_at` with an offset."""

    customer_number: str = Field(pattern=r"^[0-9]{5}$")
    service: str
    resource: str
    starts_at: AwareDatetime


class Moved(BaseModel):
    """When an appointment shall begin instead."""

    starts_at: AwareDatetime


class Appointment(BaseModel):
    """One appointment as the office knows it."""

    appointment: int
    customer_number: str
    service: str
    resource: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str
    status: Literal["booked", "cancelled"]
    confirmed: bool


class Appointments(BaseModel):
    """Booked appointments of one customer that have not begun, earliest first."""

    appointments: list[Appointment]


@router.get("/slots")
async def find_slots(
    office: Office,
    service: str,
    location: str,
    from_day: date,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
) -> Slots:
    """Free slots for `service` at `location`, from `from_day` on, in the future only."""
    async with office.database.writing() as tx:
        resources = await tx.execute_fetchall(
            "SELECT resource FROM resources JOIN resource_services USING (resource)"
            " WHERE service = ? AND location = ? ORDER BY resource",
            (service, location),
        )
        found: list[Slot] = []
        for row in resources:
            found += await _free(tx, row["resource"], service, from_day, days)
    return Slots(slots=sorted(found, key=lambda slot: (slot.starts_at, slot.resource)))


@router.get("")
async def list_appointments(
    office: Office, customer_number: Annotated[str, Query(pattern=r"^[0-9]{5}$")]
) -> Appointments:
    """What a customer has booked from now on."""
    async with office.database.writing() as tx:
        rows = await tx.execute_fetchall(
            "SELECT appointment FROM appointments WHERE customer_number = ?"
            " AND status = 'booked' AND starts_at > ? ORDER BY starts_at",
            (customer_number, datetime.now(UTC).isoformat()),
        )
        found = [await _appointment(tx, row["appointment"]) for row in rows]
    return Appointments(appointments=found)


@router.post("", response_model=Appointment, status_code=201)
async def book(request: Request, office: Office, key: Key, wanted: Wanted) -> Response:
    """Take a free slot for a customer."""

    async def work(tx: Connection) -> Done:
        known = "SELECT 1 FROM customers WHERE customer_number = ?"
        if await first(tx, known, wanted.customer_number) is None:
            raise Problem(404, "customer_not_found", "there is no customer with this number")
        slot = await _claim(tx, wanted.resource, wanted.service, wanted.starts_at)
        cursor = await tx.execute(
            "INSERT INTO appointments (customer_number, service, resource, starts_at, ends_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (wanted.customer_number, slot.service, slot.resource, *_span(slot)),
        )
        number = cursor.lastrowid
        after = {"status": "booked", "starts_at": _span(slot)[0]}
        await record_effect(tx, key, "book", str(number), before={}, after=after)
        return 201, await _appointment(tx, number)

    return await office.writes.once(request, key, wanted, work)


@router.patch("/{appointment}", response_model=Appointment)
async def move(
    request: Request, office: Office, key: Key, appointment: int, moved: Moved
) -> Response:
    """Move a booked appointment to another free slot of the same resource."""

    async def work(tx: Connection) -> Done:
        found = await _booked(tx, appointment)
        slot = await _claim(
            tx, found["resource"], found["service"], moved.starts_at, besides=appointment
        )
        await tx.execute(
            "UPDATE appointments SET starts_at = ?, ends_at = ? WHERE appointment = ?",
            (*_span(slot), appointment),
        )
        await record_effect(
            *(tx, key, "move", str(appointment)),
            before={"starts_at": found["starts_at"]},
            after={"starts_at": _span(slot)[0]},
        )
        return 200, await _appointment(tx, appointment)

    return await office.writes.once(request, key, moved, work)


@router.post("/{appointment}/confirm", response_model=Appointment)
async def confirm(request: Request, office: Office, key: Key, appointment: int) -> Response:
    """Note that the customer said they will come."""

    async def work(tx: Connection) -> Done:
        found = await _booked(tx, appointment)
        await tx.execute(
            "UPDATE appointments SET confirmed = 1 WHERE appointment = ?", (appointment,)
        )
        await record_effect(
            *(tx, key, "confirm_appointment", str(appointment)),
            before={"confirmed": bool(found["confirmed"])},
            after={"confirmed": True},
        )
        return 200, await _appointment(tx, appointment)

    return await office.writes.once(request, key, None, work)


@router.delete("/{appointment}", response_model=Appointment)
async def cancel(request: Request, office: Office, key: Key, appointment: int) -> Response:
    """Cancel a booked appointment; its slot is free again."""

    async def work(tx: Connection) -> Done:
        await _booked(tx, appointment)
        await tx.execute(
            "UPDATE appointments SET status = 'cancelled' WHERE appointment = ?", (appointment,)
        )
        await record_effect(
            *(tx, key, "cancel_appointment", str(appointment)),
            before={"status": "booked"},
            after={"status": "cancelled"},
        )
        return 200, await _appointment(tx, appointment)

    return await office.writes.once(request, key, None, work)


async def _free(
    tx: Connection, resource: str, service: str, from_day: date, days: int, *, besides: int = 0
) -> list[Slot]:
    about = await _offered(tx, resource, service)
    zone, length = ZoneInfo(about["time_zone"]), timedelta(minutes=about["minutes"])
    hours, closed_on = await _opening(tx, about["location"])
    taken = await _taken(tx, resource, besides)
    now = datetime.now(UTC)
    return [
        Slot(
            location=about["location"],
            resource=resource,
            service=service,
            starts_at=start,
            ends_at=(start.astimezone(UTC) + length).astimezone(zone),
            time_zone=about["time_zone"],
        )
        for day in (from_day + timedelta(days=ahead) for ahead in range(days))
        for start in day_slots(day, hours=hours, closed_on=closed_on, zone=zone, length=length)
        if start > now and is_free(start, length, taken)
    ]


async def _offered(tx: Connection, resource: str, service: str) -> Row:
    """Where the resource is, in which zone, and how many minutes the service takes."""
    about = await first(
        tx,
        "SELECT r.location, l.time_zone, s.minutes FROM resources r JOIN locations l"
        " USING (location) JOIN resource_services USING (resource) JOIN services s"
        " USING (service) WHERE resource = ? AND service = ?",
        *(resource, service),
    )
    if about is None:
        raise Problem(404, "not_offered", "this resource does not offer this service")
    return about


async def _claim(
    tx: Connection, resource: str, service: str, starts_at: datetime, *, besides: int = 0
) -> Slot:
    # The day before and after: the caller's offset may name another date than the workshop's.
    day = starts_at.astimezone(UTC).date() - timedelta(days=1)
    for slot in await _free(tx, resource, service, day, 3, besides=besides):
        if slot.starts_at == starts_at:
            return slot
    raise Problem(409, "slot_taken", "this slot is taken or outside opening hours")


async def _opening(tx: Connection, location: str) -> tuple[list[Hours], set[date]]:
    hours = await tx.execute_fetchall(
        "SELECT weekday, opens, closes FROM opening_hours WHERE location = ?", (location,)
    )
    closures = await tx.execute_fetchall("SELECT day FROM closures WHERE location = ?", (location,))
    spans = [Hours(d, time.fromisoformat(o), time.fromisoformat(c)) for d, o, c in hours]
    return spans, {date.fromisoformat(row["day"]) for row in closures}


async def _taken(tx: Connection, resource: str, besides: int) -> list[Booking]:
    rows = await tx.execute_fetchall(
        "SELECT starts_at, ends_at FROM appointments"
        " WHERE resource = ? AND status = 'booked' AND appointment <> ?",
        (resource, besides),
    )
    return [Booking(datetime.fromisoformat(s), datetime.fromisoformat(e)) for s, e in rows]


async def _booked(tx: Connection, appointment: int) -> Row:
    row = await first(tx, APPOINTMENT, appointment)
    if row is None:
        raise Problem(404, "appointment_not_found", "there is no appointment with this number")
    if row["status"] != "booked":
        raise Problem(409, "already_cancelled", "this appointment is cancelled")
    return row


async def _appointment(tx: Connection, number: int | None) -> Appointment:
    row = await first(
        tx,
        "SELECT a.*, l.location, l.time_zone FROM appointments a JOIN resources USING (resource)"
        " JOIN locations l USING (location) WHERE appointment = ?",
        number,
    )
    assert row is not None
    zone = ZoneInfo(row["time_zone"])
    local = {
        end: datetime.fromisoformat(row[end]).astimezone(zone) for end in ("starts_at", "ends_at")
    }
    return Appointment.model_validate({**dict(row), **local})


def _span(slot: Slot) -> tuple[str, str]:
    return slot.starts_at.astimezone(UTC).isoformat(), slot.ends_at.astimezone(UTC).isoformat()
