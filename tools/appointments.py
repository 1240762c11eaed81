"""Business area: appointments at the workshops. Find a free time, book it, say that one will come.

Whose visit it is comes from the call; which stand, from what is free at that moment. Two callers
who want one slot are parted by the office, and the other one is offered what is left. Moving and
cancelling are in `rebooking`.
"""

from dataclasses import replace
from datetime import date, datetime

from pydantic import BaseModel

from tools import spoken, visits, workshops
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import NotAllowed, OfficeRefused
from tools.policy import Assurance, Effect, Policy
from tools.visits import TOPIC, Visit, VisitTold, as_booked, taken
from tools.workshops import Clock, Location, Service


class Wanted(BaseModel):
    """What the office is asked for."""

    customer_number: str
    service: str
    resource: str
    starts_at: datetime


class TimesFound(Result):
    """Free times of one day, on the workshop's clock."""

    day: date | None
    times: list[str]


class VisitsFound(Result):
    """The caller's appointments."""

    visits: list[str]


# Somebody else may take a time meanwhile; what is booked is checked anew.
@tool(Policy(assurance=Assurance.NONE, times_per_call=20, freshness_s=10.0))
async def find_times(call: Call, service: Service, location: Location, day: date) -> TimesFound:
    """Find free times for a service at a workshop, from a day on.

    Ask for the service, the workshop and the day first. Tell the caller what "say" contains;
    "times" are all free times of that day.

    Args:
        service: What is to be done with the bike.
        location: San Francisco is "sf", Denver "den", New York "nyc".
        day: The day as YYYY-MM-DD.
    """
    if day < call.facts.today:
        raise NotAllowed("past", "That day is over. Which day would suit you?")
    found = await workshops.free(call, service, location, day)
    first = found[0].starts_at.date() if found else None
    times = sorted({f"{s.starts_at:%H:%M}" for s in found if s.starts_at.date() == first})
    nothing = first is not None and first != day
    lead = f"There is nothing free on {spoken.day(day)}. " if nothing else ""
    return TimesFound(say=lead + workshops.offer(found), day=first, times=times)


@tool(Policy(assurance=Assurance.NUMBER, freshness_s=20.0))
async def my_appointments(call: Call) -> VisitsFound:
    """Look up which appointments the caller has booked."""
    found = await visits.own(call)
    return VisitsFound(say=visits.told(found), visits=[visit.says for visit in found])


async def _ask_before_booking(
    call: Call, service: Service, location: Location, day: date, time: Clock
) -> ReadBack:
    await workshops.free_at(call, service, location, day=day, clock=time)
    what, where = workshops.SERVICES[service], workshops.LOCATIONS[location]
    when = workshops.moment(day, workshops.at(time))
    say = f"Shall I book a {what} at the {where} for {when}? Please say yes or no."
    return ReadBack(say, ("book", what, where, *workshops.heard_as(day, workshops.at(time))))


@tool(
    replace(
        CHANGE,
        assurance=Assurance.NUMBER,
        topic=TOPIC,
    ),
    read_back=_ask_before_booking,
)
async def book_appointment(
    call: Call, service: Service, location: Location, day: date, time: Clock
) -> VisitTold:
    """Book an appointment at a workshop for the caller.

    The first use books nothing: it gives you a question. Ask it word by word, wait for the caller's
    answer, and only after a clear yes use this tool again with the same arguments.

    Args:
        service: What is to be done with the bike.
        location: San Francisco is "sf", Denver "den", New York "nyc".
        day: The day as YYYY-MM-DD.
        time: The time on the workshop's clock as HH:MM, 24 hours.
    """
    slot = await workshops.free_at(call, service, location, day=day, clock=time)
    wanted = Wanted(
        customer_number=call.customer.customer_number,
        service=service,
        resource=slot.resource,
        starts_at=slot.starts_at,
    )
    try:
        done = await call.office.write("POST", "/appointments", Visit, key=call.key, body=wanted)
    except OfficeRefused as refused:
        raise taken(refused) from refused
    return as_booked("You are booked for a", done, slot.starts_at)


@tool(
    # Saying it again does no harm; a visit that was moved since has to be confirmed anew.
    Policy(effect=Effect.WRITE, assurance=Assurance.NUMBER, times_per_call=5, once_s=10.0)
)
async def confirm_appointment(call: Call, day: date, time: Clock) -> VisitTold:
    """Note that the caller will come to one of their appointments, when they say so.

    Args:
        day: The day on which it is, as YYYY-MM-DD.
        time: The time at which it is, as HH:MM, 24 hours.
    """
    visit = await visits.own_at(call, day, time)
    path = "/appointments/{appointment}/confirm"
    number = str(visit.appointment)
    done = await call.office.write("POST", path, Visit, key=call.key, appointment=number)
    return as_booked("Thank you. We expect you for your", done, visit.starts_at)
