"""One conversation on an answered line: what the session tells becomes facts, facts become steps.

Owned by `agent.call`. Events of livekit-agents, of the model's socket and of the room update one
`Line`; ten times a second `agent.watch` decides, and this module does what was decided. It returns
how the conversation ended and never closes the line itself.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, llm
from livekit.agents.voice import events

from agent.bridge import turned_away
from agent.profile import Profile
from agent.reports import Happened, Report, Timed, ToolUsed
from agent.turns import TurnClock
from agent.voice import Clip, Unheard, play_alone
from agent.watch import TAIL_S, Line, Step, decide
from records import CallOutcome, Journal
from tools import Gate

TICK_S = 0.1
# A clip that is not out by then was cut off or cannot be played on this session.
CLIP_MARGIN_S = 1.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ending:
    """How a call ended and, for the operator, why."""

    outcome: CallOutcome
    reason: str = ""


class Conversation:
    """Keeps the promises of a call while model and caller talk. Times are monotonic seconds."""

    def __init__(
        self,
        *,
        session: AgentSession[None],
        room: rtc.Room,
        profile: Profile,
        clips: Mapping[str, Clip],
        gate: Gate,
        journal: Journal,
        tell: Callable[[Report], None],
    ) -> None:
        self.line = Line(voice_ended_at=time.monotonic())
        self._session, self._room, self._profile = session, room, profile
        self._clips, self._gate, self._journal, self._tell = clips, gate, journal, tell
        self._clock = TurnClock()
        self._clip_speech: object | None = None
        self._beside: asyncio.Task[None] | None = None
        self._speech_began: float | None = None
        self._greeted = False
        self._answered_once = False
        self._goodbye_said = False
        self._farewell: Ending | None = None
        self._retried = False
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._emergency = _words(profile.emergency.words)
        self._emergency_due = False

    # What happens, told by the session, the model's socket and the room.

    def listen(self) -> None:
        """Attach to the session's events; before it starts, so that none is missed."""
        self._session.on("user_state_changed", self._on_caller)
        self._session.on("agent_state_changed", self._on_agent)
        self._session.on("conversation_item_added", self._on_item)
        self._session.on("function_tools_executed", self._on_tools)
        self._session.on("error", self._on_error)

    def listen_to_model(self) -> None:
        """Attach to the model's socket; once the session has started."""
        model = self._session.current_agent.realtime_llm_session
        model.on("openai_server_event_received", self._on_server_event)
        model.on("openai_client_event_queued", self._on_client_event)
        model.on("session_reconnected", self._on_reconnected)

    def greet(self) -> None:
        """Have the model speak the profile's opening line, word for word."""
        if self._profile.opening:
            self._session.generate_reply(instructions=f'Say exactly: "{self._profile.opening}"')

    def answered(self) -> None:
        """The line is up: the caller is owed a greeting."""
        now = time.monotonic()
        if self.line.answered_at is None:
            self.line.answered_at = self.line.voice_ended_at = now
            if not self._greeted:
                self.line.turn_ended(now)
            self._journal.write("answered")

    def model_is_gone(self, error: Exception) -> None:
        """The model's session ended for good."""
        log.warning("the model's session ended", error=type(error).__name__)
        self._tell(Happened(what="model_error", why="fatal"))
        self.line.model_gone = True

    def tool_running(self, running: bool) -> None:
        """A tool has started, or the last one has ended."""
        if running:
            self._clock.tool_used = True
            self.line.tool_started(time.monotonic())
        else:
            self.line.tool_ended(time.monotonic())

    def goodbye(self) -> None:
        """The model wants to close the line: it closes once the goodbye has been heard."""
        self.line.goodbye_since = time.monotonic()
        self._goodbye_said = True

    def key_pressed(self) -> None:
        """The caller pressed a key: they are there."""
        self._journal.write("dtmf")
        self.line.voice_ended_at = time.monotonic()
        self.line.asked = 0

    def caller_left(self) -> None:
        """The caller hung up; during a farewell of ours that is still how the call ended."""
        waiting = self.line.owed_since is not None or self.line.tool_running
        done = self._goodbye_said or (self._answered_once and not waiting)
        outcome = CallOutcome.COMPLETED if done else CallOutcome.ABANDONED
        self.end(self._farewell or Ending(outcome, "the caller hung up"))

    def room_lost(self) -> None:
        """The connection to the room ended although nobody ended it."""
        self.end(self._farewell or Ending(CallOutcome.FAILED, "the room was lost"))

    def end(self, ending: Ending) -> None:
        """End the conversation; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result(ending)

    async def run(self) -> Ending:
        """Watch over the conversation until it ends."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch())
            ending = await self._ended
            watching.cancel()
        return ending

    def _on_caller(self, event: events.UserStateChangedEvent) -> None:
        at = _monotonic(event.created_at)
        if event.new_state == "speaking":
            self.line.caller_started(at)
        elif event.old_state == "speaking":
            self.line.caller_stopped(at)
            self._clock.caller_spoke(event.created_at)

    def _on_agent(self, event: events.AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._agent_is_heard(event.created_at)
        elif event.old_state == "speaking":
            self.line.agent_stopped(_monotonic(event.created_at))

    def _agent_is_heard(self, at: float) -> None:
        self.line.agent_speaking = True
        if self._clip_plays():
            return
        if self._beside:
            self._beside.cancel()
        self.line.agent_started()
        self._speech_began = _monotonic(at)
        if not self._greeted:
            self._greeted = True
            self._journal.write("greeted", at=at)
            since = self.line.answered_at or time.monotonic()
            self._tell(Timed(what="greeting", seconds=max(0.0, _monotonic(at) - since)))
        response_s = self._clock.agent_spoke(at)
        if response_s is not None:
            self._answered_once = True
            used = self._clock.tool_used
            self._tell(Timed(what="turn_response", seconds=response_s, tool_used=used))

    def _on_item(self, event: events.ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not item.text_content:
            return
        if item.role == "user":
            self._journal.write("turn", speaker="caller", text=item.text_content)
        elif item.role == "assistant":
            self._gate.agent_said(item.text_content, began_at=self._speech_began)
            response_s = self._clock.take_response()
            self._journal.write(
                "turn",
                speaker="agent",
                text=item.text_content,
                response_ms=None if response_s is None else round(response_s * 1000),
                interrupted=item.interrupted,
            )
            if item.interrupted:
                self._journal.write("interrupted")
                self._tell(Happened(what="interruption"))

    def _on_tools(self, event: events.FunctionToolsExecutedEvent) -> None:
        for tool, outcome, reason in turned_away(event, self._gate):
            self._journal.write(
                "tool", tool=tool, outcome=outcome.value, reason=reason, duration_ms=0, tries=0
            )
            self._tell(ToolUsed(tool=tool, outcome=outcome.value, seconds=0.0))

    def _on_transcript(self, text: str) -> None:
        # A turn without words is told too: a yes that is awaited must not wait for its words.
        self._gate.caller_said(text)
        if self._emergency and self._emergency.search(text):
            self._emergency_due = True

    def _on_error(self, event: events.ErrorEvent) -> None:
        self._tell(Happened(what="model_error", why="recoverable"))
        lost = isinstance(getattr(event.error, "error", None), APIConnectionError)
        if lost and self.line.model_down_since is None:
            self.line.model_down_since = time.monotonic()

    def _on_reconnected(self, _: object) -> None:
        self.line.model_down_since = None
        self.line.reconnects.append(time.monotonic())
        if self.line.owed_since is not None:
            self._ask_model_to_speak()

    def _ask_model_to_speak(self) -> None:
        if self._greeted:
            self._session.generate_reply()
        else:
            self.greet()

    def _on_server_event(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        self.line.model_heard_at = now
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                self.line.turn_began()
                self._gate.caller_turn_started()
            case "input_audio_buffer.speech_stopped":
                self.line.model_down_since = None
                self.line.turn_ended(now)
                self._clock.turn_taken(now)
                self._retried = False
            case "conversation.item.input_audio_transcription.completed":
                self._on_transcript(event.get("transcript") or "")
            case "conversation.item.input_audio_transcription.failed":
                self._on_transcript("")
            case "response.created":
                self.line.model_down_since = None
                self.line.result_posted_at = None
            case "response.output_audio.delta":
                model_s = self._clock.model_spoke(now)
                if model_s is not None:
                    self._tell(Timed(what="model_first_audio", seconds=model_s))
            case "response.done" if event["response"].get("status") == "failed":
                self._answer_again()

    def _on_client_event(self, event: dict[str, Any]) -> None:
        if event.get("type") == "response.create":
            self.line.result_posted_at = None
        elif (event.get("item") or {}).get("type") == "function_call_output":
            self.line.result_posted_at = time.monotonic()

    def _answer_again(self) -> None:
        """A response failed with the caller waiting: ask once more, then let the watch decide."""
        self._tell(Happened(what="model_error", why="failed_response"))
        if not self._retried:
            self._retried = True
            self._ask_model_to_speak()

    # What is done about it.

    async def _watch(self) -> None:
        while not self._ended.done():
            self._notice_speech()
            step = decide(self.line, self._profile.limits, time.monotonic())
            if self._emergency_due:
                self._emergency_due = False
                if not await self._say("emergency"):
                    # A caller in need talks over it, and must hear it all the same.
                    await self._play_beside(self._clips["emergency"])
                # The sentence is the answer; the model's own was cut off for it.
                self.line.owed_since = None
            elif step is not Step.WAIT:
                await self._take(step)
            await asyncio.sleep(TICK_S)

    async def _take(self, step: Step) -> None:
        match step:
            case Step.BRIDGE:
                await self._bridge()
                self.line.bridged_at = time.monotonic()
            case Step.ASK_IF_THERE:
                self.line.asked += 1
                await self._say("still_there", interrupt=False)
            case Step.ASK_FOR_REPLY:
                self.line.result_posted_at = None
                self.line.turn_ended(time.monotonic())
                self._ask_model_to_speak()
            case Step.END_SILENT:
                await self._say_and_end("goodbye_silent", CallOutcome.CALLER_SILENT)
            case Step.END_LIMIT:
                await self._say_and_end("time_is_up", CallOutcome.LIMIT)
            case Step.APOLOGISE:
                await self._say_and_end("apology", CallOutcome.FAILED, "the model was lost")
            case Step.HANG_UP:
                self.end(Ending(CallOutcome.COMPLETED, "goodbye was said"))

    async def _say_and_end(self, name: str, outcome: CallOutcome, reason: str = "") -> None:
        """Speak a farewell and end. Whoever answers "are you there" over it is there after all."""
        self._farewell = Ending(outcome, reason)
        whole = await self._say(name)
        if not whole and outcome is CallOutcome.CALLER_SILENT:
            self._farewell, self.line.asked = None, 0
            return
        if not whole:
            await self._play_beside(self._clips[name])
        await asyncio.sleep(TAIL_S)
        self.end(self._farewell)

    async def _bridge(self) -> None:
        """Fill a silence; beside a reply under way, behind which the session would queue a clip."""
        if self._session.current_speech is None:
            await self._say("one_moment", interrupt=False)
            return
        self._beside = asyncio.create_task(self._play_beside(self._note_clip("one_moment")))
        try:
            await asyncio.wait([self._beside])
        finally:
            self._beside.cancel()
            self._beside = None
            self.line.voice_ended_at = time.monotonic()

    async def _play_beside(self, clip: Clip) -> None:
        try:
            await play_alone(self._room, clip)
        except Unheard:
            log.warning("a clip could not be played beside the session", clip=clip.name)

    def _note_clip(self, name: str) -> Clip:
        clip = self._clips[name]
        self._tell(Happened(what="clip", why=name))
        self._journal.write("turn", speaker="clip", text=clip.text)
        return clip

    async def _say(self, name: str, *, interrupt: bool = True) -> bool:
        """Play a fixed clip; False if the caller spoke over it."""
        clip = self._note_clip(name)
        try:
            return await self._play_on_session(clip, interrupt=interrupt)
        except (TimeoutError, RuntimeError):
            # RuntimeError: the session has closed.
            log.warning("a clip could not be played on the session", clip=name)
            await self._play_beside(clip)
            return True
        finally:
            self._clip_speech = None
            self.line.voice_ended_at = time.monotonic()

    async def _play_on_session(self, clip: Clip, *, interrupt: bool) -> bool:
        if interrupt:
            self._session.interrupt()
        speech = self._session.say(clip.text, audio=clip.frames(), add_to_chat_ctx=False)
        self._clip_speech = speech
        try:
            async with asyncio.timeout(clip.seconds + CLIP_MARGIN_S):
                await speech.wait_for_playout()
        except TimeoutError:
            # It must not be said a second time once the session finds room for it.
            speech.interrupt(force=True)
            raise
        return not speech.interrupted

    def _clip_plays(self) -> bool:
        return self._clip_speech is not None and self._session.current_speech is self._clip_speech

    def _notice_speech(self) -> None:
        # The session stays "speaking" when a reply follows a clip without a pause.
        speaking = self._session.agent_state == "speaking" and not self._clip_plays()
        if speaking and self.line.owed_since is not None:
            self._agent_is_heard(time.time())


def _monotonic(wall: float) -> float:
    """A time since 1970, as the session tells it, on the call's own clock."""
    return time.monotonic() - (time.time() - wall)


def _words(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
