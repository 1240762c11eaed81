"""What the parent does for a caller whose job died; no job and no LiveKit takes part."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from livekit.agents import JobContext
from prometheus_client import REGISTRY

from agent.lifeline import LAST_DEATH_TIMEOUT_S
from agent.reports import CallStarted
from agent.rescue import ARRIVAL_TIMEOUT_S, LOOK_EVERY_S, ROOM_API_TIMEOUT_S, Rescuer, is_rescue
from agent.rooms import Unreachable
from records import CALL_FILE, CallFile, CallOutcome, Journal
from tests.unit.desk_tools.virtual_time import VirtualTimeLoop

SLACK_S = 0.001


@dataclass
class FakeRooms:
    """LiveKit with `warm` jobs to send, each there after `arrives_s`; or down, or slow."""

    warm: int = 0
    arrives_s: float = 0.5
    answers_s: float = 0.0
    down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    _agents: dict[str, set[str]] = field(default_factory=dict)

    async def agents_in(self, room: str) -> frozenset[str]:
        """The dead agent, whom LiveKit has not missed yet, and whoever has come."""
        await self._answer()
        return frozenset({"dead", *self._agents.get(room, ())})

    async def send_agent(self, room: str, metadata: str) -> None:
        """One of the warm jobs sets out, if there is any left."""
        await self._answer()
        self.asked.append((room, metadata))
        if self.warm:
            self.warm -= 1
            arrive = self._agents.setdefault(room, set()).add
            asyncio.get_running_loop().call_later(self.arrives_s, arrive, "rescuer")

    async def close(self, room: str) -> None:
        """The room is gone."""
        await self._answer()
        self.closed.append(room)

    async def _answer(self) -> None:
        if self.down:
            raise Unreachable("ClientConnectorError")
        answered = asyncio.Event()
        asyncio.get_running_loop().call_later(self.answers_s, answered.set)
        await answered.wait()


@pytest.mark.parametrize(
    ("metadata", "rescues"),
    [
        ('{"rescue": "acme", "call": "c1"}', True),
        ('{"company": "Sea rescue"}', False),
        ('["rescue", "call"]', False),
        ("rescue", False),
        ("", False),
    ],
)
def test_only_what_the_parent_wrote_makes_a_rescuing_job(metadata: str, rescues: bool) -> None:
    """Whoever dispatches a job may give it metadata of their own."""
    job = SimpleNamespace(metadata=metadata)

    assert is_rescue(cast("JobContext", SimpleNamespace(job=job))) is rescues


@pytest.fixture
def dead(tmp_path: Path) -> tuple[CallStarted, CallStarted]:
    """Two calls whose jobs died after the answer."""
    calls = []
    for name in ("c1", "c2"):
        journal = Journal(tmp_path / name)
        journal.write("started", call_id=name, profile="acme")
        journal.write("answered")
        journal.close()
        call = CallStarted(call_id=name, room=f"r-{name}", profile="acme", folder=journal.folder)
        calls.append(call)
    return calls[0], calls[1]


def serve(rooms: FakeRooms, *calls: CallStarted, draining: bool = False) -> float:
    """Let the parent hear of all these deaths at once; the seconds until all are served."""

    async def deaths() -> float:
        rescuer = Rescuer(rooms)
        rescuer.draining = draining
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(rescuer.on_death(call))
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(deaths())


def record_of(call: CallStarted) -> CallFile:
    """What was made of the dead job's journal."""
    return CallFile.model_validate_json((call.folder / CALL_FILE).read_text())


def apologies() -> float:
    """How many apologies the worker has counted."""
    series = "frontdesk_clips_played_total"
    return REGISTRY.get_sample_value(series, {"reason": "apology"}) or 0.0


def test_a_warm_job_is_sent_into_the_room(dead: tuple[CallStarted, CallStarted]) -> None:
    """It is told which call it goes on with; the parent leaves the line open."""
    rooms, call, before = FakeRooms(warm=1), dead[0], apologies()

    took_s = serve(rooms, call)

    assert took_s <= rooms.arrives_s + LOOK_EVERY_S + SLACK_S
    told = {"rescue": "acme", "call": "c1", "resume": "yes"}
    assert rooms.asked == [("r-c1", json.dumps(told))]
    assert rooms.closed == []
    assert (record_of(call).outcome, record_of(call).apologised) == (CallOutcome.LOST, True)
    assert apologies() == before


