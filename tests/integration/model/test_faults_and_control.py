"""Faults on demand over real sockets, the control API, and the process itself."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from rehearsal.model import ModelServer
from tests.integration.model.calling import WAIT_S, controlling, serving

BRAIN = """\
name: other
greeting: "Another script."
start: only
not_understood: ["Pardon?"]
states: {only: {}}
"""


def _socket(client: aiohttp.ClientSession, port: int) -> Any:
    return client.ws_connect(f"http://127.0.0.1:{port}/v1/realtime?model=any")


async def _next(socket: aiohttp.ClientWebSocketResponse) -> aiohttp.WSMessage:
    async with asyncio.timeout(WAIT_S):
        return await socket.receive()


async def _greeted(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Ask for a response; what was said, or what closed the socket."""
    await socket.send_json({"type": "response.create"})
    while True:
        message = await _next(socket)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return message.type.name
        event = message.json()
        if event["type"] == "response.output_audio_transcript.done":
            return str(event["transcript"])


@pytest.mark.parametrize(("fault", "status"), [("unauthorized", 401), ("refuse", 503)])
async def test_the_handshake_can_fail(server: ModelServer, fault: str, status: int) -> None:
    """Only the next session is refused; the one after is served."""
    async with controlling(server) as control, aiohttp.ClientSession() as client:
        await control.post("/rehearsal/next", json={"faults": [fault]})
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await _socket(client, server.port)
        async with _socket(client, server.port) as socket:
            said = await _greeted(socket)

    assert caught.value.status == status
    assert said.startswith("Hello")


async def test_a_storm_accepts_and_closes_every_connection(server: ModelServer) -> None:
    """Standing faults hold until they are taken back."""
    async with controlling(server) as control, aiohttp.ClientSession() as client:
        await control.post("/rehearsal/faults", json={"faults": ["storm"]})
        for _ in range(3):
            async with _socket(client, server.port) as socket:
                assert (await _next(socket)).type is not aiohttp.WSMsgType.TEXT
        await control.delete("/rehearsal/faults")
        async with _socket(client, server.port) as socket:
            said = await _greeted(socket)

    assert said.startswith("Hello")


async def test_a_live_session_can_be_dropped(server: ModelServer) -> None:
    """`drop` cuts the sessions that are talking now."""
    async with (
        controlling(server) as control,
        aiohttp.ClientSession() as client,
        _socket(client, server.port) as socket,
    ):
        await _next(socket)
        await control.post("/rehearsal/faults", json={"faults": ["drop"]})
        message = await _next(socket)

    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_a_half_open_session_neither_answers_nor_closes(server: ModelServer) -> None:
    """The socket stays, and nothing comes; the server forgets it when the client is gone."""
    async with controlling(server) as control, aiohttp.ClientSession() as client:
        await control.post("/rehearsal/next", json={"faults": ["half_open"]})
        async with _socket(client, server.port) as socket:
            await _next(socket)
            await socket.send_json({"type": "response.create"})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await socket.receive()
            assert not socket.closed
        health = (await control.get("/rehearsal/health")).json()

    assert health["status"] == "ok"


async def test_the_next_session_can_follow_another_script(
    server: ModelServer, tmp_path: Path
) -> None:
    """Brain and think time are given by order."""
    path = tmp_path / "other.yaml"
    path.write_text(BRAIN)
    async with controlling(server) as control, aiohttp.ClientSession() as client:
        order = {"brain": str(path), "think_ms": 250}
        assert (await control.post("/rehearsal/next", json=order)).status_code == 200
        async with _socket(client, server.port) as socket:
            said = await _greeted(socket)
        sessions = (await control.get("/rehearsal/sessions")).json()["sessions"]

    assert said == "Another script."
    assert sessions[0]["brain"] == "other"
    assert sessions[0]["turns"][0]["model_ms"] >= 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"faults": ["hiccup"]}, "hiccup"),
        ({"think_ms": -1}, "think_ms"),
        ({"colour": "red"}, "colour"),
        ({"brain": "/nowhere.yaml"}, "/nowhere.yaml:1: cannot be read"),
    ],
)
async def test_a_wrong_order_is_refused_with_its_reason(
    server: ModelServer, body: dict[str, Any], says: str
) -> None:
    """Whoever orders a fault learns what is wrong with the order."""
    async with controlling(server) as control:
        answer = await control.post("/rehearsal/next", json=body)

    assert answer.status_code == 400
    assert says in answer.text


