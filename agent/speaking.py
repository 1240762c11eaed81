"""Speaks fixed clips into a call: through the model's session, or beside it when it must be heard.

Through the session a clip waits its turn, is recorded and can be talked over. Beside it, on a track
of its own, it is heard whatever the session does. Owned by `agent.conversation`, which decides what
is said and when.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from livekit import rtc
from livekit.agents import AgentSession

from agent.ears import Ears
from agent.voice import Clip, Unheard, play_alone
from agent.watch import TAIL_S

# The session cuts its own speech short for a clip in about 0.2 s; the caller has waited long
# enough already when one is due.
CLIP_START_TIMEOUT_S = 0.8
# A clip that is not out by then was cut off or cannot be played on this session.
CLIP_MARGIN_S = 1.5

log = structlog.get_logger(__name__)


class Speaker:
    """The clips of one call. `ears` are told of each clip once, before it is heard.

    `sent` hears the sound of those beside the session, and when each piece of it is heard.
    """

    def __init__(
        self,
        session: AgentSession[None],
        room: rtc.Room,
        clips: Mapping[str, Clip],
        *,
        ears: Ears,
        sent: Callable[[bytes, float], None] = lambda _, __: None,
    ) -> None:
        self._sent = sent
        self._session, self._room, self._clips, self._ears = session, room, clips, ears
        self.sound_ended_at = 0.0
        """When the latest clip fell silent, on the monotonic clock."""
        self.unheard = False
        """Whether the latest clip could be played neither on the session nor beside it."""
        self._speech: object | None = None
        self._beside: asyncio.Timeout | None = None

    @property
    def clip_on_session(self) -> bool:
        """Whether what the session speaks now is a clip."""
        return self._speech is not None and self._session.current_speech is self._speech

    @property
    def clip_is_heard(self) -> bool:
        """Whether a clip on the session has begun to sound."""
        return self.clip_on_session and self._agent_speaks

    @property
    def _agent_speaks(self) -> bool:
        return self._session.agent_state == "speaking"

    async def say(self, name: str, *, cut_in: bool = True) -> bool:
        """Play a clip; False if the caller spoke over it.

        Args:
            name: a clip of the profile.
            cut_in: end what the agent says now; otherwise a clip that finds the agent speaking is
                left out.
        """
        if not cut_in and self._agent_speaks:
            self._fell_silent()
            return True
        clip = self._clips[name]
        self._ears.note_clip(clip)
        self.unheard = False
        try:
            return await self._say_on_session(clip, cut_in=cut_in)
        except (TimeoutError, RuntimeError):
            # RuntimeError: the session has closed.
            if not cut_in and self._agent_speaks:
                self._fell_silent()
                return True
            log.warning("a clip could not be played on the session", clip=name)
            await self._play_beside(clip)
            return True
        finally:
            self._speech = None

    async def say_whole(self, name: str) -> None:
        """Play a clip that must be heard to its end, also by a caller who talks over it."""
        if not await self.say(name):
            await self._play_beside(self._clips[name])

    async def say_beside(self, name: str) -> None:
        """Play a clip on a track of its own until it ends or the agent speaks."""
        clip = self._clips[name]
        try:
            async with asyncio.timeout(None) as self._beside:
                await self._play_beside(clip, begun=lambda: self._ears.note_clip(clip))
        except TimeoutError:
            log.debug("a clip gave way to the agent", clip=name)
        finally:
            self._beside = None

    def hush(self) -> None:
        """End the clip that is heard now, if one is."""
        if self.clip_on_session:
            self._session.interrupt()
        self.give_way()

    def give_way(self) -> None:
        """The agent's own voice leaves towards the caller: a clip beside it gives way."""
        if self._beside is not None:
            _end_now(self._beside)
            self._beside = None

    async def _say_on_session(self, clip: Clip, *, cut_in: bool) -> bool:
        if cut_in:
            self._session.interrupt()
        speech = self._session.say(clip.text, audio=clip.frames(), add_to_chat_ctx=False)
        self._speech = speech
        try:
            async with asyncio.timeout(clip.seconds + CLIP_MARGIN_S) as limit:
                begun = asyncio.get_running_loop().call_later(
                    CLIP_START_TIMEOUT_S, self._end_unless_begun, limit
                )
                try:
                    await speech.wait_for_playout()
                finally:
                    begun.cancel()
        except TimeoutError:
            # It must not be said a second time once the session finds room for it.
            speech.interrupt(force=True)
            raise
        self._fell_silent()
        return not speech.interrupted

    def _end_unless_begun(self, limit: asyncio.Timeout) -> None:
        if not self.clip_is_heard:
            _end_now(limit)

    def _heard(self, frame: rtc.AudioFrame, at: float) -> None:
        self._ears.hear_clip(frame, at)
        self._sent(bytes(frame.data.cast("b")), at)

    async def _play_beside(self, clip: Clip, *, begun: Callable[[], None] = lambda: None) -> None:
        try:
            await play_alone(self._room, clip, begun=begun, heard=self._heard)
            self._fell_silent(TAIL_S)
        except Unheard:
            log.warning("a clip could not be played beside the session", clip=clip.name)
            self.unheard = True
            self._fell_silent()

    def _fell_silent(self, ago_s: float = 0.0) -> None:
        self.sound_ended_at = time.monotonic() - ago_s


def _end_now(scope: asyncio.Timeout) -> None:
    scope.reschedule(asyncio.get_running_loop().time())
