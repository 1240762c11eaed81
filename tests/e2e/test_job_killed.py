"""A job dies in the middle of a call: the call goes on, everybody else notices nothing."""

import asyncio
import os
import signal

from records import CallOutcome
from rehearsal.phone.measure import DEAD_AIR_S
from tests.e2e.desk import (
    ASK,
    ASK_AGAIN,
    BACK_AGAIN_S,
    HANG_UP,
    LISTEN,
    SHIPPED,
    Desk,
    Live,
    Plan,
    apologised,
)
from tests.e2e.made import spoken

# A voice that says it is here again, then a question.
BEREFT = Plan(steps=[{**ASK_AGAIN, "at_s": 14.0}, HANG_UP])
HOPELESS = Plan(steps=[LISTEN])
BESIDE = Plan(steps=[ASK, HANG_UP])


CANCEL = Plan(
    steps=[
        {"say": "i'd like to cancel order number four three zero two please", "at_s": 2.2},
        {"say": "it's nine four one zero seven"},
        {"say": "yes please"},
        LISTEN,
    ]
)


async def killed(live: Live) -> float:
    """Kill the process that holds the call with SIGKILL; when, on the clock of `at`."""
    started = await live.happens("started")
    await live.happens("greeted")
    os.kill(started.pid, signal.SIGKILL)
    return asyncio.get_running_loop().time()


async def test_a_call_whose_job_is_killed_goes_on_and_so_do_others(brief: Desk) -> None:
    """A voice within 3 s of the death, then the answer; two records that tell, an exact count."""
    await brief.reset()
    lost = await brief.series("frontdesk_calls_ended_total", outcome="lost")

    async with brief.calling(BEREFT) as dying, brief.calling(BESIDE) as other:
        died = await killed(dying)
        made, untouched = await dying.over(), await other.over()

    died_s = died - made.result.call.timeline.t0
    assert 0 < made.speech_after(died_s, least_s=BACK_AGAIN_S).start_s - died_s < DEAD_AIR_S
    assert (made.call.outcome, made.call.apologised) == (CallOutcome.LOST, True)
    went_on = await brief.resumed(made.call.call_id)
    assert SHIPPED in spoken(went_on)
    assert went_on.outcome is CallOutcome.COMPLETED
    assert (SHIPPED in untouched.said, untouched.call.outcome) == (True, CallOutcome.COMPLETED)
    assert await brief.series("frontdesk_calls_ended_total", outcome="lost") == lost + 1
    await brief.until_series("frontdesk_calls_active", 0)


async def test_a_line_whose_second_job_dies_too_gets_an_apology(brief: Desk) -> None:
    """Nobody is sent into whatever kills jobs there once more: a whole sentence, a closed line."""
    await brief.reset()

    async with brief.calling(HOPELESS) as dying:
        await killed(dying)
        second = await brief.resuming((await dying.happens("started")).call_id)
        died = await killed(second)
        made = await dying.over()

    died_s = died - made.result.call.timeline.t0
    assert 0 < apologised(made, by_clip=False).start_s - died_s < DEAD_AIR_S
    assert made.closed_by_desk
    await brief.until_series("frontdesk_calls_active", 0)


async def test_a_job_that_dies_in_a_write_leaves_one_effect_and_no_question(brief: Desk) -> None:
    """The office did it, nobody got its answer; the caller hears why, the parent finds out."""
    await brief.reset()
    settled = await brief.series("frontdesk_tool_writes_settled_total", found="done")
    await brief.break_office(route="/orders/{order}/cancel", fault="slow_drip", seconds=1)

    async with brief.calling(CANCEL) as dying:
        await brief.until_changed()
        died = await killed(dying)
        made = await dying.over()

    died_s = died - made.result.call.timeline.t0
    assert 0 < made.speech_after(died_s, least_s=BACK_AGAIN_S).start_s - died_s < DEAD_AIR_S
    await brief.until_series("frontdesk_tool_writes_settled_total", settled + 1, found="done")
    assert await brief.series("frontdesk_tool_writes_unsettled") == 0
    assert [effect["operation"] for effect in await brief.effects()] == ["cancel_order"]
