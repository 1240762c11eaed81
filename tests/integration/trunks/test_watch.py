"""`python -m sip watch` fed by a real livekit-server: calls, lines, signatures, the port."""

import asyncio
import base64
import hashlib
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from google.protobuf.json_format import MessageToJson
from livekit import api, rtc
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent
from prometheus_client.parser import text_string_to_metric_families

from rehearsal.stack.ports import any_port
from tests.integration.livekit import Server, accepts, serving, wait_until

DEADLINE_S = 20.0
CALLER = "sip_+15550001111"


class Watcher:
    """A running watcher: its port, its process and the file with its log."""

    def __init__(self, port: int, log: Path, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.log, self.process = port, log, process

    def series(self) -> dict[str, float]:
        """Every sample by name and label values, as scraped."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in families
            for sample in family.samples
        }

    async def until(self, name: str, value: float) -> None:
        """Wait until a series has `value` or more, with a deadline."""
        reached = await asyncio.to_thread(wait_until, lambda: self.series()[name] >= value)
        assert reached, self.log.read_text()


@contextmanager
def watching(folder: Path, environment: dict[str, str], port: int) -> Iterator[Watcher]:
    """A watcher in a process of its own, ended by SIGTERM."""
    log = folder / "watch.log"
    soon = {
        "FRONTDESK_SIP_WATCH_PATIENCE_S": "0",
        "FRONTDESK_SIP_WATCH_SETTLE_S": "0.5",
        "FRONTDESK_SIP_WATCH_ORPHAN_S": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sip", "watch", "--port", str(port)],
            env={**soon, **environment},
            stderr=output,
        )
    try:
        wait_until(lambda: accepts(port) or process.poll() is not None)
        yield Watcher(port, log, process)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, log.read_text()


@contextmanager
def reporting(folder: Path, **settings: str) -> Iterator[tuple[Server, Watcher]]:
    """A server that reports to a watcher with these `settings`."""
    port = any_port()
    with (
        serving(folder, webhook=f"http://127.0.0.1:{port}/webhook") as server,
        watching(folder, {**server.environment, **settings}, port) as watcher,
    ):
        yield server, watcher


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Server, Watcher]]:
    """A server that reports to a watcher."""
    with reporting(tmp_path) as both:
        yield both


async def join(
    server: Server, room: str, kind: Literal["sip", "agent"], identity: str = ""
) -> rtc.Room:
    """Join `room` as livekit-sip (kind sip) or a worker (kind agent) would."""
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(server.key, server.secret).with_grants(grants).with_kind(kind)
    identity = identity or (CALLER if kind == "sip" else "agent-1")
    joined = rtc.Room()
    async with asyncio.timeout(DEADLINE_S):
        await joined.connect(server.url, token.with_identity(identity).to_jwt())
    return joined


async def test_a_caller_whom_no_agent_joined_is_counted(watched: tuple[Server, Watcher]) -> None:
    """LiveKit's own webhooks about a caller who came and went end up as one unanswered call."""
    server, watcher = watched

    caller = await join(server, "call_+15557654321_x", "sip")
    await caller.disconnect()

    await watcher.until("frontdesk_calls_unanswered_total no_agent", 1)
    assert watcher.series()["frontdesk_calls_watched_total"] == 1
    assert "call.unanswered" in watcher.log.read_text()
    assert CALLER.removeprefix("sip_+") not in watcher.log.read_text()


async def test_a_caller_whom_an_agent_joined_is_not(watched: tuple[Server, Watcher]) -> None:
    """The same call with a worker in it is watched and not unanswered."""
    server, watcher = watched

    caller = await join(server, "call_+15557654321_x", "sip")
    agent = await join(server, "call_+15557654321_x", "agent")
    await caller.disconnect()
    await agent.disconnect()

    await watcher.until("frontdesk_calls_watched_total", 1)
    assert watcher.series()["frontdesk_calls_unanswered_total no_agent"] == 0


def closing_of(room: rtc.Room) -> "asyncio.Future[str]":
    """Why the room was closed on somebody in it, once it is."""
    closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    room.on("disconnected", lambda reason: closed.set_result(rtc.DisconnectReason.Name(reason)))
    return closed


async def only_closed(closed: "asyncio.Future[str]", watcher: Watcher) -> None:
    """Wait until this line has been closed by the watcher, as the only one."""
    async with asyncio.timeout(DEADLINE_S):
        assert await closed == "ROOM_DELETED"
    await watcher.until("frontdesk_calls_orphaned_total closed", 1)
    assert watcher.series()["frontdesk_calls_orphaned_total closed"] == 1


async def test_the_line_of_a_caller_left_alone_is_closed(watched: tuple[Server, Watcher]) -> None:
    """The agent goes, nobody comes: the room ends. A caller with another agent keeps theirs."""
    server, watcher = watched
    served = await join(server, "call_+15557654321_served", "sip")
    staying = await join(server, "call_+15557654321_served", "agent", "agent-2")
    going = await join(server, "call_+15557654321_served", "agent")
    lonely = await join(server, "call_+15550001111_lonely", "sip")
    lost = await join(server, "call_+15550001111_lonely", "agent")
    closed, still_open = closing_of(lonely), closing_of(served)

    await going.disconnect()
    await lost.disconnect()

    await only_closed(closed, watcher)
    assert not still_open.done()
    assert "call.orphaned" in watcher.log.read_text()
    assert "5550001111" not in watcher.log.read_text()
    await served.disconnect()
    await staying.disconnect()


async def test_a_webhook_that_is_wrong_ends_no_call(watched: tuple[Server, Watcher]) -> None:
    """LiveKit says that the agent has left, and knows better when it is asked."""
    server, watcher = watched
    served = await join(server, "call_+15557654321_served", "sip")
    agent = await join(server, "call_+15557654321_served", "agent")
    lonely = await join(server, "call_+15557654321_lonely", "sip")
    lost = await join(server, "call_+15557654321_lonely", "agent")
    closed, still_open = closing_of(lonely), closing_of(served)

    assert await asyncio.to_thread(_tell_left, server, watcher.port, agent, await served.sid) == 200
    await lost.disconnect()

    await only_closed(closed, watcher)
    assert not still_open.done()
    await served.disconnect()
    await agent.disconnect()


async def test_a_watcher_that_shall_not_close_lines_counts_them(tmp_path: Path) -> None:
    """Whoever has a rescue of their own is only told."""
    with reporting(tmp_path, FRONTDESK_SIP_WATCH_CLOSE_ORPHANS="false") as (server, watcher):
        caller = await join(server, "call_+15557654321_x", "sip")
        still_open = closing_of(caller)
        await (await join(server, "call_+15557654321_x", "agent")).disconnect()

        await watcher.until("frontdesk_calls_orphaned_total left_open", 1)
        assert not still_open.done()
        await caller.disconnect()


async def test_a_line_that_cannot_be_closed_is_tried_again(tmp_path: Path) -> None:
    """LiveKit does not answer: told each time, with the address to mend."""
    with reporting(tmp_path, LIVEKIT_URL="ws://127.0.0.1:9") as (server, watcher):
        caller = await join(server, "call_+15557654321_x", "sip")
        await (await join(server, "call_+15557654321_x", "agent")).disconnect()

        await watcher.until("frontdesk_calls_orphaned_total failed", 2)
        assert "mend LIVEKIT_URL" in watcher.log.read_text()
        await caller.disconnect()


async def test_a_webhook_that_livekit_did_not_sign_is_refused(
    watched: tuple[Server, Watcher],
) -> None:
    """Unsigned, signed with another secret, or with another body: 401 and nothing counted."""
    server, watcher = watched
    forged = api.AccessToken(server.key, "x" * 40).with_sha256("aGFzaA==").to_jwt()
    unlike = api.AccessToken(server.key, server.secret).with_sha256("aGFzaA==").to_jwt()

    for token in ("", forged, unlike):
        assert await asyncio.to_thread(_post, watcher.port, token, b"{}") == 401

    assert watcher.series()["frontdesk_webhooks_total refused"] == 3


async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    """The watcher says which port and what to do, and exits with 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = await asyncio.to_thread(_watch, port, {"LIVEKIT_API_KEY": "k"}, "s" * 40)

    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_watcher_without_a_secret_is_one_sentence() -> None:
    """Without the secret no signature can be checked, so there is nothing to watch."""
    done = await asyncio.to_thread(_watch, 0, {}, "")

    assert done.returncode == 1
    assert "LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be set" in done.stderr


def _watch(
    port: int, environment: dict[str, str], secret: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sip", "watch", "--port", str(port)],
        env={**environment, "LIVEKIT_API_SECRET": secret},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def _tell_left(server: Server, port: int, agent: rtc.Room, room_sid: str) -> int:
    """Tell the watcher, as LiveKit would, that `agent` has left; its answer's status."""
    event = WebhookEvent(event="participant_left", id="EV_wrong")
    event.room.sid, event.room.name = room_sid, agent.name
    event.participant.sid = agent.local_participant.sid
    event.participant.kind = ParticipantInfo.AGENT
    body = MessageToJson(event).encode()
    hashed = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token = api.AccessToken(server.key, server.secret).with_sha256(hashed).to_jwt()
    return _post(port, token, body)


def _post(port: int, token: str, body: bytes) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/webhook", data=body, headers={"Authorization": token}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
