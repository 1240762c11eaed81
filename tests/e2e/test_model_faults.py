"""The model fails in every way it can; the caller always hears why, or gets the answer after all.

Each is judged by the waveform of the caller's leg and by `call.json`. Calls with one fault are made
at once, as many side by side as the floor takes; what orders more while it goes on is alone.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from records import CallOutcome
from rehearsal.phone.measure import DEAD_AIR_S
from tests.e2e.desk import (
    ASK,
    ASK_AGAIN,
    HANG_UP,
    LISTEN,
    ORDER_PLEASE,
    SHIPPED,
    Desk,
    Plan,
    apologised,
    logged,
)
from tests.e2e.made import Made

ASK_TWICE = [ASK, ASK_AGAIN, HANG_UP]
# The greeting is late.
ASK_LATE = [{"say": ORDER_PLEASE, "at_s": 6}, HANG_UP]
TURN_BEGINS, TURN_ENDS = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
AFTER_THE_GREETING = {"after_event": "response.done"}
ANSWERING = {"after_event": "response.output_audio.delta", "nth": 10}


def order(kind: str, **more: Any) -> dict[str, Any]:
    """An order for one session with one fault."""
    return {"faults": [{"kind": kind, **more}]}


PLANS = {
    "slow": Plan(steps=ASK_LATE, model=order("slow", seconds=4, responses=2)),
    "silent": Plan(steps=[LISTEN], model=order("silent")),
    "refused": Plan(steps=[LISTEN], model={**order("refuse"), "times": 3}),
    "wrong key": Plan(steps=[LISTEN], model={**order("unauthorized"), "times": 3}),
    "quota": Plan(steps=[ASK, LISTEN], model=order("quota", responses=1)),
    "malformed": Plan(steps=[LISTEN], model=order("malformed", responses=1)),
    "quota later": Plan(steps=[ASK, LISTEN], model=order("quota", **AFTER_THE_GREETING)),
    "malformed later": Plan(
        steps=[ASK, LISTEN], model=order("malformed", responses=1, **AFTER_THE_GREETING)
    ),
    "half open": Plan(steps=ASK_TWICE, model=order("half_open", after_event=TURN_ENDS)),
    "half open in a turn": Plan(steps=ASK_TWICE, model=order("half_open", after_event=TURN_BEGINS)),
    "dropped once": Plan(steps=ASK_TWICE, model=order("drop", after_event=TURN_ENDS)),
    "failed once": Plan(steps=[ASK_AGAIN, HANG_UP], model=order("failed", responses=1)),
    "failed later": Plan(
        steps=[ASK, HANG_UP], model=order("failed", responses=1, **AFTER_THE_GREETING)
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calls(brief: Desk) -> AsyncIterator[dict[str, "asyncio.Task[Made]"]]:
    """Every call of `PLANS`, begun."""
    await brief.reset()
    async with brief.making(PLANS) as calls:
        yield calls


@pytest.mark.parametrize("name", ["refused", "wrong key", "quota", "malformed"])
async def test_a_model_that_is_gone_is_apologised_for(
    calls: dict[str, "asyncio.Task[Made]"], name: str
) -> None:
    """No connection, no key, no money, no sense: an apology within 3 s, then the end."""
    made = await calls[name]

    assert made.result.call.answered_s is not None
    assert apologised(made).start_s - made.result.call.answered_s < 3
    assert made.closed_by_desk
    assert made.call.outcome is CallOutcome.FAILED


@pytest.mark.parametrize("name", ["quota later", "malformed later"])
async def test_a_model_that_goes_in_a_later_turn_is_apologised_for(
    calls: dict[str, "asyncio.Task[Made]"], name: str
) -> None:
    """It greeted and heard the caller; who waits for the answer hears why there is none."""
    made = await calls[name]

    asked_s = made.heard.caller[-1].end_s
    assert made.heard.agent[0].start_s < asked_s
    assert 0 < apologised(made).start_s - asked_s < DEAD_AIR_S
    assert (made.closed_by_desk, made.call.outcome) == (True, CallOutcome.FAILED)


async def test_a_model_that_says_nothing_is_given_up(
    calls: dict[str, "asyncio.Task[Made]"],
) -> None:
    """Its silence is bridged, and when it goes on the caller is told."""
    made = await calls["silent"]

    assert made.clips[:2] == ["One moment, please."] * 2
    assert apologised(made)
    assert made.silences == []
    assert (made.closed_by_desk, made.call.outcome) == (True, CallOutcome.FAILED)


@pytest.mark.parametrize("name", ["dropped once", "half open", "half open in a turn"])
async def test_a_model_that_comes_back_goes_on(
    calls: dict[str, "asyncio.Task[Made]"], name: str
) -> None:
    """The line holds, somebody speaks in time, and the caller who asks again is answered."""
    made = await calls[name]

    assert made.result.gave_up is None
    assert SHIPPED in made.said
    assert made.silences == []
    assert made.call.outcome is CallOutcome.COMPLETED


@pytest.mark.parametrize("name", ["failed once", "failed later"])
async def test_a_response_that_failed_is_asked_for_again(
    calls: dict[str, "asyncio.Task[Made]"], name: str
) -> None:
    """Greeting or answer: the caller gets both and does not notice."""
    made = await calls[name]

    assert SHIPPED in made.said
    assert made.heard.gaps[-1].seconds < DEAD_AIR_S
    assert made.call.outcome is CallOutcome.COMPLETED


async def test_a_slow_model_is_bridged(calls: dict[str, "asyncio.Task[Made]"]) -> None:
    """The caller is asked for a moment in time, as often as it takes, and gets the answer."""
    made = await calls["slow"]

    assert "One moment, please." in made.clips
    assert SHIPPED in made.said
    assert made.silences == []
    assert made.call.outcome is CallOutcome.COMPLETED


async def test_a_model_that_drops_and_stays_away_is_apologised_for(
    brief: Desk,
) -> None:
    """The answer breaks off; within 3 s the caller hears why."""
    dropping = {"faults": [{"kind": "drop", **ANSWERING}]}
    await brief.reset()

    async with brief.calling(Plan(steps=[ASK, LISTEN], model=dropping)) as live:
        await live.happens("greeted")
        await brief.order(faults=["refuse"], times=2)
        made = await live.over()

    faults = [line for line in logged(brief.stack.model_log) if line["event"] == "model.fault"]
    dropped_s = made.at_s([line["at"] for line in faults if line["kind"] == "drop"][-1])
    assert 0 < apologised(made).start_s - dropped_s < DEAD_AIR_S
    assert (made.closed_by_desk, made.call.outcome) == (True, CallOutcome.FAILED)


async def test_a_model_that_accepts_and_closes_is_given_up(
    brief: Desk,
) -> None:
    """Reconnecting for ever would leave the caller in silence."""
    await brief.reset()

    made = await brief.made(Plan(steps=[LISTEN], model={**order("storm"), "times": 200}))
    await brief.reset()

    assert made.result.call.answered_s is not None
    assert apologised(made).start_s - made.result.call.answered_s < 3
    assert (made.closed_by_desk, made.call.outcome) == (True, CallOutcome.FAILED)
