"""Two participants in a real room: the agent, and a caller who listens to every track."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from livekit import api, rtc

from tests.integration.livekit import Server

RATE_HZ = 24_000
# Above the codec's noise, below any speech.
LOUD = 300


@dataclass
class TwoInARoom:
    """The agent's end, and what the caller's end has heard so far."""

    agent: rtc.Room
    caller: rtc.Room
    heard: list[np.ndarray] = field(default_factory=list)

    def seconds_of_voice(self) -> float:
        """How long the caller heard something loud, pauses within words left out."""
        frames = [frame for frame in self.heard if np.abs(frame).max(initial=0) > LOUD]
        return sum(len(frame) for frame in frames) / RATE_HZ

    async def listen(self, track: rtc.RemoteTrack) -> None:
        """Keep what a track carries until it ends."""
        stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1)
        try:
            async for event in stream:
                self.heard.append(np.frombuffer(event.frame.data, dtype=np.int16))
        finally:
            await stream.aclose()


@asynccontextmanager
async def two_in_a_room(server: Server, name: str) -> AsyncIterator[TwoInARoom]:
    """Both have joined; both leave when the block ends."""
    two = TwoInARoom(rtc.Room(), rtc.Room())
    listening: set[asyncio.Task[None]] = set()

    def subscribed(track: rtc.RemoteTrack, *_: object) -> None:
        listening.add(asyncio.create_task(two.listen(track)))

    two.caller.on("track_subscribed", subscribed)
    try:
        for room, identity in ((two.caller, "caller"), (two.agent, "agent")):
            await room.connect(server.url, _token(server, name, identity))
        yield two
    finally:
        for task in listening:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await two.agent.disconnect()
        await two.caller.disconnect()


def _token(server: Server, room: str, identity: str) -> str:
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(server.key, server.secret).with_identity(identity)
    return token.with_grants(grants).to_jwt()
