"""The parent's side of a rescue on a real livekit-server; what nobody can rescue is closed."""

import secrets
import time
from pathlib import Path

import pytest
from livekit import api
from pydantic import SecretStr

from agent.reports import CallStarted
from agent.rescue import ARRIVAL_TIMEOUT_S, ROOM_API_TIMEOUT_S, Rescuer
from agent.settings import Settings
from records import CallFile, CallOutcome, Journal
from records.call_file import CALL_FILE
from tests.integration.livekit import Server
from tests.integration.realtime.oncall import settings, until
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
    async with two_in_a_room(livekit_server, dead.room) as two:
        closed: list[object] = []
        two.caller.on("disconnected", closed.append)
        began = time.monotonic()

        await Rescuer(settings_of(livekit_server)).on_death(dead)

        assert time.monotonic() - began < ARRIVAL_TIMEOUT_S + 2 * ROOM_API_TIMEOUT_S
        await until(lambda: closed, within_s=2)
    record = record_of(dead)
    assert (record.outcome, record.apologised) == (CallOutcome.LOST, False)
    assert record.reason == "the job died"


async def test_a_rescue_is_asked_for_by_name(livekit_server: Server, dead: CallStarted) -> None:
    """LiveKit is told which worker, and the job whose voice to speak in."""
    async with (
        two_in_a_room(livekit_server, dead.room),
        api.LiveKitAPI(livekit_server.url, livekit_server.key, livekit_server.secret) as lk,
    ):
        await Rescuer(settings_of(livekit_server))._send_job(lk, dead)
        asked = await lk.agent_dispatch.list_dispatch(dead.room)

    found = {(dispatch.agent_name, dispatch.metadata) for dispatch in asked}
    assert ("frontdesk", '{"rescue": "acme"}') in found


async def test_a_livekit_that_is_gone_too_still_leaves_a_record(dead: CallStarted) -> None:
    """The rescuer's own failures end in a closed record and no exception."""
    await Rescuer(settings("http://127.0.0.1:1")).on_death(dead)

    assert record_of(dead).apologised is False


async def test_a_journal_that_is_lost_costs_the_record_only(dead: CallStarted) -> None:
    """The caller was served first; the parent lives on."""
    (dead.folder / "journal.jsonl").unlink()

    await Rescuer(settings("http://127.0.0.1:1")).on_death(dead)

    assert not (dead.folder / CALL_FILE).exists()
