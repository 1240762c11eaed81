"""Appointments, as the real office has them afterwards."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.office.conftest import Running
from tests.integration.office.talk import Talk, talking
from tools.spoken import clock, day

PLACE = {"service": "tune_up", "location": "sf"}
MORGAN = "+15550002222"


def weekday(ahead: int = 0) -> date:
    """A Tuesday at least a week from now, on the workshop's calendar, and days after it."""
    today = datetime.now(ZoneInfo("America/Los_Angeles")).date()
    return today + timedelta(days=7 + (1 - today.weekday()) % 7 + ahead)


async def times(talk: Talk, ahead: int = 0) -> list[str]:
    """The free times of that day."""
    told = await talk.use("find_times", **PLACE, day=weekday(ahead).isoformat())
    assert told["day"] == weekday(ahead).isoformat()
    return list(told["times"])


async def booked(office: Running, customer: str = "20417") -> list[dict[str, Any]]:
    """What a customer has booked, as the office tells it."""
    answer = await office.client.get("/appointments", params={"customer_number": customer})
    return list(answer.json()["appointments"])


async def book(talk: Talk, time: str, ahead: int = 0) -> dict[str, str]:
    """Book a time; the visit's day and time as arguments."""
    when = {"day": weekday(ahead).isoformat(), "time": time}
    told = await talk.agreed("book_appointment", **PLACE, **when)
    assert told["outcome"] == "ok", told
    return when


async def test_free_times_are_a_few_and_told_in_words(office: Running) -> None:
    """The first, one in the middle, the last; all of them for the model."""
    async with talking(office, "find_times", caller=None, verified=False) as talk:
        told = await talk.use("find_times", **PLACE, day=weekday().isoformat())

    first, last = told["times"][0], told["times"][-1]
    assert told["say"].startswith(f"On {day(weekday())} I have ")
    for time in (first, last):
        assert clock(clock_time.fromisoformat(time)) in told["say"]
    assert first >= "09:00"
    assert last <= "17:00"


async def test_a_closed_day_leads_to_the_next_open_one(office: Running) -> None:
    """Sunday: the caller hears that there is nothing, and when there is."""
    sunday = weekday(5)
    assert sunday.weekday() == 6
    async with talking(office, "find_times", caller=None, verified=False) as talk:
        told = await talk.use("find_times", **PLACE, day=sunday.isoformat())

    assert told["say"].startswith(f"There is nothing free on {day(sunday)}. On {day(weekday(6))}")


async def test_a_day_that_is_over_is_asked_about(office: Running) -> None:
    """Not offered."""
    async with talking(office, "find_times", caller=None, verified=False) as talk:
        told = await talk.use("find_times", **PLACE, day="2026-01-05")

    assert (told["outcome"], told["reason"]) == ("refused", "past")


async def test_an_appointment_is_booked_moved_confirmed_and_cancelled(office: Running) -> None:
    """Each after a read-back that names what, where and when; the office has what was said."""
    tools = [f"{verb}_appointment" for verb in ("book", "move", "confirm", "cancel")]
    async with talking(office, "find_times", "my_appointments", *tools) as talk:
        free, later = await times(talk), await times(talk, 1)
        when = await book(talk, free[0])
        to = {"new_day": weekday(1).isoformat(), "new_time": later[-1]}
        moved = await talk.agreed("move_appointment", **when, **to)
        (visit,) = await booked(office)
        now = {"day": to["new_day"], "time": to["new_time"]}
        confirmed = await talk.use("confirm_appointment", **now)
        mine = await talk.use("my_appointments")
        cancelled = await talk.agreed("cancel_appointment", **now)

    assert visit["starts_at"].startswith(f"{to['new_day']}T{to['new_time']}")
    assert moved["say"].startswith("I have moved it. You are booked for a tune-up at the San Fr")
    assert confirmed["say"].startswith("Thank you. We expect you for your tune-up")
    assert mine["say"].startswith("You have a tune-up at the San Francisco workshop on ")
    assert cancelled["say"].endswith("is cancelled.")
    assert await booked(office) == []
    operations = [effect["operation"] for effect in await office.effects()]
    assert operations == ["book", "move", "confirm_appointment", "cancel_appointment"]


async def only_stand(office: Running) -> tuple[str, dict[str, Any]]:
    """A time of that day at which one stand is left, and its slot."""
    query = {**PLACE, "from_day": weekday().isoformat(), "days": "1"}
    slots = (await office.client.get("/appointments/slots", params=query)).json()["slots"]
    stands = Counter(slot["starts_at"] for slot in slots)
    slot = next(slot for slot in slots if stands[slot["starts_at"]] == 1)
    return slot["starts_at"][11:16], slot


