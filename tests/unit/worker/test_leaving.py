"""How a worker ends, in virtual time: what calls are given, and what is done to those that hang."""

import asyncio
import multiprocessing
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from livekit.agents import JobExecutorType
from livekit.agents.ipc.job_proc_lazy_main import _JobProc, _ShutdownInfo

from agent.leaving import CANCELLED_AFTER_S, CLOSE_TIMEOUT_S, GRACE_S, finish
from agent.lifeline import LAST_DEATH_TIMEOUT_S
from agent.settings import Settings
from tests.unit.desk_tools.virtual_time import VirtualTimeLoop, pass_time

Result = TypeVar("Result")
FOR_EVER_S = 1e6


class Server:
    """An AgentServer whose calls take `calls_s` by themselves and `closing_s` when told to end."""

    def __init__(self, calls_s: float = 0.0, closing_s: float = 0.0) -> None:
        self._calls_s, self._closing_s = calls_s, closing_s
        self.closed = False

    async def drain(self, timeout: int) -> None:  # noqa: ASYNC109 - the library's name
        """As AgentServer does it."""
        async with asyncio.timeout(timeout):
            await pass_time(self._calls_s)

    async def aclose(self) -> None:
        """As AgentServer does it: without a limit of its own."""
        await pass_time(self._closing_s)
        self.closed = True


class Child:
    """A process of ours."""

    def __init__(self) -> None:
        self.killed = False

    def kill(self) -> None:
        """SIGKILL."""
        self.killed = True


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    """The only process of this worker."""
    child = Child()
    monkeypatch.setattr(multiprocessing, "active_children", lambda: [child])
    return child


def run(coroutine: Coroutine[Any, Any, Result]) -> tuple[Result, float]:
    """What it returns, and the seconds that took."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine), runner.get_loop().time()


def test_calls_that_end_by_themselves_end_the_worker(child: Child) -> None:
    """Nothing is waited for that is over."""
    server = Server(calls_s=30)

    _, took_s = run(finish(server, 3600))

    assert (took_s, server.closed, child.killed) == (30, True, False)


def test_calls_that_go_on_are_given_time_to_close(child: Child) -> None:
    """The library cancels them after a while, and then they have a sentence to say."""
    server = Server(calls_s=FOR_EVER_S, closing_s=CANCELLED_AFTER_S + 20)

    _, took_s = run(finish(server, 10))

    assert (took_s, server.closed, child.killed) == (10 + CANCELLED_AFTER_S + 20, True, False)


def test_a_job_that_does_not_close_is_killed(child: Child) -> None:
    """A call that hangs must not outlive the supervisor's patience."""
    server = Server(calls_s=FOR_EVER_S, closing_s=FOR_EVER_S)

    _, took_s = run(finish(server, 10))

    assert (took_s, child.killed) == (10 + CLOSE_TIMEOUT_S, True)


def test_a_supervisor_is_told_to_wait_long_enough() -> None:
    """Closing calls, then serving those whose jobs had to be killed."""
    assert CLOSE_TIMEOUT_S + LAST_DEATH_TIMEOUT_S < GRACE_S
    assert f"{GRACE_S:.0f} s more" in str(Settings.model_fields["drain_timeout_s"].description)


def job(entrypoint: Callable[[], Coroutine[Any, Any, None]]) -> Coroutine[Any, Any, list[str]]:
    """livekit-agents' own end of a job with this entrypoint; what happened, in its order."""
    happened: list[str] = []

    def tells(what: str) -> Callable[..., Coroutine[Any, Any, None]]:
        async def tell(*_: object) -> None:
            happened.append(what)

        return tell

    async def end() -> list[str]:
        proc = _JobProc(
            lambda _: None,
            lambda _: None,
            None,
            session_end_timeout=1.0,
            executor_type=JobExecutorType.PROCESS,
        )
        context = SimpleNamespace(_primary_agent_session=None, _on_session_end=tells("session end"))
        context._shutdown_callbacks = [tells("callbacks")]
        proc._job_ctx = context  # type: ignore[assignment]
        proc._client = SimpleNamespace(send=tells("told the parent"))  # type: ignore[assignment]
        proc._room = SimpleNamespace(disconnect=tells("left the room"))  # type: ignore[assignment]
        entry = asyncio.create_task(entrypoint())
        entry.add_done_callback(lambda _: happened.append("entrypoint ended"))
        await proc._shutdown_job(entry, _ShutdownInfo(False, "parent process shutdown"))
        return happened

    return end()


def test_the_library_cancels_a_job_in_its_room_and_lets_it_finish() -> None:
    """What `agent.leaving` reckons with: 15 s unknowing, then a cancel without any limit."""
    sentence_s = 60.0
    cancelled_at: list[float] = []

    async def entrypoint() -> None:
        try:
            await pass_time(FOR_EVER_S)
        except asyncio.CancelledError:
            cancelled_at.append(asyncio.get_running_loop().time())
            await pass_time(sentence_s)
            raise

    happened, took_s = run(job(entrypoint))

    assert cancelled_at == [CANCELLED_AFTER_S]
    assert took_s == CANCELLED_AFTER_S + sentence_s
    assert happened.index("entrypoint ended") < happened.index("left the room")