def test_a_second_death_on_a_line_is_apologised_for(
    dead: tuple[CallStarted, CallStarted],
) -> None:
    """Whatever kills jobs on it would kill the next one too: somebody says sorry, and it closes."""
    rooms, before = FakeRooms(warm=1), apologies()
    call = dead[0].model_copy(update={"resumed": True})

    serve(rooms, call)

    assert rooms.asked == [("r-c1", json.dumps({"rescue": "acme", "call": "c1"}))]
    assert (rooms.closed, apologies()) == ([], before + 1)


def test_when_no_warm_job_arrives_the_line_is_closed(
    dead: tuple[CallStarted, CallStarted],
) -> None:
    """Nobody listens to silence for longer than the apology would have had to come."""
    rooms, call, before = FakeRooms(warm=0), dead[0], apologies()

    took_s = serve(rooms, call)

    assert took_s == pytest.approx(ARRIVAL_TIMEOUT_S, abs=SLACK_S)
    assert rooms.closed == ["r-c1"]
    assert record_of(call).apologised is False
    assert apologies() == before


def test_a_job_that_comes_too_late_counts_as_none(dead: tuple[CallStarted, CallStarted]) -> None:
    """A process that has to be started first takes longer than a caller should wait."""
    rooms = FakeRooms(warm=1, arrives_s=ARRIVAL_TIMEOUT_S + 1)

    serve(rooms, dead[0])

    assert rooms.closed == ["r-c1"]


def test_two_deaths_at_once_are_served_side_by_side(
    dead: tuple[CallStarted, CallStarted],
) -> None:
    """With one warm job left, one caller hears it; the other line closes, neither waits."""
    rooms = FakeRooms(warm=1)

    took_s = serve(rooms, *dead)

    assert took_s == pytest.approx(ARRIVAL_TIMEOUT_S, abs=SLACK_S)
    assert rooms.closed == ["r-c2"]
    assert [record_of(call).apologised for call in dead] == [True, False]


def test_while_draining_the_line_is_closed_at_once(dead: tuple[CallStarted, CallStarted]) -> None:
    """No job comes to this worker any more, so nobody waits for one."""
    rooms = FakeRooms(warm=1)

    took_s = serve(rooms, *dead, draining=True)

    assert took_s == 0
    assert (rooms.asked, sorted(rooms.closed)) == ([], ["r-c1", "r-c2"])
    assert [record_of(call).apologised for call in dead] == [False, False]


@pytest.mark.parametrize(
    ("rooms", "within_s"),
    [(FakeRooms(down=True), 0.0), (FakeRooms(answers_s=60), 2 * ROOM_API_TIMEOUT_S)],
    ids=["down", "slow"],
)
def test_a_livekit_that_fails_still_leaves_a_record(
    dead: tuple[CallStarted, CallStarted], rooms: FakeRooms, within_s: float
) -> None:
    """The rescuer's own failures end in a closed record, soon, and in no exception."""
    took_s = serve(rooms, dead[0])

    assert took_s == pytest.approx(within_s, abs=SLACK_S)
    assert record_of(dead[0]).apologised is False


def test_the_worker_waits_long_enough_for_its_last_rescue() -> None:
    """At the end of a drain the slowest of them is still let finish."""
    assert LAST_DEATH_TIMEOUT_S > 2 * ROOM_API_TIMEOUT_S + ARRIVAL_TIMEOUT_S


def test_a_journal_that_is_lost_costs_the_record_only(
    dead: tuple[CallStarted, CallStarted],
) -> None:
    """The caller is served first."""
    (dead[0].folder / "journal.jsonl").unlink()
    rooms = FakeRooms()

    serve(rooms, dead[0])

    assert rooms.closed == ["r-c1"]
    assert not (dead[0].folder / CALL_FILE).exists()