async def test_a_word_that_cannot_be_heard_is_found_before_a_call(
    server: ModelServer, tmp_path: Path
) -> None:
    """A script with a word outside the dictionary is refused by name."""
    path = tmp_path / "odd.yaml"
    path.write_text(BRAIN.replace("{only: {}}", '{only: {rules: [{hears: ["xyzzyq"]}]}}'))
    async with controlling(server) as control:
        answer = await control.post("/rehearsal/next", json={"brain": str(path)})

    assert answer.status_code == 400
    assert "xyzzyq" in answer.text


async def _started(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rehearsal.model",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_process_says_what_it_is_and_where_it_listens() -> None:
    """The first log line names the port and that this is no language model; SIGTERM ends it."""
    process = await _started("--port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        first = json.loads(await process.stdout.readline())
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{first['port']}/rehearsal/health")
        process.send_signal(signal.SIGTERM)
        _, complaint = await process.communicate()

    assert "not a language model" in first["model"]
    assert answer.json()["brain"] == "receptionist"
    assert (process.returncode, complaint) == (0, b"")


async def test_a_taken_port_and_a_bad_brain_are_one_clear_sentence(tmp_path: Path) -> None:
    """No stack trace for what the user can mend."""
    path = tmp_path / "bad.yaml"
    path.write_text(BRAIN.replace("start: only", "start: nowhere"))
    async with serving() as server, asyncio.timeout(WAIT_S):
        taken = await _started("--port", str(server.port))
        _, says_port = await taken.communicate()
        bad = await _started("--brain", str(path))
        _, says_brain = await bad.communicate()

    assert (taken.returncode, bad.returncode) == (1, 1)
    assert f"127.0.0.1:{server.port}" in says_port.decode()
    assert f"{path}:3: start: no state 'nowhere'" in says_brain.decode()
    assert "Traceback" not in says_port.decode() + says_brain.decode()


async def test_the_log_holds_no_words() -> None:
    """What was said stays out of the log unless asked for."""
    process = await _started("--port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        port = json.loads(await process.stdout.readline())["port"]
        async with aiohttp.ClientSession() as client, _socket(client, port) as socket:
            said = await _greeted(socket)
        process.send_signal(signal.SIGTERM)
        log, _ = await process.communicate()

    assert said.startswith("Hello")
    assert b"front desk" not in log
    assert b"response.output_audio_transcript.done" in log


async def test_words_are_ordered_looked_after_and_taken_back(server: ModelServer) -> None:
    """Whoever orders them learns how far they have come; afterwards nobody knows of them."""
    async with controlling(server) as control, aiohttp.ClientSession() as client:
        words = {"line": "This is line one.", "turns": [], "pause_s": 0}
        number = (await control.post("/rehearsal/words", json=words)).json()["id"]
        async with _socket(client, server.port) as socket:
            session = {"type": "realtime", "instructions": "This is line one. Be brief."}
            await socket.send_json({"type": "session.update", "session": session})
            taken = await control.get(f"/rehearsal/words/{number}/taken")
            await _greeted(socket)
            answered = await control.get(f"/rehearsal/words/{number}/answered")
        await control.delete(f"/rehearsal/words/{number}")
        forgotten = await control.get(f"/rehearsal/words/{number}/taken")
        misspelt = await control.get("/rehearsal/words/seven/taken")

    assert (taken.status_code, answered.json()) == (200, {"reached": "answered"})
    assert (forgotten.status_code, misspelt.status_code) == (404, 404)
