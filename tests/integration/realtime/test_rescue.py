"""The parent's side of a rescue on a real livekit-server; what nobody can rescue is closed."""

import secrets
import time
from pathlib import Path

import pytest
from livekit import api
from pydantic import SecretStr

from agent.reports import CallStarted
from agent.rescue import ARRIVAL_TIMEOUT_S, ROOM_API_TIMEOUT_S, Rescuer
from agent.rooms import LiveKitRooms, Unreachable, joined_again
from agent.settings import Settings
from agent.voice import load_clips, play_alone
from records import CallFile, CallOutcome, Journal
from records.call_file import CALL_FILE
from tests.integration.livekit import Server
from tests.integration.realtime.oncall import PROFILE, settings, until
from tests.integration.realtime.rooms import two_in_a_room


def settings_of(server: Server) -> Settings:
    """A worker's settings on this server."""
    changes = {
        "livekit_url": server.url,
        "livekit_api_key": server.key,
        "livekit_api_secret": SecretStr(server.secret),
    }
    return settings("http://127.0.0.1:1").model_copy(update=changes)


@pytest.fixture
def dead(tmp_path: Path) -> CallStarted:
    """A call whose job died after the answer."""
    journal = Journal(tmp_path / "c1")
    journal.write("started", call_id="c1", profile="acme")
    journal.write("answered")
    journal.close()
    room = f"call-{secrets.token_hex(4)}"
    return CallStarted(call_id="c1", room=room, profile="acme", folder=journal.folder)


def record_of(call: CallStarted) -> CallFile:
    """What the parent has made of the dead job's journal."""
    return CallFile.model_validate_json((call.folder / CALL_FILE).read_text())


async def test_a_caller_whom_no_job_reaches_is_not_left_in_silence(
    livekit_server: Server, dead: CallStarted
) -> None:
    """No worker takes the rescue: the line closes, and the record says that nobody spoke."""
    async with (
        two_in_a_room(livekit_server, dead.room) as two,
        LiveKitRooms.open(settings_of(livekit_server)) as rooms,
    ):
        closed: list[object] = []
        two.caller.on("disconnected", closed.append)
        began = time.monotonic()

        await Rescuer(rooms).on_death(dead)

        assert time.monotonic() - began < ARRIVAL_TIMEOUT_S + 2 * ROOM_API_TIMEOUT_S
        await until(lambda: closed, within_s=2)
    record = record_of(dead)
    assert (record.outcome, record.apologised) == (CallOutcome.LOST, False)
    assert record.reason == "the job died"


async def test_a_job_is_asked_for_by_the_workers_name(
    livekit_server: Server, dead: CallStarted
) -> None:
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


async def test_only_agents_count_as_agents(livekit_server: Server, dead: CallStarted) -> None:
    """The caller in the room is nobody who could apologise."""
    async with (
        two_in_a_room(livekit_server, dead.room),
        LiveKitRooms.open(settings_of(livekit_server)) as rooms,
    ):
        assert await rooms.agents_in(dead.room) == frozenset()


async def test_a_caller_is_spoken_to_through_a_second_connection(
    livekit_server: Server, dead: CallStarted
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


async def test_a_livekit_that_is_gone_too_still_leaves_a_record(dead: CallStarted) -> None:
    """The rescuer's own failures end in a closed record and no exception."""
    async with LiveKitRooms.open(settings("http://127.0.0.1:1")) as rooms:
        with pytest.raises(Unreachable):
            await rooms.close(dead.room)

        await Rescuer(rooms).on_death(dead)

    assert record_of(dead).apologised is False
