"""The lifeline: reports go up, and a death is told once."""

import asyncio
import os
import socket
import tempfile

import pytest

from agent.lifeline import LIFELINE_VARIABLE, Lifeline, Reporter
from agent.reports import CallEnded, CallStarted, Report, Unkept
from records import CallOutcome

CALL = CallStarted(call_id="c1", room="r1", profile="acme")
OTHER = CallStarted(call_id="c2", room="r2", profile="acme")


class Parent:
    """A parent that remembers what it was told."""

    def __init__(self) -> None:
        self.reports: asyncio.Queue[Report] = asyncio.Queue()
        self.deaths: asyncio.Queue[CallStarted] = asyncio.Queue()
        self.lifeline = Lifeline(self.count, self.deaths.put)

    def count(self, report: Report, _: CallStarted | None) -> None:
        """Remember a report."""
        self.reports.put_nowait(report)


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


async def test_what_a_job_has_yet_to_bring_home_falls_with_its_death() -> None:
    """A gauge that a dead job left behind would alarm for ever; others keep their own."""
    parent = Parent()
    async with asyncio.timeout(5), parent.lifeline.listening():
        jobs = [await Reporter.open(os.environ[LIFELINE_VARIABLE]) for _ in range(2)]
        for job, call in zip(jobs, (CALL, OTHER), strict=True):
            for report in (
                call,
                Unkept(entries=9),
                Unkept(entries=3, oldest_s=2.0),
            ):
                job.tell(report)
                await parent.reports.get()
        both = parent.lifeline.unkept()
        assert (both.entries, both.oldest_s >= 2.0) == (6, True)

        await jobs[0].close()
        await parent.deaths.get()
        assert parent.lifeline.unkept().entries == 3
        await jobs[1].close()
        await parent.deaths.get()
        assert parent.lifeline.unkept() == Unkept()


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


async def test_a_report_that_cannot_be_counted_is_no_death() -> None:
    """The call it tells of goes on, and its later reports count."""
    counted: asyncio.Queue[Report] = asyncio.Queue()
    deaths: list[CallStarted] = []

    def count(report: Report, _: CallStarted | None) -> None:
        counted.put_nowait(report)
        if report == CALL:
            raise ValueError("no such label")

    async def serve(call: CallStarted) -> None:
        deaths.append(call)

    ended = CallEnded(outcome=CallOutcome.COMPLETED)
    async with asyncio.timeout(5), Lifeline(count, serve).listening():
        job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
        job.tell(CALL)
        job.tell(ended)
        assert [await counted.get(), await counted.get()] == [CALL, ended]
        await job.close()
    assert not deaths


async def test_a_death_at_the_very_end_is_still_served() -> None:
    """The worker has drained and stops listening; that caller is on the line all the same."""
    parent, served = Parent(), asyncio.Event()

    async def serve(_: CallStarted) -> None:
        later = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(later.set_result, None)
        await later
        served.set()

    lifeline = Lifeline(parent.count, serve)
    async with asyncio.timeout(5):
        async with lifeline.listening():
            job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
            job.tell(CALL)
            await parent.reports.get()
            await job.close()

        assert served.is_set()


@pytest.mark.parametrize("unread", [False, True])
async def test_a_job_knows_that_its_parent_has_died(unread: bool) -> None:
    """Nobody will look after its caller but itself, also if its last report was never read."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as parent:
        parent.bind(f"{folder}/socket")
        parent.listen()
        job = await Reporter.open(f"{folder}/socket")
        taken, _ = parent.accept()
        assert not job.parent_is_gone
        if unread:
            job.tell(CALL)

        # The death is noticed by what it causes before the end of this stream is read.
        asyncio.get_running_loop().call_soon(taken.close)
        await job.notice_death()

        assert job.parent_is_gone
        taken.close()
        await job.close()


async def test_a_parent_that_lives_is_not_taken_for_dead() -> None:
    """A job that is told to end has one."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        async with await asyncio.start_unix_server(lambda _, w: connected.put_nowait(w), path):
            job = await Reporter.open(path)
            await job.notice_death()

            assert not job.parent_is_gone
            await job.close()
            (await connected.get()).close()


async def test_two_jobs_that_die_at_once_are_both_told() -> None:
    """Neither waits for the rescue of the other."""
    both = asyncio.Barrier(2)

    async def meet(call: CallStarted) -> None:
        await both.wait()
        parent.deaths.put_nowait(call)

    parent = Parent()
    lifeline = Lifeline(parent.count, meet)
    async with asyncio.timeout(5), lifeline.listening():
        jobs = [await Reporter.open(os.environ[LIFELINE_VARIABLE]) for _ in range(2)]
        for job, call in zip(jobs, (CALL, OTHER), strict=True):
            job.tell(call)
        for job in jobs:
            await job.close()
        assert {(await parent.deaths.get()).call_id for _ in range(2)} == {"c1", "c2"}


async def test_a_rescue_with_a_bug_does_not_end_the_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is told as an error, and the next death is served."""

    async def fail(call: CallStarted) -> None:
        parent.deaths.put_nowait(call)
        raise KeyError(call.call_id)

    parent = Parent()
    lifeline = Lifeline(parent.count, fail)
    async with asyncio.timeout(5), lifeline.listening():
        for call in (CALL, OTHER):
            job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
            job.tell(call)
            await job.close()
            assert await parent.deaths.get() == call

    assert [r.getMessage() for r in caplog.records] == ["a dead job's caller was not served"] * 2


async def test_a_job_that_does_not_let_go_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The supervisor's patience is for calls, not for a process that hangs."""
    monkeypatch.setattr("agent.lifeline.LAST_DEATH_TIMEOUT_S", 0.0)
    parent = Parent()
    async with asyncio.timeout(5):
        async with parent.lifeline.listening():
            job = await Reporter.open(os.environ[LIFELINE_VARIABLE])
            job.tell(CALL)
            await parent.reports.get()
        await job.close()

    assert parent.deaths.empty()
    assert "did not end in time" in caplog.text
