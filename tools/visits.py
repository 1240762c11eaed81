"""What a caller has booked at the workshops, as the office tells it and as it is said."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from tools import spoken
from tools.call import Call
from tools.catalogue import Result
from tools.errors import BadAnswer, NotAllowed, OfficeRefused
from tools.workshops import LOCATIONS, SERVICES, Clock, Location, Service, at, moment

# Booking, moving and cancelling undo each other.
TOPIC = "appointments"


class Visit(BaseModel):
    """An appointment of the caller."""

    appointment: int
    customer_number: str
    service: Service
    location: Location
    starts_at: datetime
    status: Literal["booked", "cancelled"]
    confirmed: bool

    @property
    def says(self) -> str:
        """What and when: "tune-up at the Denver workshop on Friday, November 27th at noon"."""
        where = f"{SERVICES[self.service]} at the {LOCATIONS[self.location]}"
        return f"{where} on {moment(self.starts_at.date(), self.starts_at.time())}"


class Visits(BaseModel):
    """Booked appointments, earliest first."""

    appointments: list[Visit] = Field(max_length=100)


class VisitTold(Result):
    """One appointment as it is now."""

    day: date
    time: str


async def own(call: Call) -> list[Visit]:
    """What the caller has booked."""
    number = call.customer.customer_number
    found = await call.office.read("/appointments", Visits, query={"customer_number": number})
    if any(visit.customer_number != number for visit in found.appointments):
        raise BadAnswer("another_customer")
    return found.appointments


async def own_at(call: Call, day: date, clock: Clock) -> Visit:
    """The caller's appointment at that moment.

    Raises:
        NotAllowed: they have none then; the sentence tells what they have.
    """
    found = await own(call)
    for visit in found:
        if (visit.starts_at.date(), visit.starts_at.time()) == (day, at(clock)):
            return visit
    says = f"I don't see an appointment of yours on {moment(day, at(clock))}. {told(found)}"
    raise NotAllowed("no_such_visit", says)


def told(found: list[Visit]) -> str:
    """All of them in a sentence."""
    if not found:
        return "You have no appointment with us."
    return f"You have {spoken.listed([f'a {visit.says}' for visit in found])}."


def as_booked(lead: str, done: Visit, starts_at: datetime) -> VisitTold:
    """The result of a change after which the visit is to begin at `starts_at`."""
    if done.status != "booked" or done.starts_at != starts_at:
        raise BadAnswer("another_time")
    day, clock = done.starts_at.date(), f"{done.starts_at:%H:%M}"
    return VisitTold(say=f"{lead} {done.says}.", day=day, time=clock)


def taken(refused: OfficeRefused) -> NotAllowed | OfficeRefused:
    """What a refusal is to the caller if somebody else was faster."""
    if refused.office_code != "slot_taken":
        return refused
    return NotAllowed(
        "slot_taken", "I am sorry, somebody has just taken that time. Shall I look again?"
    )
