"""A caller whose job died: somebody speaks to them, the call goes on, the record tells.

The parent sees the dead job's lifeline close and sends a warm job into the same room, which says so
and goes on with the call (`agent.resuming`). If that one dies too, the next plays the apology and
ends the call: whatever kills jobs on this line would kill them all. If no job gets there in time,
or none can come because the worker drains, the parent closes the line itself: a closed line is
honest, a silent one is not.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog
from livekit import rtc
from livekit.agents import JobContext, JobRequest

from agent import metrics
from agent.call_trace import place, traced
from agent.error_kinds import kind
from agent.logs import bind_call
from agent.profile import NOT_IN_SERVICE
from agent.reports import CallEnded, CallStarted, Report
from agent.rooms import Rooms, Unreachable
from agent.voice import Clip, Clips, Unheard, play_alone
from records import CallOutcome
from records.closing import Closer
from records.ledger import NotKept

ROOM_API_TIMEOUT_S = 2.0
# The apology must be heard within 3 s of the death; a room still empty by then is closed.
ARRIVAL_TIMEOUT_S = 2.5
LOOK_EVERY_S = 0.2
_RESCUE = "rescue"
_CALL = "call"
_RESUME = "resume"
_TRACE = "trace"

log = structlog.get_logger(__name__)


def is_rescue(request: JobRequest | JobContext) -> bool:
    """Whether this job was sent for a caller whose job died."""
    return _told(request) is not None


def call_to_resume(ctx: JobContext) -> str:
    """The call that this rescuing job is to go on with; "" if it is to apologise and end it."""
    told = _told(ctx) or {}
    return told[_CALL] if told.get(_RESUME) else ""


def trace_before(ctx: JobContext) -> str:
    """Where the trace of the call stands whose job died; "" if it was not traced."""
    return str((_told(ctx) or {}).get(_TRACE, ""))


def _told(request: JobRequest | JobContext) -> dict[str, str] | None:
    """What the parent wrote for a rescuing job; of any other job None."""
    try:
        told = json.loads(request.job.metadata)
    except ValueError:
        return None
    return told if isinstance(told, dict) and {_RESCUE, _CALL} <= told.keys() else None


async def apologise(ctx: JobContext, clips: Clips) -> None:
    """The rescuing job: play the apology into the room, then close the line.

    The company whose job died says sorry, in its own voice.
    """
    told = _told(ctx)
    assert told is not None
    with traced(told[_CALL], "apology"):
        bind_call(told[_CALL], place().trace_id)
        await _say_sorry(ctx, clips.get(told[_RESCUE]) or clips[NOT_IN_SERVICE])


async def _say_sorry(ctx: JobContext, of_profile: Mapping[str, Clip]) -> None:
    try:
        async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
            await ctx.connect()
        await play_alone(ctx.room, of_profile["apology"])
    except (TimeoutError, rtc.ConnectError, Unheard):
        log.warning("the caller of a dead job could not be told")
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                await ctx.delete_room(ctx.job.room.name)
        ctx.shutdown(reason=_RESCUE)


class Rescuer:
    """The parent's side. Acts once for each dead job; what it cannot do is left to `sip watch`."""

    def __init__(
        self, rooms: Rooms, closer: Closer, count: Callable[[Report, CallStarted], None]
    ) -> None:
        self._rooms, self._closer, self._count = rooms, closer, count
        self.serving: set[str] = set()
        """Calls of dead jobs that are looked after now, their records too."""
        self.left_open: set[str] = set()
        """Calls that were counted as lost and whose record could not be closed yet."""
        self.draining = False
        """No job comes to this worker any more, and it may be the only one: do not wait for one."""

    async def on_death(self, call: CallStarted) -> None:
        """Serve the caller of a job that died, and close its record."""
        self.serving.add(call.call_id)
        try:
            await self._serve(call)
        finally:
            self.serving.discard(call.call_id)

    async def _serve(self, call: CallStarted) -> None:
        log.error("a job died in a call", call=call.call_id)
        self._count(CallEnded(outcome=CallOutcome.LOST), call)
        metrics.RECORDS_CLOSED_LOST.inc()
        apologised = not self.draining and await self._send_job(call)
        if apologised and call.resumed:
            metrics.CLIPS_PLAYED.labels(reason="apology").inc()
            log.info("a job was sent to the caller to apologise", call=call.call_id)
        elif apologised:
            log.info("a job was sent to go on with the call", call=call.call_id)
        else:
            await self._close_line(call)
        try:
            await self._closer.close(call.call_id, apologised=apologised)
        except NotKept as error:
            # What the job has left lies on this machine, and is filed when the database is back.
            self.left_open.add(call.call_id)
            log.warning("a dead job's record stays open", call=call.call_id, error=str(error))

    async def _send_job(self, call: CallStarted) -> bool:
        """Whether an agent has come who was not there before."""
        told = {_RESCUE: call.profile, _CALL: call.call_id}
        metadata = json.dumps(told if call.resumed else told | {_RESUME: "yes", _TRACE: call.trace})
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                before = await self._rooms.agents_in(call.room)
                await self._rooms.send_agent(call.room, metadata)
            async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
                while await self._rooms.agents_in(call.room) <= before:  # noqa: ASYNC110 - polls
                    await asyncio.sleep(LOOK_EVERY_S)
        except (TimeoutError, Unreachable) as error:
            log.warning("no job reached the caller", call=call.call_id, error=_why(error))
            return False
        return True

    async def _close_line(self, call: CallStarted) -> None:
        try:
            async with asyncio.timeout(ROOM_API_TIMEOUT_S):
                await self._rooms.close(call.room)
        except (TimeoutError, Unreachable) as error:
            log.warning("the line could not be closed", call=call.call_id, error=_why(error))
        else:
            log.info("the line was closed without a word", call=call.call_id)


def _why(error: TimeoutError | Unreachable) -> str:
    return kind(error.__cause__ or error)
