"""What one caller may have done in a day, and how often somebody may guess, over all calls."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.desk_tools.desk import opened
from tests.unit.desk_tools.fake_office import cut
from tests.unit.desk_tools.virtual_time import pass_time
from tools.breaker import OPEN_S
from tools.identity import MOST_FAILURES, MOST_FAILURES_PER_DAY
from tools.limits import DAY_S, Limits
from tools.policy import Assurance, Effect, Money, Policy
from tools.shared import Shared
from tools.verdict import Verdict

TODAY = datetime(2026, 11, 25, tzinfo=UTC).date()
PAYING = Policy(
    effect=Effect.WRITE,
    assurance=Assurance.NONE,
    money=Money("cents", most_cents=5000, most_per_day_cents=8000),
)
TWICE = dataclasses.replace(PAYING, money=None, times_per_day=2)


class Everybodys:
    """A shared store that is there, as far as anybody can tell."""

    def __init__(self) -> None:
        self.local = Shared()

    def shared(self) -> Shared:
        """One process's view of it."""
        return Shared(self.local)


async def test_money_is_counted_over_all_calls() -> None:
    """Three calls of one caller get no more than one would."""
    everybody = Everybodys()
    taken = [
        await Limits(everybody.shared(), TODAY).take("refund", PAYING, "20417", 4000)
        for _ in range(3)
    ]

    assert taken == [Verdict.ALLOW, Verdict.ALLOW, Verdict.ABOVE_LIMIT]


async def test_what_was_not_done_is_given_back() -> None:
    """A refund that the office refused costs nobody their day's limit."""
    limits = Limits(Everybodys().shared(), TODAY)
    for _ in range(5):
        assert await limits.take("refund", PAYING, "20417", 5000) is Verdict.ALLOW
        await limits.give_back("refund", PAYING, "20417", 5000)


async def test_what_is_refused_counts_for_nothing() -> None:
    """Too much at once does not use up what would still be allowed."""
    limits = Limits(Everybodys().shared(), TODAY)
    await limits.take("refund", PAYING, "20417", 5000)

    assert await limits.take("refund", PAYING, "20417", 4000) is Verdict.ABOVE_LIMIT
    assert await limits.take("refund", PAYING, "20417", 3000) is Verdict.ALLOW


@pytest.mark.parametrize(
    ("tool", "subject", "day"),
    [
        ("refund", "30862", TODAY),
        ("credit", "20417", TODAY),
        ("refund", "20417", TODAY + timedelta(days=1)),
    ],
)
async def test_each_caller_tool_and_day_has_its_own(tool: str, subject: str, day: object) -> None:
    """Nobody pays for somebody else."""
    everybody = Everybodys()
    await Limits(everybody.shared(), TODAY).take("refund", PAYING, "20417", 5000)

    other = Limits(everybody.shared(), day)  # type: ignore[arg-type]
    assert await other.take(tool, PAYING, subject, 5000) is Verdict.ALLOW


async def test_at_the_same_time_no_two_get_the_last() -> None:
    """Calls are processes; whoever counts first has it."""
    limits = Limits(Everybodys().shared(), TODAY)

    taken = await asyncio.gather(*(limits.take("note", TWICE, "20417", 0) for _ in range(10)))

    assert taken.count(Verdict.ALLOW) == 2
    assert set(taken) == {Verdict.ALLOW, Verdict.TOO_OFTEN_TODAY}


async def test_money_that_nobody_can_count_is_not_moved() -> None:
    """Without a Redis each call would grant the whole day's limit."""
    alone = Limits(Shared(), TODAY)

    assert await alone.take("refund", PAYING, "20417", 100) is Verdict.LIMIT_UNKNOWN
    assert await alone.take("note", TWICE, "20417", 0) is Verdict.ALLOW


async def test_a_wish_that_was_refused_gives_its_day_back() -> None:
    """Through the gate: six promises a day, however many came to nothing before."""
    more = ("promise_callback",)
    async with opened(caller_number=None, more=more) as first:
        for _ in range(3):
            async with opened(caller_number=None, more=more, after=first) as desk:
                for _ in range(3):
                    wish = {"about": "A bent wheel.", "phone": "5550177123"}
                    assert (await desk.use("promise_callback", **wish))["reason"] == "not_heard"
        first.gate.caller_said("five five five oh one seven seven one two three")
        told = await first.use("promise_callback", about="A bent wheel.", phone="5550177123")

    assert told["outcome"] == "ok"


async def test_guesses_are_counted_over_calls() -> None:
    """Somebody who rings again and again is locked out, with the right ZIP code too."""
    outcomes: list[str] = []
    async with opened() as first:
        for _ in range(4):
            async with opened(after=first) as desk:
                for guess in range(MOST_FAILURES):
                    zip_code = f"{guess:05}"
                    desk.gate.caller_said(" ".join(zip_code))
                    told = await desk.use("verify_caller", zip_code=zip_code)
                    outcomes.append(told["reason"])
        first.gate.caller_said("nine four one oh seven")
        right = await first.use("verify_caller", zip_code="94107")

    assert outcomes[:3] == ["no_match", "no_match", "locked"]
    assert set(outcomes[MOST_FAILURES_PER_DAY:]) == {"locked"}
    assert first.office.requests.count("POST /customers/verify") == MOST_FAILURES_PER_DAY
    assert right["reason"] == "locked"


async def test_an_outage_locks_nobody_out() -> None:
    """Who tries again and again while the office is down has guessed nothing."""
    async with opened() as first:
        for _ in range(2 * MOST_FAILURES_PER_DAY):
            async with opened(after=first) as desk:
                desk.office.troubles += [("/customers/verify", cut)] * 2
                desk.gate.caller_said("nine four one oh seven")
                told = await desk.use("verify_caller", zip_code="94107")
                assert told["outcome"] in ("unavailable", "breaker_open")
        first.office.troubles.clear()
        await pass_time(OPEN_S)
        await first.verify()


async def test_who_proves_it_has_guessed_nothing() -> None:
    """A caller who misspoke twice and then got it right may ring as often as they like."""
    async with opened() as desk:
        for _ in range(MOST_FAILURES_PER_DAY):
            async with opened(after=desk) as call:
                call.gate.caller_said("one two three four five")
                await call.use("verify_caller", zip_code="12345")
                await call.verify()


async def test_one_who_guesses_about_many_is_known_by_their_number() -> None:
    """Another customer number for each guess helps nobody."""
    reasons = []
    async with opened() as first:
        for customer in ("30862", "30863", "30864", "30865", "30866", "30867", "30868"):
            async with opened(after=first) as desk:
                desk.gate.caller_said(f"{customer} and 11111")
                told = await desk.use("verify_caller", zip_code="11111", customer_number=customer)
                reasons.append(told["reason"])

    assert reasons == ["no_match"] * MOST_FAILURES_PER_DAY + ["locked"]


def test_a_count_outlives_its_day() -> None:
    """Also the one on whose night the clocks go back."""
    assert DAY_S > 25 * 3600
