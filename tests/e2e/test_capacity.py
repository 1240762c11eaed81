"""Callers whom no worker can take get a final answer; calls in progress are not touched by it.

The waits are livekit-sip's ringing timeout; `evening` tells what happens meanwhile.
"""

import asyncio

import pytest

from records import CallOutcome
from tests.e2e.evening import LIMIT_S, Evening
from tests.e2e.made import Made

FINAL_WITHIN_S = 16.0
Lived = asyncio.Task[Evening]


@pytest.mark.parametrize("when", ["while_full", "while_draining", "without_worker"])
async def test_a_caller_whom_nobody_can_take_gets_a_final_answer(evening: Lived, when: str) -> None:
    """Not ringing for ever: busy, within the ringing timeout; each of them is counted."""
    made: Made = getattr(await evening, when)

    assert made.result.call.code == 486
    assert made.ended_s < FINAL_WITHIN_S


async def test_the_longest_duration_is_spoken_before_the_line_closes(evening: Lived) -> None:
    """The first caller was disturbed by none of it, and hears why the call ends."""
    first = (await evening).first

    assert first.call.outcome is CallOutcome.LIMIT
    assert "longest time" in first.clips[-1]
    assert first.farewell.start_s > LIMIT_S
    assert first.closed_by_desk


async def test_a_draining_worker_finishes_its_call_and_ends_well(evening: Lived) -> None:
    """SIGTERM came in the middle of the call; the process waited for it and exited 0."""
    assert (await evening).worker_exit == 0


async def test_nothing_is_left_behind(evening: Lived) -> None:
    """No process of the stack outlives it, jobs and their helpers included."""
    assert (await evening).left == ()


async def test_a_profile_that_keeps_no_sound_keeps_none(evening: Lived) -> None:
    """The record says so."""
    assert (await evening).first.call.recording is None
