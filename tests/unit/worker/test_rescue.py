"""What the parent does for a caller whose job died; no job and no LiveKit takes part."""

import asyncio
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest
from livekit.agents import JobContext
from prometheus_client import REGISTRY

from agent.counting import Counting
from agent.lifeline import LAST_DEATH_TIMEOUT_S
from agent.reports import CallStarted
from agent.rescue import ARRIVAL_TIMEOUT_S, LOOK_EVERY_S, ROOM_API_TIMEOUT_S, Rescuer, is_rescue
from agent.rooms import Unreachable
from records.closing import Closer
from records.ledger import NotKept
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


@dataclass
class FakeCloser:
    """Closes the records of dead jobs; or has no database."""

    closed: dict[str, bool] = field(default_factory=dict)
    down: bool = False

    async def close(self, call_id: str, *, apologised: bool) -> None:
        """See `records.closing.Closer`."""
        if self.down:
            raise NotKept("the database is gone")
        self.closed[call_id] = apologised


# Two calls whose jobs died after the answer.
DEAD = tuple(CallStarted(call_id=c, room=f"r-{c}", profile="acme") for c in ("c1", "c2"))


def serve(
    rooms: FakeRooms,
    *calls: CallStarted,
    draining: bool = False,
    closer: FakeCloser | None = None,
) -> tuple[float, dict[str, bool]]:
    """Let the parent hear of all these deaths at once.

    The seconds until all are served; and whose records were closed, with what was told.
    """
    closer = closer or FakeCloser()

    async def deaths() -> float:
        rescuer = Rescuer(rooms, cast("Closer", closer), Counting({}).count)
        rescuer.draining = draining
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(rescuer.on_death(call))
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(deaths()), closer.closed


def apologies() -> float:
    """How many apologies the worker has counted."""
    series = "frontdesk_clips_played_total"
    return REGISTRY.get_sample_value(series, {"reason": "apology"}) or 0.0


def test_a_warm_job_is_sent_into_the_room() -> None:
    """It is told which call it goes on with; the parent leaves the line open."""
    rooms, before = FakeRooms(warm=1), apologies()
    call = DEAD[0].model_copy(update={"trace": "1-2"})

    took_s, closed = serve(rooms, call)

    assert took_s <= rooms.arrives_s + LOOK_EVERY_S + SLACK_S
    told = {"rescue": "acme", "call": "c1", "resume": "yes", "trace": "1-2"}
    assert rooms.asked == [("r-c1", json.dumps(told))]
    assert rooms.closed == []
    assert closed == {"c1": True}
    assert apologies() == before


def test_a_second_death_on_a_line_is_apologised_for() -> None:
    """Whatever kills jobs on it would kill the next one too: somebody says sorry, and it closes."""
    rooms, before = FakeRooms(warm=1), apologies()
    call = DEAD[0].model_copy(update={"resumed": True})

    serve(rooms, call)

    assert rooms.asked == [("r-c1", json.dumps({"rescue": "acme", "call": "c1"}))]
    assert (rooms.closed, apologies()) == ([], before + 1)


def test_when_no_warm_job_arrives_the_line_is_closed() -> None:
    """Nobody listens to silence for longer than the apology would have had to come."""
    rooms, call, before = FakeRooms(warm=0), DEAD[0], apologies()

    took_s, closed = serve(rooms, call)

    assert took_s == pytest.approx(ARRIVAL_TIMEOUT_S, abs=SLACK_S)
    assert rooms.closed == ["r-c1"]
    assert closed == {"c1": False}
    assert apologies() == before


def test_a_job_that_comes_too_late_counts_as_none() -> None:
    """A process that has to be started first takes longer than a caller should wait."""
    rooms = FakeRooms(warm=1, arrives_s=ARRIVAL_TIMEOUT_S + 1)

    serve(rooms, DEAD[0])

    assert rooms.closed == ["r-c1"]


def test_two_deaths_at_once_are_served_side_by_side() -> None:
    """With one warm job left, one caller hears it; the other line closes, neither waits."""
    rooms = FakeRooms(warm=1)

    took_s, closed = serve(rooms, *DEAD)

    assert took_s == pytest.approx(ARRIVAL_TIMEOUT_S, abs=SLACK_S)
    assert rooms.closed == ["r-c2"]
    assert closed == {"c1": True, "c2": False}


def test_while_draining_the_line_is_closed_at_once() -> None:
    """No job comes to this worker any more, so nobody waits for one."""
    rooms = FakeRooms(warm=1)

    took_s, closed = serve(rooms, *DEAD, draining=True)

    assert took_s == 0
    assert (rooms.asked, sorted(rooms.closed)) == ([], ["r-c1", "r-c2"])
    assert closed == {"c1": False, "c2": False}


@pytest.mark.parametrize(
    ("rooms", "within_s"),
    [(FakeRooms(down=True), 0.0), (FakeRooms(answers_s=60), 2 * ROOM_API_TIMEOUT_S)],
    ids=["down", "slow"],
)
def test_a_livekit_that_fails_still_leaves_a_record(rooms: FakeRooms, within_s: float) -> None:
    """The rescuer's own failures end in a closed record, soon, and in no exception."""
    took_s, closed = serve(rooms, DEAD[0])

    assert took_s == pytest.approx(within_s, abs=SLACK_S)
    assert closed == {"c1": False}


def test_the_worker_waits_long_enough_for_its_last_rescue() -> None:
    """At the end of a drain the slowest of them is still let finish."""
    assert LAST_DEATH_TIMEOUT_S > 2 * ROOM_API_TIMEOUT_S + ARRIVAL_TIMEOUT_S


def test_a_database_that_is_gone_costs_the_caller_nothing() -> None:
    """They are served first; what the job has left is filed when it is back."""
    rooms = FakeRooms()

    _, closed = serve(rooms, DEAD[0], closer=FakeCloser(down=True))

    assert (rooms.closed, closed) == (["r-c1"], {})


def test_whose_record_stays_open_is_known_as_counted() -> None:
    """Whoever closes it later does not count the call a second time."""
    rescuers = [
        Rescuer(FakeRooms(), cast("Closer", FakeCloser(down=down)), Counting({}).count)
        for down in (True, False)
    ]
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        for rescuer in rescuers:
            runner.run(rescuer.on_death(DEAD[0]))

    assert [rescuer.left_open for rescuer in rescuers] == [{"c1"}, set()]
