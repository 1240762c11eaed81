"""Business area: moving and cancelling appointments, only ever the caller's own."""

from dataclasses import replace
from datetime import date, datetime

from pydantic import BaseModel

from tools import visits, workshops
from tools.call import Call
from tools.catalogue import tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import BadAnswer, OfficeRefused
from tools.policy import Effect
from tools.visits import TOPIC, Visit, VisitTold, as_booked, taken
from tools.workshops import Clock


class Moved(BaseModel):
    """When it shall be instead."""

    starts_at: datetime


async def _ask_before_moving(
    call: Call, day: date, time: Clock, new_day: date, new_time: Clock
) -> ReadBack:
    visit = await visits.own_at(call, day, time)
    await workshops.free_at(call, visit.service, visit.location, day=new_day, clock=new_time)
    before, after = workshops.at(time), workshops.at(new_time)
    what, since = workshops.SERVICES[visit.service], workshops.moment(day, before)
    say = (
        f"Shall I move your {what} from {since}"
        f" to {workshops.moment(new_day, after)}? Please say yes or no."
    )
    return ReadBack(
        say, ("move", *workshops.heard_as(day, before), *workshops.heard_as(new_day, after))
    )


@tool(
    replace(
        CHANGE,
        action_words=frozenset({"change"}),
        topic=TOPIC,
    ),
    read_back=_ask_before_moving,
)
async def move_appointment(
    call: Call, day: date, time: Clock, new_day: date, new_time: Clock
) -> VisitTold:
    """Move one of the caller's appointments to another time at the same workshop.

    The caller must be verified first. The first use moves nothing: it gives you a question. Ask it
    word by word, wait for the caller's answer, and only after a clear yes use this tool again with
    the same arguments.

    Args:
        day: The day on which it is now, as YYYY-MM-DD.
        time: The time at which it is now, as HH:MM, 24 hours.
        new_day: The day on which it shall be, as YYYY-MM-DD.
        new_time: The time at which it shall be, as HH:MM, 24 hours.
    """
    visit = await visits.own_at(call, day, time)
    slot = await workshops.free_at(call, visit.service, visit.location, day=new_day, clock=new_time)
    try:
        done = await call.office.write(
            "PATCH",
            "/appointments/{appointment}",
            Visit,
            key=call.key,
            body=Moved(starts_at=slot.starts_at),
            appointment=str(visit.appointment),
        )
    except OfficeRefused as refused:
        raise taken(refused) from refused
    return as_booked("I have moved it. You are booked for a", done, slot.starts_at)


async def _ask_before_cancelling(call: Call, day: date, time: Clock) -> ReadBack:
    visit = await visits.own_at(call, day, time)
    say = f"Shall I cancel your {visit.says}? Please say yes or no."
    return ReadBack(say, ("cancel", *workshops.heard_as(day, workshops.at(time))))


@tool(
    replace(
        CHANGE,
        effect=Effect.IRREVERSIBLE,
        action_words=frozenset({"cancel"}),
        topic=TOPIC,
    ),
    read_back=_ask_before_cancelling,
)
async def cancel_appointment(call: Call, day: date, time: Clock) -> VisitTold:
    """Cancel one of the caller's appointments. Somebody else may take its time.

    The caller must be verified first. The first use cancels nothing: it gives you a question. Ask
    it word by word, wait for the caller's answer, and only after a clear yes use this tool again
    with the same arguments.

    Args:
        day: The day on which it is, as YYYY-MM-DD.
        time: The time at which it is, as HH:MM, 24 hours.
    """
    visit = await visits.own_at(call, day, time)
    path = "/appointments/{appointment}"
    number = str(visit.appointment)
    done = await call.office.write("DELETE", path, Visit, key=call.key, appointment=number)
    if done.status != "cancelled":
        raise BadAnswer("not_cancelled")
    return VisitTold(say=f"Your {visit.says} is cancelled.", day=day, time=time)
