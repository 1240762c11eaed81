"""A worker ends in the middle of a call, told to or killed; its caller is spoken to before.

`night` makes the calls. A job that dies alone is in `test_job_killed`, an orderly end in
`test_capacity`.
"""

import asyncio

from agent.leaving import CANCELLED_AFTER_S
from records import CallOutcome
from rehearsal.phone.measure import DEAD_AIR_S
from tests.e2e.desk import SHIPPED, apologised
from tests.e2e.night import DRAIN_TIMEOUT_S, Night

Lived = asyncio.Task[Night]


async def test_a_call_that_outlasts_the_drain_is_apologised_for(night: Lived) -> None:
    """Until then it goes on as if nothing were; then the caller hears why, whole."""
    made, told_s = (await night).outlasting, (await night).told_s

    assert SHIPPED in made.said
    assert apologised(made).start_s - told_s > DRAIN_TIMEOUT_S + CANCELLED_AFTER_S
    assert made.silences == []
    assert made.closed_by_desk


async def test_the_record_tells_that_the_worker_ended_the_call(night: Lived) -> None:
    """A call that was cut short is no completed one, and the worker ended well."""
    made = (await night).outlasting

    assert made.call.outcome is CallOutcome.FAILED
    assert made.call.reason == "the job was ended from outside"
    assert (await night).worker_exit == 0


async def test_a_worker_whose_parent_is_killed_does_not_leave_its_caller(night: Lived) -> None:
    """The job is alone then, and still says why and closes line and record."""
    made, killed_s = (await night).bereft, (await night).killed_s

    assert 0 < apologised(made).start_s - killed_s < DEAD_AIR_S
    assert made.silences == []
    assert made.closed_by_desk
    assert made.call.outcome is CallOutcome.FAILED
    assert made.call.reason == "the worker died"
    assert (await night).orphaned == 0
