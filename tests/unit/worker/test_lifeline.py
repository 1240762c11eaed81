"""The lifeline: reports go up, and a death is told once."""

import asyncio
import os
from pathlib import Path

from agent.lifeline import LIFELINE_VARIABLE, Lifeline, Reporter
from agent.reports import CallEnded, CallStarted, Report
from records import CallOutcome

CALL = CallStarted(call_id="c1", room="r1", profile="acme", folder=Path("c1"))


class Parent:
    """A parent that remembers what it was told."""

    def __init__(self) -> None:
        self.reports: asyncio.Queue[Report] = asyncio.Queue()
        self.deaths: asyncio.Queue[CallStarted] = asyncio.Queue()
        self.lifeline = Lifeline(self.reports.put_nowait, self.deaths.put)


async def test_a_call_is_in_progress_until_it_ends() -> None:
    """The gauge of active calls follows the jobs that are alive."""
    parent = Parent()
    async with parent.lifeline.listening():
        job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
        job.tell(CALL)
        assert await parent.reports.get() == CALL
        assert parent.lifeline.calls_in_progress == 1

        job.tell(CallEnded(outcome=CallOutcome.COMPLETED))
        await parent.reports.get()
        await job.close()

    assert parent.deaths.empty()


async def test_a_socket_that_closes_without_an_end_is_a_death() -> None:
    """A killed job says nothing; its closed socket says it."""
    parent = Parent()
    async with asyncio.timeout(5), parent.lifeline.listening():
        job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
        job.tell(CALL)
        await parent.reports.get()
        await job.close()

        assert await parent.deaths.get() == CALL
        assert parent.lifeline.calls_in_progress == 0


async def test_a_line_that_cannot_be_read_does_not_break_the_next() -> None:
    """One bad report costs itself only."""
    parent = Parent()
    async with asyncio.timeout(5), parent.lifeline.listening():
        _, writer = await asyncio.open_unix_connection(os.environ[LIFELINE_VARIABLE])
        writer.write(b'{"kind": "started"}\nnonsense\n' + CALL.model_dump_json().encode() + b"\n")

        assert await parent.reports.get() == CALL
        writer.close()


async def test_a_death_at_the_very_end_is_still_served() -> None:
    """The worker has drained and stops listening; that caller is on the line all the same."""
    parent, served = Parent(), asyncio.Event()

    async def serve(_: CallStarted) -> None:
        later = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(later.set_result, None)
        await later
        served.set()

    lifeline = Lifeline(parent.reports.put_nowait, serve)
    async with asyncio.timeout(5):
        async with lifeline.listening():
            job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
            job.tell(CALL)
            await parent.reports.get()
            await job.close()

        assert served.is_set()
