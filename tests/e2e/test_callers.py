"""Callers who are silent, make noise, press keys, are in distress or dial a number of nobody.

All calls of this module are made at once, as many side by side as the floor takes.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from records import CallOutcome
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.loudness import trimmed
from rehearsal.phone.measure import DEAD_AIR_S
from rehearsal.speech import speak
from tests.e2e.desk import EDGE_S, ORDER_PLEASE, SHIPPED, Desk, Plan, logged
from tests.e2e.made import TAIL_S, Made

Calls = dict[str, "asyncio.Task[Made]"]

KEYS = "94107"
EMERGENCY_S = 4.5
# The scripted model's.
VOICE = "slt"
PLANS = {
    "silent": Plan(steps=[{"wait_for_hang_up": True}]),
    "noise": Plan(
        steps=[{"noise": {"seconds": 6, "level_dbfs": -30}, "at_s": 0}, {"wait_for_hang_up": True}]
    ),
    "keys": Plan(
        steps=[
            {"dtmf": KEYS, "at_s": 0.2},
            {"say": ORDER_PLEASE, "at_s": 3},
            {"dtmf": "#", "over_s": 0.5},
            {"say": "no thank you, goodbye"},
            {"wait_for_hang_up": True},
        ]
    ),
    "emergency": Plan(
        steps=[{"say": "i need an ambulance"}, {"hang_up": True, "after": "other"}],
    ),
    "nobody": Plan(steps=[{"wait_for_hang_up": True}], dial="+15550009999"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calls(brief: Desk) -> AsyncIterator[Calls]:
    """Every call of `PLANS`, begun."""
    await brief.reset()
    async with brief.making(PLANS) as calls:
        yield calls


async def test_a_silent_caller_is_asked_and_then_told(calls: Calls) -> None:
    """One question, as the profile says, then a sentence, heard whole, and the line closes."""
    made = await calls["silent"]

    assert made.call.outcome is CallOutcome.CALLER_SILENT
    assert made.clips[0] == "Are you still there?"
    assert "I will end the call" in made.clips[1]
    assert len(made.heard.agent) == 3
    assert made.farewell


async def test_noise_is_no_caller(calls: Calls) -> None:
    """White noise is answered by nobody: it is no turn, and ends like silence."""
    made = await calls["noise"]

    assert made.call.outcome is CallOutcome.CALLER_SILENT
    assert [turn.text for turn in made.call.turns if turn.speaker == "caller"] == []
    assert made.call.interruptions == 0
    assert made.farewell


async def test_keys_at_any_time_are_counted_and_forgotten(calls: Calls, brief: Desk) -> None:
    """During the greeting and over an answer: the call goes on, and which keys is nowhere told."""
    made = await calls["keys"]

    assert made.call.dtmf_digits == len(KEYS) + 1
    assert SHIPPED in made.said
    assert made.call.outcome is CallOutcome.COMPLETED
    record = made.call.model_dump_json()
    assert KEYS not in record
    assert not [line for line in logged(brief.stack.log("worker")) if "digit" in str(line)]


async def test_a_goodbye_is_heard_whole(calls: Calls) -> None:
    """Every word of it, as long as its voice takes, and the line closes after the last."""
    made = await calls["keys"]
    sentences = ("Thank you for calling.", "Goodbye.")
    words = [trimmed(await speak(text, voice=VOICE, rate_hz=RATE_HZ)) for text in sentences]

    goodbye = [s for s in made.heard.agent if s.start_s > made.heard.caller[-1].end_s]

    least_s = sum(map(len, words)) / RATE_HZ - EDGE_S
    assert goodbye, f"nothing was heard of it: {made.heard.agent}"
    assert goodbye[-1].end_s - goodbye[0].start_s > least_s
    assert made.ended_s - goodbye[-1].end_s >= TAIL_S
    assert made.closed_by_desk


async def test_a_caller_in_distress_hears_the_fixed_sentence(calls: Calls, brief: Desk) -> None:
    """Whatever the model would say, in time and whole, and the dashboard tells."""
    made = await calls["emergency"]

    said = made.heard.caller[-1]
    sentence = made.speech_after(said.end_s, least_s=EMERGENCY_S)
    assert sentence.start_s - said.end_s < DEAD_AIR_S
    assert "dial your local emergency number" in made.clips[0]
    assert await brief.series("frontdesk_clips_played_total", reason="emergency") == 1


async def test_a_number_that_leads_to_nobody_says_so(calls: Calls, brief: Desk) -> None:
    """A sentence, whole, then the line closes; the model is not asked."""
    made = await calls["nobody"]

    assert made.call.outcome is CallOutcome.NOT_IN_SERVICE
    assert "not in service" in made.clips[0]
    assert (len(made.heard.agent), made.closed_by_desk) == (1, True)
    assert made.farewell
    assert made.call.tokens == []
