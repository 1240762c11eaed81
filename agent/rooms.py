"""The rooms of a LiveKit server as they are reached from outside, when a process has died.

A job is inside its room; the worker's parent is in none and asks over HTTP for what `agent.rescue`
needs. A job whose parent has died comes into its own room anew. Every failure is taken as the same:
LiveKit did not do it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import aiohttp
from livekit import api, rtc

from agent.error_kinds import kind
from agent.settings import Settings

# Who cannot be told by then why nobody speaks gets a closed line instead, within the third second.
JOIN_AGAIN_TIMEOUT_S = 1.5


class Unreachable(Exception):
    """LiveKit did not do what was asked; the line may still be open."""


class Rooms(Protocol):
    """What a rescue needs of LiveKit. Each raises `Unreachable`; the caller sets the time."""

    async def agents_in(self, room: str) -> frozenset[str]:
        """Identities of the agents in a room."""

    async def send_agent(self, room: str, metadata: str) -> None:
        """Ask for one more job of this worker's name in a room."""

    async def close(self, room: str) -> None:
        """Delete a room, which hangs up every line in it."""


class LiveKitRooms:
    """`Rooms` through livekit-api, on one HTTP session."""

    def __init__(self, lk: api.LiveKitAPI, agent_name: str) -> None:
        self._lk, self._agent_name = lk, agent_name

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["LiveKitRooms"]:
        """The rooms of the server that the settings name, until the block ends."""
        secret = settings.livekit_api_secret.get_secret_value()
        async with api.LiveKitAPI(settings.livekit_url, settings.livekit_api_key, secret) as lk:
            yield cls(lk, settings.agent_name)

    async def agents_in(self, room: str) -> frozenset[str]:
        """Identities of the agents in a room."""
        with _failures():
            found = await self._lk.room.list_participants(api.ListParticipantsRequest(room=room))
        agent = api.ParticipantInfo.Kind.AGENT
        return frozenset(p.identity for p in found.participants if p.kind == agent)

    async def send_agent(self, room: str, metadata: str) -> None:
        """Dispatch a job; LiveKit sends it to any worker of this name that takes it."""
        with _failures():
            await self._lk.agent_dispatch.create_dispatch(
                api.CreateAgentDispatchRequest(
                    agent_name=self._agent_name, room=room, metadata=metadata
                )
            )

    async def close(self, room: str) -> None:
        """Delete a room; one that is gone already is as good as closed."""
        with _failures():
            try:
                await self._lk.room.delete_room(api.DeleteRoomRequest(room=room))
            except api.TwirpError as error:
                if error.code != api.TwirpErrorCode.NOT_FOUND:
                    raise


@asynccontextmanager
async def joined_again(settings: Settings, name: str) -> AsyncIterator[rtc.Room]:
    """A second connection to a room, for a job whose first one nobody serves any more.

    Raises:
        Unreachable: it could not be joined in time.
    """
    grants = api.VideoGrants(room_join=True, room=name)
    secret = settings.livekit_api_secret.get_secret_value()
    token = api.AccessToken(settings.livekit_api_key, secret).with_identity("apology")
    token.with_kind("agent").with_grants(grants)
    room = rtc.Room()
    try:
        async with asyncio.timeout(JOIN_AGAIN_TIMEOUT_S):
            options = rtc.RoomOptions(auto_subscribe=False)
            await room.connect(settings.livekit_url, token.to_jwt(), options)
    except (TimeoutError, rtc.ConnectError) as error:
        raise Unreachable(kind(error)) from error
    try:
        yield room
    finally:
        await room.disconnect()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unreachable(kind(error)) from error
