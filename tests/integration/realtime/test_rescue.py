"""The parent's side of a rescue on a real livekit-server; what nobody can rescue is closed."""

import base64
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from livekit import api
from pydantic import SecretStr

from agent.counting import Counting
from agent.reports import CallStarted
from agent.rescue import ARRIVAL_TIMEOUT_S, ROOM_API_TIMEOUT_S, Rescuer
from agent.rooms import LiveKitRooms, Unreachable, joined_again
from agent.settings import Settings
from agent.voice import load_clips, play_alone
from records import CallOutcome, CallView
from records.closing import Closer
from records.journal import begin
from records.opened import Record, open_record
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.integration.livekit import Server
from tests.integration.realtime.oncall import PROFILE, settings, until
from tests.integration.realtime.rooms import two_in_a_room
from tests.journals import KEY, KEYRING


def settings_of(server: Server) -> Settings:
    """A worker's settings on this server."""
    changes = {
        "livekit_url": server.url,
        "livekit_api_key": server.key,
        "livekit_api_secret": SecretStr(server.secret),
    }
    return settings("http://127.0.0.1:1").model_copy(update=changes)


@dataclass
class Dead:
    """A call whose job died after the answer, and the record that its parent closes."""

    call: CallStarted
    record: Record
    closer: Closer

    @property
    def room(self) -> str:
        """Where its caller still is."""
        return self.call.room

    async def closed(self) -> CallView:
        """What the parent has made of the dead job's journal."""
        found = await self.record.reader.call(self.call.call_id)
        assert found is not None
        return found


@pytest_asyncio.fixture
async def dead(tmp_path: Path) -> AsyncIterator[Dead]:
    """On a record of its own."""
    access = RecordsAccess(
        url=f"sqlite+aiosqlite:///{tmp_path}/records.db",
        key=SecretStr(base64.b64encode(KEY).decode()),
        spool=tmp_path / "spool",
    )
    await upgrade(access)
    journal = begin(access.spool, KEYRING, "c1", room=Room(access.spool, 10**6))
    journal.write("started", profile="acme")
    journal.write("answered")
    journal.close()
    call = CallStarted(call_id="c1", room=f"call-{secrets.token_hex(4)}", profile="acme")
    async with open_record(access) as record:
        yield Dead(call, record, Closer(record.engine, record.seals, access.spool))


async def test_a_caller_whom_no_job_reaches_is_not_left_in_silence(
    livekit_server: Server, dead: Dead
) -> None:
    """No worker takes the rescue: the line closes, and the record says that nobody spoke."""
    async with (
        two_in_a_room(livekit_server, dead.room) as two,
        LiveKitRooms.open(settings_of(livekit_server)) as rooms,
    ):
        closed: list[object] = []
        two.caller.on("disconnected", closed.append)
        began = time.monotonic()

        await Rescuer(rooms, dead.closer, Counting({}).count).on_death(dead.call)

        assert time.monotonic() - began < ARRIVAL_TIMEOUT_S + 2 * ROOM_API_TIMEOUT_S
        await until(lambda: closed, within_s=2)
    record = await dead.closed()
    assert (record.outcome, record.apologised) == (CallOutcome.LOST, False)
    assert record.reason == "the job died"


async def test_a_job_is_asked_for_by_the_workers_name(livekit_server: Server, dead: Dead) -> None:
    """LiveKit is told which worker, and what the job has to know."""
    server = livekit_server
    async with (
        two_in_a_room(server, dead.room),
        LiveKitRooms.open(settings_of(server)) as rooms,
        api.LiveKitAPI(server.url, server.key, server.secret) as lk,
    ):
        await rooms.send_agent(dead.room, "what to know")
        asked = await lk.agent_dispatch.list_dispatch(dead.room)

    found = {(dispatch.agent_name, dispatch.metadata) for dispatch in asked}
    assert ("frontdesk", "what to know") in found


async def test_only_agents_count_as_agents(livekit_server: Server, dead: Dead) -> None:
    """The caller in the room is nobody who could apologise."""
    async with (
        two_in_a_room(livekit_server, dead.room),
        LiveKitRooms.open(settings_of(livekit_server)) as rooms,
    ):
        assert await rooms.agents_in(dead.room) == frozenset()


async def test_a_caller_is_spoken_to_through_a_second_connection(
    livekit_server: Server, dead: Dead
) -> None:
    """The first one is nobody's any more: its parent died, and every task that served it."""
    clip = load_clips(PROFILE)["still_there"]
    async with two_in_a_room(livekit_server, dead.room) as two:
        async with joined_again(settings_of(livekit_server), dead.room) as room:
            await play_alone(room, clip)

        assert two.seconds_of_voice() > clip.seconds * 0.6


async def test_a_livekit_that_is_gone_cannot_be_joined_again() -> None:
    """Whoever wanted to say something hears of it, and closes the line."""
    with pytest.raises(Unreachable):
        async with joined_again(settings("http://127.0.0.1:1"), "call-of-nobody"):
            pytest.fail("nobody is there")


async def test_a_room_that_is_gone_is_as_good_as_closed(livekit_server: Server) -> None:
    """The caller hung up first; that is no failure."""
    async with LiveKitRooms.open(settings_of(livekit_server)) as rooms:
        await rooms.close("call-of-nobody")


async def test_a_livekit_that_is_gone_too_still_leaves_a_record(dead: Dead) -> None:
    """The rescuer's own failures end in a closed record and no exception."""
    async with LiveKitRooms.open(settings("http://127.0.0.1:1")) as rooms:
        with pytest.raises(Unreachable):
            await rooms.close(dead.room)

        await Rescuer(rooms, dead.closer, Counting({}).count).on_death(dead.call)

    assert (await dead.closed()).apologised is False
