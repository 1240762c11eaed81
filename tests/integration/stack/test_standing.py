"""A stack of real servers: it stands, tells of a death, and leaves nothing behind."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rehearsal.settings import StackSettings
from rehearsal.stack import SERVERS, NotReady, PartDied, Ports, PortTaken, ProgramMissing, Stack
from rehearsal.stack.parts import Part
from rehearsal.stack.ports import choose
from rehearsal.stack.process import Guard, Running
from rehearsal.stack.ready import says
from tests.integration.stack.groups import gone, lives

DEATH_TOLD_WITHIN_S = 10.0


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """Redis, livekit-server and livekit-sip."""
    async with Stack.start(tmp_path, parts=SERVERS) as stack:
        yield stack


async def test_every_part_has_proved_that_it_works(stack: Stack) -> None:
    """Whoever gets the stack may call at once."""
    assert set(stack.ready_after_s) == set(SERVERS)
    assert all(lives(stack.pid(part)) for part in SERVERS)
    assert not stack.died.done()


async def test_nothing_is_left_when_it_ends(tmp_path: Path) -> None:
    """Every process that was started is gone, and its ports are free."""
    async with Stack.start(tmp_path, parts=SERVERS) as stack:
        groups = [stack.pid(part) for part in SERVERS]

    assert not any(map(lives, groups))
    assert stack.ports.taken() == []


async def test_a_death_is_told_with_the_end_of_the_log(stack: Stack) -> None:
    """Which part, how, and what it said last."""
    os.kill(stack.pid("redis"), signal.SIGKILL)

    async with asyncio.timeout(DEATH_TOLD_WITHIN_S):
        death = await stack.died

    assert death.part == "redis"
    assert "redis ended by itself (killed by signal 9)" in str(death)
    assert "Ready to accept connections" in death.tail


async def test_work_is_given_up_when_a_part_dies(stack: Stack) -> None:
    """A call does not wait for its own deadline on a stack that is gone."""
    os.kill(stack.pid("livekit-sip"), signal.SIGKILL)

    with pytest.raises(PartDied, match="livekit-sip"):
        async with asyncio.timeout(DEATH_TOLD_WITHIN_S):
            await stack.unless_dies(asyncio.Event().wait())


async def test_a_part_killed_on_purpose_is_no_death_and_comes_back(stack: Stack) -> None:
    """Fault tests take a part away and bring it back on the same ports."""
    before = stack.pid("livekit-sip")

    await stack.kill("livekit-sip")
    assert not lives(before)
    await stack.restart("livekit-sip")

    assert stack.pid("livekit-sip") != before
    assert not stack.died.done()


async def test_a_part_that_crashes_leaves_what_it_started(tmp_path: Path) -> None:
    """A worker's jobs outlive their parent; whoever starts it anew ends them first."""
    loud = tmp_path / "loud"
    loud.write_text("#!/bin/sh\nsleep 600 &\necho $! is ready\nwait\n")
    loud.chmod(0o755)
    async with Stack.start(tmp_path / "stack", parts=["redis"]) as stack:
        log = stack.log("parent")
        parent = Part(name="parent", command=(str(loud),), ready=says(log, "is ready"))
        async with stack.beside(parent):
            group, crashed = stack.pid("parent"), stack._running["parent"].ended
            stack.crash("parent")
            await crashed
            assert lives(group)
            await stack.restart("parent")

            assert gone(group)
            assert not stack.died.done()


async def test_a_part_may_run_beside_a_stack(stack: Stack, tmp_path: Path) -> None:
    """A peer is ready when its log says so, its end tells of no death, and it never outlives."""
    loud = tmp_path / "loud"
    loud.write_text("#!/bin/sh\necho $$ is ready\nexec sleep 600\n")
    loud.chmod(0o755)
    peer = Part(name="peer", command=(str(loud),), ready=says(stack.log("peer"), "is ready"))

    async with stack.beside(peer):
        group = int(stack.log("peer").read_text().split()[0])
        assert lives(group)

    assert not lives(group)
    assert not stack.died.done()


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """Whoever asks for a port by number wants that one or a reason."""
    ports = choose()
    said = f"in use already: livekit {ports.livekit}; free"
    with socket.create_server(("127.0.0.1", ports.livekit)), pytest.raises(PortTaken, match=said):
        async with Stack.start(tmp_path, parts=SERVERS, ports=ports):
            raise AssertionError("it stands on a port of somebody else")


async def test_a_port_lost_between_choice_and_bind_costs_another_try(tmp_path: Path) -> None:
    """Two stacks may choose the same port in the same instant."""
    lost, good = choose(), choose()
    asked: list[Ports] = []

    def ports() -> Ports:
        asked.append(good if asked else lost)
        return asked[-1]

    with socket.create_server(("127.0.0.1", lost.redis)):
        async with Stack.start(tmp_path, parts=["redis"], ports=ports) as stack:
            assert stack.ports is good


async def test_a_program_that_is_missing_starts_nothing(tmp_path: Path) -> None:
    """One sentence, before any process."""
    settings = StackSettings(livekit_sip=tmp_path / "nothing")

    with pytest.raises(ProgramMissing, match="FRONTDESK_LIVEKIT_SIP="):
        async with Stack.start(tmp_path / "stack", parts=SERVERS, settings=settings):
            raise AssertionError("it stands without livekit-sip")
    assert not (tmp_path / "stack").exists()


async def test_a_part_that_never_answers_is_told(tmp_path: Path) -> None:
    """It runs, it does not serve: the log may say why."""
    idle = tmp_path / "idle"
    idle.write_text("#!/bin/sh\necho waiting for nothing\nexec sleep 600\n")
    idle.chmod(0o755)
    settings = StackSettings(redis_server=idle, start_timeout_s=0.5)

    with pytest.raises(NotReady, match=r"redis is not ready after 0 s.*\n.*waiting for nothing"):
        async with Stack.start(tmp_path / "stack", parts=["redis"], settings=settings):
            raise AssertionError("it stands on a redis that is none")


async def test_the_ending_signal_reaches_the_part_alone(tmp_path: Path) -> None:
    """As in a container: the jobs of a worker that is told to end still finish their calls."""
    said = tmp_path / "said"
    parent = tmp_path / "parent"
    parent.write_text(
        "#!/bin/sh\n"
        f"sh -c 'trap \"echo child was signalled >>{said}\" TERM; while :; do sleep 1; done' &\n"
        f"trap 'echo parent was signalled >>{said}; exit 0' TERM\n"
        f"echo started >>{said}; while :; do sleep 0.05; done\n"
    )
    parent.chmod(0o755)
    part = Part(name="parent", command=(str(parent),), ready=says(said, "started"))
    guard = await Guard.start()
    log = tmp_path / "logs" / "parent.log"
    log.parent.mkdir()

    running = await Running.launch(part, log=log, guard=guard, inherited=os.environ)
    await running.until_ready(10)
    await running.end(5)
    await guard.end()

    assert said.read_text().splitlines() == ["started", "parent was signalled"]
    assert await asyncio.to_thread(gone, running.pid)
