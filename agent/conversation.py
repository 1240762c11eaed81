"""One conversation on an answered line: what the session tells becomes facts, facts become steps.

Owned by `agent.call`. Events of livekit-agents, of the model's socket and of the room update one
`Line`; ten times a second `agent.watch` decides, and this module does what was decided. It returns
how the conversation ended and never closes the line itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, llm
from livekit.agents.voice import events

from agent.acting import Acting, Ending
from agent.bridge import turned_away
from agent.consent import ConsentDesk
from agent.ears import Ears, Voice
from agent.keeping import Keeper
from agent.profile import Profile
from agent.question import Answer, Settled
from agent.realtime import PhoneRealtimeSession
from agent.reports import Happened, Report
from agent.speaking import Speaker
from agent.turns import on_our_clock
from agent.voice import Clip
from agent.waiting import Waiting
from agent.watch import Line, Step, decide
from records import CallOutcome, Journal
from records.consent import Owed
from tools import Gate
from tools.lexicon import LEXICONS

TICK_S = 0.1
# The caller hears ringing until the session has its track; it starts in well under a second.
START_TIMEOUT_S = 4.0

log = structlog.get_logger(__name__)


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
        keeper: Keeper,
        tell: Callable[[Report], None],
        owed: Owed,
        agreed: Answer | None = None,
        sent: Callable[[bytes, float], None] = lambda _, __: None,
    ) -> None:
        self.line = Line(voice_ended_at=time.monotonic())
        self._session, self._profile, self._gate = session, profile, gate
        self._journal, self._keeper, self._tell = journal, keeper, tell
        self.ears = Ears(
            self.line,
            journal=journal,
            keeper=keeper,
            tell=tell,
            clip_sounds=lambda: self._speaker.clip_on_session,
        )
        self._speaker = Speaker(session, room, clips, ears=self.ears, sent=sent)
        self._waiting = Waiting(
            session=session,
            line=self.line,
            speaker=self._speaker,
            tell=tell,
            pause=keeper.keys_awaited,
        )
        self._consent = self._desk(owed, agreed)
        self._clock = self.ears.clock
        self._speech_began: float | None = None
        self._greeted = self._answered_once = self._goodbye_said = self._emergency_due = False
        self._retried = self._response_gave = False
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._acting = Acting(
            line=self.line,
            speaker=self._speaker,
            waiting=self._waiting,
            ask_model=self._ask_model_to_speak,
            end=self.end,
        )

    def _desk(self, owed: Owed, agreed: Answer | None) -> ConsentDesk:
        def told(settled: Settled) -> None:
            # What a job before this one settled was counted then.
            self._keeper.settled(settled, counts=agreed is None)
            if self._consent.settled_at is not None:
                self.ears.greeting_due_at = self._consent.settled_at
                # What was said to the question is answered by the greeting, and is no turn.
                self._clock.caller_ended_at = None

        return ConsentDesk(
            owed=owed,
            speaker=self._speaker,
            line=self.line,
            lexicon=LEXICONS[self._profile.language],
            model_answers=self._model_answers,
            told=told,
            before=agreed,
        )

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

    def _model_answers(self, answers: bool) -> None:
        model = self._session.current_agent.realtime_llm_session
        assert isinstance(model, PhoneRealtimeSession)
        model.answer_turns(answers)

    def _greet(self) -> None:
        if self._profile.opening:
            self._session.generate_reply(instructions=f'Say exactly: "{self._profile.opening}"')

    def answered(self) -> None:
        """The line is up: the caller is owed a greeting."""
        now = time.monotonic()
        if self.line.answered_at is None:
            self.line.answered_at = self.line.voice_ended_at = now
            self.ears.answered(now)
            self._keeper.answered(now)
            if not self._greeted:
                self.line.turn_ended(now)
            self._journal.write("answered")

    def model_is_gone(self, error: Exception) -> None:
        """The model's session ended for good."""
        log.warning("the model's session ended", error=type(error).__name__)
        self._tell(Happened(what="model_error", why="fatal"))
        self._consent.give_up()
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
        if self._consent.has_the_floor:
            self._consent.key_pressed(key)
        else:
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
        self.end(self._acting.farewell or Ending(outcome, "the caller hung up"))

    def room_lost(self) -> None:
        """The connection to the room ended although nobody ended it."""
        self.end(self._acting.farewell or Ending(CallOutcome.FAILED, "the room was lost"))

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
        await self._consent.settle()
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
            self.ears.caller_said(item.text_content, item.id)
        elif item.role == "assistant":
            self._gate.agent_said(item.text_content, began_at=self._speech_began)
            self.ears.agent_said(item.text_content, interrupted=item.interrupted)

    def _on_tools(self, event: events.FunctionToolsExecutedEvent) -> None:
        for use in turned_away(event, self._gate):
            self._gate.keep(use)

    def _on_transcript(self, text: str, item: str) -> None:
        # A turn without words is told too: a yes that is awaited must not wait for its words.
        self._gate.caller_said(text, item)
        self._consent.heard(text, item)
        if text:
            self._acting.caller_is_there()
        if self._profile.emergency.is_in(text):
            self._emergency_due = True
            self._consent.give_up()

    def _on_error(self, event: events.ErrorEvent) -> None:
        self._tell(Happened(what="model_error", why="recoverable"))
        lost = isinstance(getattr(event.error, "error", None), APIConnectionError)
        if lost and self.line.model_down_since is None:
            self.line.model_down_since = time.monotonic()

    def _on_close(self, event: events.CloseEvent) -> None:
        if not self._ended.done():
            log.warning("the session closed by itself", reason=event.reason.value)
            self._consent.give_up()
            self.line.model_gone = True

    def _on_reconnected(self, _: object) -> None:
        self.line.reconnected(time.monotonic())
        self._keeper.model_reconnected()
        self._tell(Happened(what="model_reconnect"))
        if self.line.owed_since is not None:
            self._ask_model_to_speak()

    def _ask_model_to_speak(self) -> None:
        leaving = self._acting.farewell is not None or self._ended.done() or self.line.keys_awaited
        leaving |= self._consent.has_the_floor
        if self._greeted and not leaving:
            self._session.generate_reply()
        elif not leaving:
            self._greet()

    def _on_server_event(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        self.line.model_heard_at = now
        self._keeper.model_event(event)
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                self.line.turn_began(now)
                self._gate.caller_turn_started(event.get("item_id", ""))
                self._consent.turn_began(event.get("item_id", ""))
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
            if self._keeper.budget_is_spent():
                self.line.budget_spent_at = time.monotonic()
            held = self._consent.has_the_floor
            limits = self._profile.limits
            step = Step.WAIT if held else decide(self.line, limits, time.monotonic())
            if self._emergency_due:
                self._emergency_due = False
                await self._acting.emergency()
            elif step is not Step.WAIT:
                await self._acting.take(step)
            await asyncio.sleep(TICK_S)

    def _notice_speech(self) -> None:
        # The session stays "speaking" when a reply follows a clip without a pause.
        speaking = self._session.agent_state == "speaking" and not self._speaker.clip_on_session
        if speaking and self.line.owed_since is not None:
            self._agent_is_heard(time.monotonic())
