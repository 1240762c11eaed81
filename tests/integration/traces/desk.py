"""A worker that answers calls, and a caller who comes in by the room instead of by SIP."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from livekit import api, rtc

from agent.rooms import LiveKitRooms
from agent.settings import Settings
from rehearsal.speech import speak
from tests.integration import livekit
from tests.integration.livekit import wait_until
from tests.integration.realtime.oncall import until
from tests.integration.starting.worker import lines, running

NUMBER = "+15550001111"
DIALLED = "+15557654321"
RATE_HZ = 24_000
FRAME_SAMPLES = RATE_HZ // 50


@dataclass
class Desk:
    """A worker that is ready; `folder` holds what it logs, keeps and traces."""

    server: livekit.Server
    folder: Path

    def log(self) -> list[dict[str, Any]]:
        """What worker and jobs have logged."""
        return lines(self.log_text())

    def log_text(self) -> str:
        """The same as it stands in the file."""
        return (self.folder / "worker.log").read_text()

    def started(self) -> list[dict[str, Any]]:
        """The first lines of the journals of all calls."""
        journals = sorted((self.folder / "calls").glob("*/journal.jsonl"))
        return [json.loads(journal.read_text().splitlines()[0]) for journal in journals]

    def records(self) -> list[dict[str, Any]]:
        """The records of calls that have ended, in order."""
        files = sorted((self.folder / "calls").glob("*/call.json"))
        return [json.loads(file.read_text()) for file in files]

    def files(self) -> list[Path]:
        """Traces on disk."""
        return sorted((self.folder / "traces").glob("*/*.jsonl"))


@contextmanager
def desk(folder: Path, model_url: str, **changes: str) -> Iterator[Desk]:
    """A worker with a livekit-server of its own."""
    ready = folder / "ready"
    with livekit.serving(folder, redis=False) as server:
        settings = {
            "LIVEKIT_URL": server.url,
            "LIVEKIT_API_KEY": server.key,
            "LIVEKIT_API_SECRET": server.secret,
            "OPENAI_BASE_URL": model_url,
            "FRONTDESK_CALLS_DIR": str(folder / "calls"),
            "FRONTDESK_RECORDS_URL": f"sqlite+aiosqlite:///{folder}/records.db",
            "FRONTDESK_READY_FILE": str(ready),
            **changes,
        }
        log = folder / "worker.log"
        with running(log, **settings):
            assert wait_until(ready.exists), log.read_text()[-2000:]
            yield Desk(server, folder)


@dataclass
class Caller:
    """Somebody on the line."""

    room: rtc.Room
    source: rtc.AudioSource

    async def say(self, text: str) -> None:
        """Say `text`, then be quiet for a second."""
        pcm = await speak(text, voice="rms", rate_hz=RATE_HZ)
        pcm = np.concatenate([pcm, np.zeros(RATE_HZ, dtype=np.int16)])
        for at in range(0, len(pcm), FRAME_SAMPLES):
            frame = pcm[at : at + FRAME_SAMPLES]
            await self.source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE_HZ, 1, len(frame)))


@asynccontextmanager
async def calling(desk: Desk) -> AsyncIterator[Caller]:
    """A caller with an agent sent to them; hangs up when the block ends."""
    server, name = desk.server, f"call-{NUMBER}_{secrets.token_hex(4)}"
    room = rtc.Room()
    token = (
        api.AccessToken(server.key, server.secret)
        .with_identity(f"sip_{NUMBER}")
        .with_name(f"Phone {NUMBER}")
        .with_kind("sip")
        .with_attributes(
            {
                "sip.phoneNumber": NUMBER,
                "sip.trunkPhoneNumber": DIALLED,
                "sip.callID": "SCL_abcdefgh1234",
                "sip.fromUser": NUMBER,
                "sip.callStatus": "active",
            }
        )
        .with_grants(api.VideoGrants(room_join=True, room=name))
    )
    source = rtc.AudioSource(RATE_HZ, 1)
    try:
        await room.connect(server.url, token.to_jwt())
        await room.local_participant.publish_track(
            rtc.LocalAudioTrack.create_audio_track("line", source),
            rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE),
        )
        async with LiveKitRooms.open(_settings(server)) as rooms:
            await rooms.send_agent(name, "")
        yield Caller(room, source)
    finally:
        await room.disconnect()
        await source.aclose()


async def turned(desk: Desk, speaker: str, words: str = "") -> None:
    """Once a turn of `speaker` with `words` stands in a journal."""

    def found() -> bool:
        journals = (desk.folder / "calls").glob("*/journal.jsonl")
        turns = [json.loads(line) for j in journals for line in j.read_text().splitlines()]
        return any(t.get("speaker") == speaker and words in t.get("text", "") for t in turns)

    await until(found)


async def over(desk: Desk, calls: int = 1) -> None:
    """Once this many calls have ended and their jobs are gone."""
    await until(lambda: len(desk.records()) >= calls)
    await until(lambda: not any(Path(f"/proc/{line['pid']}").exists() for line in desk.started()))


def _settings(server: livekit.Server) -> Settings:
    return Settings(
        livekit_url=server.url,
        livekit_api_key=server.key,
        livekit_api_secret=server.secret,
        openai_api_key="none",
    )
