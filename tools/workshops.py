"""The workshops: places, services, and which times are free there.

Times are the workshop's own wall clock; the office's answers carry its offset, so that a moment is
the same for everybody. For `appointments`, `visits` and `rebooking`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field

from tools import spoken
from tools.call import Call
from tools.errors import NotAllowed

Service: TypeAlias = Literal[
    "tune_up", "flat_repair", "brake_service", "full_service", "bike_fitting"
]
Location: TypeAlias = Literal["sf", "den", "nyc"]
Clock: TypeAlias = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

SERVICES: Mapping[str, str] = {
    "tune_up": "tune-up",
    "flat_repair": "flat tire repair",
    "brake_service": "brake service",
    "full_service": "full service",
    "bike_fitting": "bike fitting",
}
LOCATIONS: Mapping[str, str] = {
    "sf": "San Francisco workshop",
    "den": "Denver workshop",
    "nyc": "New York workshop",
}
DAYS_AHEAD = 7


class Slot(BaseModel):
    """A moment at which a stand is free."""

    resource: str = Field(max_length=40)
    starts_at: datetime


class Slots(BaseModel):
    """Free moments, earliest first."""

    slots: list[Slot] = Field(max_length=1000)


def moment(day: date, at: time) -> str:
    """Day and time as they are said."""
    return f"{spoken.day(day)} at {spoken.clock(at)}"


def heard_as(day: date, at: time) -> tuple[str, str]:
    """What of a moment must be heard in a read-back, however the day's name is left out."""
    return f"{day:%B} {day.day}", spoken.clock(at)


def at(clock: Clock) -> time:
    """A time of day that a model wrote."""
    return time.fromisoformat(clock)


async def free(call: Call, service: Service, location: Location, day: date) -> list[Slot]:
    """Free slots from `day` on, as far as a caller is offered any."""
    query = {
        "service": service,
        "location": location,
        "from_day": day.isoformat(),
        "days": str(DAYS_AHEAD),
    }
    return (await call.office.read("/appointments/slots", Slots, query=query)).slots


async def free_at(
    call: Call, service: Service, location: Location, *, day: date, clock: Clock
) -> Slot:
    """The slot at that moment.

    Raises:
        NotAllowed: there is none; the sentence offers others.
    """
    found = await free(call, service, location, day)
    for slot in found:
        if (slot.starts_at.date(), slot.starts_at.time()) == (day, at(clock)):
            return slot
    raise NotAllowed("not_free", f"{moment(day, at(clock))} is not free. {offer(found)}")


def offer(found: list[Slot]) -> str:
    """A few free times of the first day that has any, spread over it."""
    if not found:
        return "There is nothing free within a week of that day."
    day = found[0].starts_at.date()
    times = sorted({slot.starts_at.time() for slot in found if slot.starts_at.date() == day})
    few = dict.fromkeys((times[0], times[len(times) // 2], times[-1]))
    return f"On {spoken.day(day)} I have {spoken.listed([spoken.clock(one) for one in few])}."