async def test_two_callers_cannot_book_one_slot(office: Running) -> None:
    """Both have said yes to the last stand; one has it, the other is told."""
    time, _ = await only_stand(office)
    when = {**PLACE, "day": weekday().isoformat(), "time": time}
    async with (
        talking(office, "book_appointment") as one,
        talking(office, "book_appointment", caller=MORGAN, verified=False) as other,
    ):
        for talk in (one, other):
            talk.gate.agent_said((await talk.use("book_appointment", **when))["say"])
            talk.gate.caller_said("yes")
        both = await asyncio.gather(*(t.use("book_appointment", **when) for t in (one, other)))

    assert sorted(told["outcome"] for told in both) == ["ok", "refused"]
    assert len(await booked(office)) + len(await booked(office, "30862")) == 1


async def test_a_slot_that_somebody_takes_meanwhile_is_lost_honestly(office: Running) -> None:
    """Between the question and the yes: nothing is booked, and the caller hears what is left."""
    time, slot = await only_stand(office)
    when = {**PLACE, "day": weekday().isoformat(), "time": time}
    async with talking(office, "book_appointment") as talk:
        talk.gate.agent_said((await talk.use("book_appointment", **when))["say"])
        taken = {name: slot[name] for name in ("service", "resource", "starts_at")}
        answer = await office.client.post(
            "/appointments",
            json={"customer_number": "30862", **taken},
            headers={"Idempotency-Key": "somebody-else"},
        )
        assert answer.status_code == 201
        talk.gate.caller_said("yes")
        told = await talk.use("book_appointment", **when)

    assert (told["outcome"], told["reason"]) == ("refused", "not_free")
    assert await booked(office) == []


async def test_a_time_that_is_taken_is_told_with_others(office: Running) -> None:
    """Before the caller agrees to what cannot be."""
    async with talking(office, "find_times", "book_appointment") as talk:
        told = await talk.use("book_appointment", **PLACE, day=weekday().isoformat(), time="03:15")

    assert (told["outcome"], told["reason"]) == ("refused", "not_free")
    assert "3 15 in the morning is not free. On " in told["say"]


async def test_another_customers_visit_is_nobodys_business(office: Running) -> None:
    """Not even that it exists: it sounds like a time at which nothing is."""
    async with talking(
        office, "find_times", "book_appointment", caller=MORGAN, verified=False
    ) as morgan:
        when = await book(morgan, (await times(morgan))[0])
    async with talking(office, "cancel_appointment", "confirm_appointment") as talk:
        cancelled = await talk.use("cancel_appointment", **when)
        confirmed = await talk.use("confirm_appointment", **when)

    assert cancelled["reason"] == confirmed["reason"] == "no_such_visit"
    assert "You have no appointment with us." in cancelled["say"]
    assert len(await booked(office, "30862")) == 1


async def test_booking_again_after_a_cancellation_is_no_duplicate(office: Running) -> None:
    """The same slot, which is free again."""
    async with talking(office, "find_times", "book_appointment", "cancel_appointment") as talk:
        free = await times(talk)
        when = await book(talk, free[0])
        assert (await talk.use("book_appointment", **PLACE, **when))["outcome"] == "duplicate"
        await talk.agreed("cancel_appointment", **when)
        await book(talk, free[0])

    assert len(await booked(office)) == 1


@pytest.mark.parametrize("tool", ["move_appointment", "cancel_appointment"])
async def test_a_number_alone_loses_nobody_their_visit(office: Running, tool: str) -> None:
    """Numbers can be forged; booking and confirming do no harm, the others do."""
    when = {"day": weekday().isoformat(), "time": "09:00"}
    more = {"new_day": weekday(1).isoformat(), "new_time": "09:00"}
    async with talking(office, tool, verified=False) as talk:
        told = await talk.use(tool, **when, **(more if tool.startswith("move") else {}))

    assert told["reason"] == "not_verified"


@pytest.mark.parametrize(
    "wrong", [{"time": "9:30"}, {"time": "25:00"}, {"day": "tomorrow"}, {"service": "wash"}]
)
async def test_what_is_no_time_is_not_looked_for(office: Running, wrong: dict[str, str]) -> None:
    """The model is told what to mend."""
    when = {**PLACE, "day": weekday().isoformat(), "time": "09:30", **wrong}
    async with talking(office, "book_appointment") as talk:
        told = await talk.use("book_appointment", **when)

    assert told["outcome"] == "invalid_arguments"
    assert told["problems"]
