"""A caller whose job died: somebody speaks to them, the line closes, the record tells.

The parent sees the dead job's lifeline close and sends a warm job into the same room, which plays
the apology and ends the call. If no job gets there in time, the parent closes the line itself: a
closed line is honest, a silent one is not.
"""

import asyncio
import json
from collections.abc import Mapping

import aiohttp
import structlog
from livekit import api, rtc
from livekit.agents import JobContext, JobRequest

from agent import metrics
from agent.profile import NOT_IN_SERVICE
from agent.reports import CallEnded, CallStarted, count
from agent.settings import Settings
from agent.voice import Clip, Clips, Unheard, play_alone
from records import CallOutcome, Journal, close_record

ROOM_API_TIMEOUT_S = 2.0
# The apology must be heard within 3 s of the death; a room still empty by then is closed.
ARRIVAL_TIMEOUT_S = 2.5
_RESCUE = "rescue"
_UNREACHABLE = (TimeoutError, api.TwirpError, aiohttp.ClientError, OSError)

log = structlog.get_logger(__name__)


def is_rescue(request: JobRequest | JobContext) -> bool:
    """Whether this job was sent for a caller whose job died."""
    return _RESCUE in request.job.metadata


def clips_to_rescue(ctx: JobContext, clips: Clips) -> Mapping[str, Clip]:
    """The clips of the call whose job died: its company says sorry, in its own voice."""
    name = json.loads(ctx.job.metadata)[_RESCUE]
    return clips.get(name) or clips[NOT_IN_SERVICE]


async def apologise(ctx: JobContext, clips: Mapping[str, Clip]) -> None:
    """The rescuing job: play the apology into the room, then close the line."""
    try:
        async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
            await ctx.connect()
        await play_alone(ctx.room, clips["apology"])
    except (TimeoutError, rtc.ConnectError, Unheard):
        log.warning("the caller of a dead job could not be told")
    finally:
        async with asyncio.timeout(ROOM_API_TIMEOUT_S):
            await ctx.delete_room()
        ctx.shutdown(reason=_RESCUE)


class Rescuer:
    """The parent's side. Acts once for each dead job; its own failures end in a closed line."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def on_death(self, call: CallStarted) -> None:
        """Serve the caller of a job that died, and close its record."""
        log.error("a job died in a call; the caller gets an apology", call=call.call_id)
        count(CallEnded(outcome=CallOutcome.LOST))
        metrics.CLIPS_PLAYED.labels(reason="apology").inc()
        async with api.LiveKitAPI(
            self._settings.livekit_url,
            self._settings.livekit_api_key,
            self._settings.livekit_api_secret.get_secret_value(),
        ) as lk:
            apologised = await self._send_job(lk, call)
            if not apologised:
                await self._close_line(lk, call)
        try:
            journal = Journal(call.folder)
            journal.write("rescued", apologised=apologised)
            journal.close()
            close_record(call.folder, lost=True)
        except (OSError, ValueError) as error:
            # The error's text could hold the caller's words.
            kind = type(error).__name__
            log.warning("a dead job's record stays open", call=call.call_id, error=kind)

    async def _send_job(self, lk: api.LiveKitAPI, call: CallStarted) -> bool:
        dispatch = api.CreateAgentDispatchRequest(
            agent_name=self._settings.agent_name,
            room=call.room,
            metadata=json.dumps({_RESCUE: call.profile}),
        )
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                before = await _agents_in(lk, call.room)
                await lk.agent_dispatch.create_dispatch(dispatch)
            async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
                while await _agents_in(lk, call.room) <= before:  # noqa: ASYNC110 - polls a server
                    await asyncio.sleep(0.2)
        except _UNREACHABLE as error:
            log.warning("no job reached the caller", call=call.call_id, error=str(error))
            return False
        return True

    async def _close_line(self, lk: api.LiveKitAPI, call: CallStarted) -> None:
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                await lk.room.delete_room(api.DeleteRoomRequest(room=call.room))
        except _UNREACHABLE as error:
            log.warning("the line could not be closed", call=call.call_id, error=str(error))


async def _agents_in(lk: api.LiveKitAPI, room: str) -> set[str]:
    found = await lk.room.list_participants(api.ListParticipantsRequest(room=room))
    agent = api.ParticipantInfo.Kind.AGENT
    return {p.identity for p in found.participants if p.kind == agent}
