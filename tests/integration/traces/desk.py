"""A worker that answers calls, and a caller who comes in by the room instead of by SIP."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from livekit import api, rtc
from pydantic import SecretStr

from agent.rooms import LiveKitRooms
from agent.settings import Settings
from records import CallView
from records.reading import Wanted
from records.settings import RecordsAccess
from rehearsal.speech import speak
from rehearsal.stack.calls import LOOK_AGAIN_S, Calls, open_calls
from tests.integration import livekit
from tests.integration.livekit import wait_until
from tests.integration.starting.worker import environment, lines, running

WITHIN_S = 30.0
NUMBER = "+15550001111"
DIALLED = "+15557654321"
RATE_HZ = 24_000
FRAME_SAMPLES = RATE_HZ // 50


@dataclass
class Desk:
    """A worker that is ready; `folder` holds what it logs and traces."""

    server: livekit.Server
    folder: Path
    calls: Calls

    def log(self) -> list[dict[str, Any]]:
        """What worker and jobs have logged."""
        return lines((self.folder / "worker.log").read_text())

    def files(self) -> list[Path]:
        """Traces on disk."""
        return sorted((self.folder / "traces").glob("*/*.jsonl"))

    async def begun(self, calls: int = 1) -> list[CallView]:
        """The calls, the oldest first, once there are as many."""
        return await self._once(lambda found: len(found) == calls)

    async def over(self, calls: int = 1) -> list[CallView]:
        """The same once all of them have ended and their jobs are gone."""
        return await self._once(
            lambda found: (
                len(found) == calls
                and not any(call.outcome is None or _lives(call.pid) for call in found)
            )
        )

    async def said(self, speaker: str, words: str = "") -> None:
        """Once `words` stand in the record as somebody's."""
        await self._once(
            lambda found: any(
                turn.speaker == speaker and words in turn.text
                for call in found
                for turn in call.turns
            )
        )

    async def _once(self, true: Callable[[list[CallView]], bool]) -> list[CallView]:
        async with asyncio.timeout(WITHIN_S):
            while True:
                ids = reversed(await self.calls.ids(Wanted()))
                found = [call for one in ids if (call := await self.calls.call(one))]
                if true(found):
                    return found
                await asyncio.sleep(LOOK_AGAIN_S)


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@asynccontextmanager
async def desk(folder: Path, model_url: str, **changes: str) -> AsyncIterator[Desk]:
    """A worker with a livekit-server of its own."""
    ready, log = folder / "ready", folder / "worker.log"
    access = RecordsAccess(
        url=f"sqlite+aiosqlite:///{folder}/records.db",
        key=SecretStr(environment()["FRONTDESK_RECORDS_KEY"]),
        spool=folder / "spool",
    )
    with livekit.serving(folder, redis=False) as server:
        settings = {
            "LIVEKIT_URL": server.url,
            "LIVEKIT_API_KEY": server.key,
            "LIVEKIT_API_SECRET": server.secret,
            "OPENAI_BASE_URL": model_url,
            "FRONTDESK_RECORDS_URL": access.url,
            "FRONTDESK_RECORDS_SPOOL": str(access.spool),
            "FRONTDESK_READY_FILE": str(ready),
            **changes,
        }
        with running(log, **settings):
            assert wait_until(ready.exists), log.read_text()[-2000:]
            async with open_calls(access) as calls:
                yield Desk(server, folder, calls)


@dataclass
class Caller:
    """Somebody on the line."""

    room: rtc.Room
    source: rtc.AudioSource

    async def say(self, text: str) -> None:
        """Say `text`, then be quiet for a second."""
        pcm = await speak(text, voice="rms", rate_hz=RATE_HZ)
        await self.play(np.concatenate([pcm, np.zeros(RATE_HZ, dtype=np.int16)]))

    async def play(self, pcm: np.ndarray) -> None:
        """Send sound, 24 kHz mono; returns when all but the last second of it has left."""
        for at in range(0, len(pcm), FRAME_SAMPLES):
            frame = pcm[at : at + FRAME_SAMPLES]
            await self.source.capture_frame(rtc.AudioFrame(frame.tobytes(), RATE_HZ, 1, len(frame)))


@asynccontextmanager
async def calling(desk: Desk, number: str = NUMBER) -> AsyncIterator[Caller]:
    """A caller with an agent sent to them; hangs up when the block ends."""
    server, name = desk.server, f"call-{number}_{secrets.token_hex(4)}"
    room = rtc.Room()
    token = (
        api.AccessToken(server.key, server.secret)
        .with_identity(f"sip_{number}")
        .with_name(f"Phone {number}")
        .with_kind("sip")
        .with_attributes(
            {
                "sip.phoneNumber": number,
                "sip.trunkPhoneNumber": DIALLED,
                "sip.callID": "SCL_abcdefgh1234",
                "sip.fromUser": number,
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


def _settings(server: livekit.Server) -> Settings:
    return Settings(
        livekit_url=server.url,
        livekit_api_key=server.key,
        livekit_api_secret=SecretStr(server.secret),
        openai_api_key=SecretStr("none"),
    )
