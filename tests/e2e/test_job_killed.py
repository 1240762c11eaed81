"""A job dies in the middle of a call: its caller is spoken to, everybody else notices nothing."""

import asyncio
import os
import signal

from records import CallOutcome
from rehearsal.phone.measure import DEAD_AIR_S
from tests.e2e.desk import ASK, HANG_UP, LISTEN, SHIPPED, Desk, Live, Plan, apologised

BEREFT = Plan(steps=[LISTEN])
BESIDE = Plan(steps=[ASK, HANG_UP])


async def killed(live: Live) -> float:
    """Kill the process that holds the call with SIGKILL; when, on the clock of `at`."""
    started = await live.happens("started")
    await live.happens("greeted")
    os.kill(started["pid"], signal.SIGKILL)
    return asyncio.get_running_loop().time()


async def test_a_killed_job_is_apologised_for_and_others_go_on(brief: Desk) -> None:
    """An apology within 3 s of the death, a closed line, a record that tells, an exact count."""
    await brief.reset()
    lost = await brief.series("frontdesk_calls_ended_total", outcome="lost")

    async with brief.calling(BEREFT) as dying, brief.calling(BESIDE) as other:
        died = await killed(dying)
        made, untouched = await dying.over(), await other.over()

    died_s = died - made.result.call.timeline.t0
    assert 0 < apologised(made, by_clip=False).start_s - died_s < DEAD_AIR_S
    assert made.closed_by_desk
    assert (made.call.outcome, made.call.apologised) == (CallOutcome.LOST, True)
    assert (SHIPPED in untouched.said, untouched.call.outcome) == (True, CallOutcome.COMPLETED)
    assert await brief.series("frontdesk_calls_ended_total", outcome="lost") == lost + 1
    await brief.until_series("frontdesk_calls_active", 0)
