"""One conversation on an answered line: what the session tells becomes facts, facts become steps.

Owned by `agent.call`. Events of livekit-agents, of the model's socket and of the room update one
`Line`; ten times a second `agent.watch` decides, and this module does what was decided. It returns
how the conversation ended and never closes the line itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, llm
from livekit.agents.voice import events

from agent.bridge import turned_away
from agent.ears import Ears, Voice
from agent.profile import Profile
from agent.reports import Happened, Report
from agent.speaking import Speaker
from agent.turns import on_our_clock
from agent.voice import Clip
from agent.waiting import Waiting
from agent.watch import TAIL_S, Line, Step, decide
from records import CallOutcome, Journal
from tools import Gate

TICK_S = 0.1
# The caller hears ringing until the session has its track; it starts in well under a second.
START_TIMEOUT_S = 4.0

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
        self._session, self._profile, self._gate = session, profile, gate
        self._journal, self._tell = journal, tell
        self.ears = Ears(
            self.line,
            journal=journal,
            tell=tell,
            clip_sounds=lambda: self._speaker.clip_on_session,
        )
        self._speaker = Speaker(session, room, clips, ears=self.ears)
        self._waiting = Waiting(session=session, line=self.line, speaker=self._speaker, tell=tell)
        self._clock = self.ears.clock
        self._speech_began: float | None = None
        self._greeted = False
        self._answered_once = False
        self._goodbye_said = False
        self._farewell: Ending | None = None
        self._goodbyes_cut = 0
        self._retried = False
        self._response_gave = False
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._emergency_due = False

    # What happens, told by the session, the model's socket and the room.

    def listen(self, voice: Voice) -> None:
        """Attach to the session's events; before it starts, so that none is missed.

        `voice` is where the agent's sound leaves.
        """
        self.ears.listen_to(voice)
        self._session.on("user_state_changed", self._on_caller)
        self._session.on("agent_state_changed", self._on_agent)
        self._session.on("conversation_item_added", self._on_item)
        self._session.on("function_tools_executed", self._on_tools)
        self._session.on("error", self._on_error)
        self._session.on("close", self._on_close)
        self._gate.listen_for_keys(self._waiting.keys_awaited, self._answered_by_key)

    def _listen_to_model(self) -> None:
        model = self._session.current_agent.realtime_llm_session
        model.on("openai_server_event_received", self._on_server_event)
        model.on("openai_client_event_queued", self._on_client_event)
        model.on("session_reconnected", self._on_reconnected)

    def _greet(self) -> None:
        if self._profile.opening:
            self._session.generate_reply(instructions=f'Say exactly: "{self._profile.opening}"')

    def answered(self) -> None:
        """The line is up: the caller is owed a greeting."""
        now = time.monotonic()
        if self.line.answered_at is None:
            self.line.answered_at = self.line.voice_ended_at = now
            self.ears.answered(now)
            if not self._greeted:
                self.line.turn_ended(now)
            self._journal.write("answered")

    def model_is_gone(self, error: Exception) -> None:
        """The model's session ended for good."""
        log.warning("the model's session ended", error=type(error).__name__)
        self._tell(Happened(what="model_error", why="fatal"))
        self.line.model_gone = True

    def tools_running(self, names: Sequence[str]) -> None:
        """Which tools run now; none once the last one has ended."""
        self._clock.tool_used |= bool(names)
        self._waiting.tools_running(names)

    def goodbye(self) -> None:
        """The model wants to close the line: it closes once the goodbye has been heard."""
        self.line.goodbye_since = time.monotonic()
        self._goodbye_said = True

    def key_pressed(self, key: str) -> None:
        """The caller pressed a key: they are there, and may have answered by it."""
        self._journal.write("dtmf")
        self.line.voice_ended_at = time.monotonic()
        self.line.asked = 0
        self._clock.caller_spoke(self.line.voice_ended_at)
        self._gate.key_pressed(key)

    def _answered_by_key(self, word: str) -> None:
        if not self._ended.done():
            self.line.turn_ended(time.monotonic())
            self._session.interrupt()
            self._session.generate_reply(user_input=word)

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
            self._gate.caller_left()
            self._ended.set_result(ending)

    async def run(self, begin: Callable[[], Awaitable[None]]) -> Ending:
        """Start the session by `begin` and watch over the conversation until it ends.

        The watch does not wait for the start: a caller may leave, or wait too long, before it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                doing = (self._begin(begin), self._watch(), self.ears.keep())
                tasks = [group.create_task(what) for what in doing]
                ending = await self._ended
                for task in tasks:
                    task.cancel()
        finally:
            self.ears.close()
        return ending

    async def _begin(self, begin: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await begin()
        except TimeoutError:
            log.error("the session did not start in time; the caller gets an apology")  # noqa: TRY400
            self.line.model_gone = True
            return
        self._listen_to_model()
        self._greet()

    def _on_caller(self, event: events.UserStateChangedEvent) -> None:
        at = on_our_clock(event.created_at)
        if event.new_state == "speaking":
            self.line.caller_started(at)
            self.ears.caller_began(at)
        elif event.old_state == "speaking":
            self.line.caller_stopped(at)
            self.ears.caller_ended(at)

    def _on_agent(self, event: events.AgentStateChangedEvent) -> None:
        at = on_our_clock(event.created_at)
        if event.new_state == "speaking":
            self._agent_is_heard(at)
        elif event.old_state == "speaking":
            self.line.agent_stopped(at)
            self.ears.answer_over()

    def _agent_is_heard(self, at: float) -> None:
        self.line.agent_speaking = True
        if self._speaker.clip_on_session:
            return
        self._speaker.give_way()
        self.line.agent_started()
        self._speech_began = at
        self._greeted = True
        self._answered_once |= self._clock.caller_ended_at is not None
        self.ears.answer_leaves(at)

    def _on_item(self, event: events.ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage) or not item.text_content:
            return
        if item.role == "user":
            self.ears.caller_said(item.text_content)
        elif item.role == "assistant":
            self._gate.agent_said(item.text_content, began_at=self._speech_began)
            self.ears.agent_said(item.text_content, interrupted=item.interrupted)

    def _on_tools(self, event: events.FunctionToolsExecutedEvent) -> None:
        for use in turned_away(event, self._gate):
            self._gate.keep(use)

    def _on_transcript(self, text: str, item: str) -> None:
        # A turn without words is told too: a yes that is awaited must not wait for its words.
        self._gate.caller_said(text, item)
        if text:
            self._goodbyes_cut = 0
        self._emergency_due |= self._profile.emergency.is_in(text)

    def _on_error(self, event: events.ErrorEvent) -> None:
        self._tell(Happened(what="model_error", why="recoverable"))
        lost = isinstance(getattr(event.error, "error", None), APIConnectionError)
        if lost and self.line.model_down_since is None:
            self.line.model_down_since = time.monotonic()

    def _on_close(self, event: events.CloseEvent) -> None:
        if not self._ended.done():
            log.warning("the session closed by itself", reason=event.reason.value)
            self.line.model_gone = True

    def _on_reconnected(self, _: object) -> None:
        self.line.reconnected(time.monotonic())
        self._tell(Happened(what="model_reconnect"))
        if self.line.owed_since is not None:
            self._ask_model_to_speak()

    def _ask_model_to_speak(self) -> None:
        leaving = self._farewell is not None or self._ended.done() or self.line.keys_awaited
        if self._greeted and not leaving:
            self._session.generate_reply()
        elif not leaving:
            self._greet()

    def _on_server_event(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        self.line.model_heard_at = now
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                self.line.turn_began(now)
                self._gate.caller_turn_started(event.get("item_id", ""))
            case "input_audio_buffer.speech_stopped":
                self.line.model_down_since = None
                self.line.turn_ended(now)
                self._clock.turn_taken(now)
                self._retried = False
            case "conversation.item.input_audio_transcription.completed":
                self._on_transcript(event.get("transcript") or "", event.get("item_id", ""))
            case "conversation.item.input_audio_transcription.failed":
                self._on_transcript("", event.get("item_id", ""))
            case "response.created":
                self.line.model_down_since = None
                self.line.result_posted_at = None
                self._response_gave = False
            case "response.output_item.added" if event["item"].get("type") == "function_call":
                self._response_gave = True
            case "response.output_audio.delta":
                self._response_gave = True
                self.ears.model_spoke(now)
            case "response.done" if self._came_to_nothing(event["response"].get("status")):
                self._answer_again()

    def _on_client_event(self, event: dict[str, Any]) -> None:
        if event.get("type") == "response.create":
            self.line.result_posted_at = None
        elif (event.get("item") or {}).get("type") == "function_call_output":
            self.line.result_posted_at = time.monotonic()

    def _came_to_nothing(self, status: str | None) -> bool:
        """Whether a response failed, or gave a waiting caller no sound and used no tool."""
        waiting = self.line.owed_since is not None or not self._greeted
        empty = status != "cancelled" and not self._response_gave and waiting
        # After a goodbye there is nothing more to say.
        return self.line.goodbye_since is None and (status == "failed" or empty)

    def _answer_again(self) -> None:
        """A response came to nothing: ask once more, then let the watch decide."""
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
                await self._speaker.say_whole("emergency")
                # The sentence is the answer; the model's own was cut off for it.
                self.line.owed_since = None
                self._silence_begins()
            elif step is not Step.WAIT:
                await self._take(step)
            await asyncio.sleep(TICK_S)

    async def _take(self, step: Step) -> None:
        match step:
            case Step.BRIDGE:
                await self._waiting.bridge()
                self._silence_begins()
            case Step.ASK_FOR_KEYS:
                await self._waiting.ask_for_keys()
                self._silence_begins()
            case Step.ASK_IF_THERE:
                self.line.asked += 1
                await self._speaker.say("still_there", cut_in=False)
                self._silence_begins()
            case Step.ASK_FOR_REPLY:
                self.line.result_posted_at = None
                self.line.turn_ended(time.monotonic())
                self._ask_model_to_speak()
            case Step.END_SILENT:
                await self._end_silent()
            case Step.END_LIMIT:
                await self._say_and_end("time_is_up", Ending(CallOutcome.LIMIT))
            case Step.APOLOGISE:
                ending = Ending(CallOutcome.FAILED, "the model was lost")
                await self._say_and_end("apology", ending)
            case Step.HANG_UP:
                self.end(Ending(CallOutcome.COMPLETED, "goodbye was said"))

    async def _end_silent(self) -> None:
        """Whoever answers "are you there" over the goodbye is there; noise gets one chance more."""
        ending = Ending(CallOutcome.CALLER_SILENT)
        if self._goodbyes_cut:
            await self._say_and_end("goodbye_silent", ending)
            return
        self._farewell = ending
        if await self._speaker.say("goodbye_silent"):
            await self._end_after_tail(ending)
            return
        self._farewell, self.line.asked = None, 0
        self._goodbyes_cut += 1
        self._silence_begins()

    async def _say_and_end(self, name: str, ending: Ending) -> None:
        self._farewell = ending
        await self._speaker.say_whole(name)
        await self._end_after_tail(ending)

    async def _end_after_tail(self, ending: Ending) -> None:
        await asyncio.sleep(TAIL_S)
        self.end(ending)

    def _silence_begins(self) -> None:
        line, ended_at = self.line, self._speaker.sound_ended_at
        line.voice_ended_at = max(line.voice_ended_at, ended_at)

    def _notice_speech(self) -> None:
        # The session stays "speaking" when a reply follows a clip without a pause.
        speaking = self._session.agent_state == "speaking" and not self._speaker.clip_on_session
        if speaking and self.line.owed_since is not None:
            self._agent_is_heard(time.monotonic())
