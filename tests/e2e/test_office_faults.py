"""The back office is slow or gone; the caller is told in time and the call goes on."""

from collections.abc import AsyncIterator

import pytest_asyncio

from records import CallOutcome
from rehearsal.phone.measure import DEAD_AIR_S
from tests.e2e.desk import ASK, ASK_AGAIN, HANG_UP, SHIPPED, Desk, Plan


async def test_a_slow_office_is_bridged_and_given_up(brief: Desk) -> None:
    """While the tool waits the caller is asked for a moment, then told; the call goes on."""
    await brief.reset()
    await brief.break_office(route="/orders/{order}", fault="delay", seconds=6)

    made = await brief.made(Plan(steps=[ASK, HANG_UP]))

    assert made.clips == ["One moment, please."]
    assert "cannot look that up right now" in made.said
    assert [use.outcome for use in made.call.tools] == ["timeout"]
    assert made.silences == []
    assert made.call.outcome is CallOutcome.COMPLETED


@pytest_asyncio.fixture(loop_scope="session")
async def no_office(brief: Desk) -> AsyncIterator[None]:
    """The office is killed; whatever the test does, it is there again afterwards."""
    await brief.reset()
    await brief.stack.kill("office")
    yield
    await brief.stack.restart("office")


async def test_an_office_that_is_down_comes_back_within_the_call(
    brief: Desk, no_office: None
) -> None:
    """The caller is told at once, asks again once the office is back, and gets the answer."""
    async with brief.calling(Plan(steps=[ASK, ASK_AGAIN, HANG_UP])) as live:
        await live.happens("tool")
        await brief.stack.restart("office")
        made = await live.over()

    assert [use.outcome for use in made.call.tools] == ["unavailable", "ok"]
    assert "cannot look that up right now" in made.said
    assert SHIPPED in made.said
    assert max(gap.seconds for gap in made.heard.gaps) < DEAD_AIR_S
    assert made.call.outcome is CallOutcome.COMPLETED
