"""The rooms of a LiveKit server as the worker's parent reaches them: over HTTP, from outside.

A job is inside its room; the parent is in none. `agent.rescue` asks for what is here when a job has
died, and takes every failure as the same: LiveKit did not do it.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import aiohttp
from livekit import api

from agent.settings import Settings
from agent.traces import kind


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


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (api.TwirpError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unreachable(kind(error)) from error
