"""A caller whose job died: somebody speaks to them, the line closes, the record tells.

The parent sees the dead job's lifeline close and sends a warm job into the same room, which plays
the apology and ends the call. If no job gets there in time, the parent closes the line itself: a
closed line is honest, a silent one is not.
"""

import asyncio
import json

import structlog
from livekit import api
from livekit.agents import JobContext, JobRequest

from agent import metrics
from agent.profile import Profile
from agent.reports import CallEnded, CallStarted, count
from agent.settings import Settings
from agent.voice import load_clips, play_alone
from records import CallOutcome, Journal, close_record

ROOM_API_TIMEOUT_S = 2.0
# The apology must be heard within 3 s of the death; a room still empty by then is closed.
ARRIVAL_TIMEOUT_S = 2.5
_RESCUE = "rescue"

log = structlog.get_logger(__name__)


def is_rescue(request: JobRequest | JobContext) -> bool:
    """Whether this job was sent for a caller whose job died."""
    return request.job.metadata == json.dumps({_RESCUE: True})


async def apologise(ctx: JobContext, profile: Profile) -> None:
    """The rescuing job: play the apology into the room, then close the line."""
    try:
        await ctx.connect()
        await play_alone(ctx.room, load_clips(profile)["apology"])
    finally:
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
        except (OSError, ValueError):
            log.exception("the record of a dead job could not be closed", call=call.call_id)

    async def _send_job(self, lk: api.LiveKitAPI, call: CallStarted) -> bool:
        dispatch = api.CreateAgentDispatchRequest(
            agent_name=self._settings.agent_name,
            room=call.room,
            metadata=json.dumps({_RESCUE: True}),
        )
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                before = await _agents_in(lk, call.room)
                await lk.agent_dispatch.create_dispatch(dispatch)
            async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
                while await _agents_in(lk, call.room) <= before:  # noqa: ASYNC110 - polls a server
                    await asyncio.sleep(0.2)
        except (TimeoutError, api.TwirpError, OSError) as error:
            log.warning("no job reached the caller", call=call.call_id, error=str(error))
            return False
        return True

    async def _close_line(self, lk: api.LiveKitAPI, call: CallStarted) -> None:
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                await lk.room.delete_room(api.DeleteRoomRequest(room=call.room))
        except (TimeoutError, api.TwirpError, OSError) as error:
            log.warning("the line could not be closed", call=call.call_id, error=str(error))


async def _agents_in(lk: api.LiveKitAPI, room: str) -> set[str]:
    found = await lk.room.list_participants(api.ListParticipantsRequest(room=room))
    agent = api.ParticipantInfo.Kind.AGENT
    return {p.identity for p in found.participants if p.kind == agent}
