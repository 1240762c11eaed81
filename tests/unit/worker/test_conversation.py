"""What a conversation makes of what it is told, on a session that was never started."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, APIError, llm
from livekit.agents.voice import events
from pydantic import SecretStr

from agent.conversation import Conversation, Ending
from agent.profile import Emergency, Profile
from agent.reports import Happened, Report, Timed, ToolUsed
from agent.voice import load_clips
from records import CallOutcome, Journal
from records.journal import read_journal
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import CallFacts, Gate, Office, ToolUse, catalogue

PROFILE = Profile(
    name="acme", opening="Hello.", emergency=Emergency(words=("heart attack", "fire"))
)


@dataclass
class Talk:
    """A conversation, its session, and everything that it told."""

    conversation: Conversation
    session: AgentSession[None]
    gate: Gate
    told: list[Report]
    folder: Path

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Lines of one kind in the journal."""
        return [line for line in read_journal(self.folder) if line["kind"] == kind]

    def said(self, role: Any, text: str, *, interrupted: bool = False) -> None:
        """The session adds a message to the conversation."""
        message = llm.ChatMessage(role=role, content=[text], interrupted=interrupted)
        self.session.emit(
            "conversation_item_added", events.ConversationItemAddedEvent(item=message)
        )

    def agent_is(self, new: Any, old: Any) -> None:
        """The agent's state changes."""
        event = events.AgentStateChangedEvent(old_state=old, new_state=new)
        self.session.emit("agent_state_changed", event)

    def caller_is(self, new: Any, old: Any) -> None:
        """The caller's state changes."""
        event = events.UserStateChangedEvent(old_state=old, new_state=new)
        self.session.emit("user_state_changed", event)

    def turn_of_the_caller(self) -> None:
        """The caller says something, and the model takes it as a turn."""
        self.caller_is("speaking", "listening")
        self.caller_is("listening", "speaking")
        self.server("input_audio_buffer.speech_stopped")

    def server(self, kind: str, **fields: Any) -> None:
        """The model's server sends an event."""
        self.conversation._on_server_event({"type": kind, **fields})

    async def ending(self) -> Ending:
        """How it ends; it must have been decided already."""
        async with asyncio.timeout(1):
            return await self.conversation.run(self.no_session)

    async def no_session(self) -> None:
        """The session of these tests is never started."""


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """An answered call."""
    told: list[Report] = []
    uses: list[ToolUse] = []
    session: AgentSession[None] = AgentSession(aec_warmup_duration=None)
    journal = Journal(tmp_path)
    facts = CallFacts("c1", None, "en", datetime.now(UTC))
    async with Office("http://office", SecretStr("k"), transport=FakeOffice().transport()) as desk:
        tools = catalogue(["look_up_order"])
        gate = Gate(tools=tools, office=desk, call=facts, on_use=uses.append)
        conversation = Conversation(
            session=session,
            room=rtc.Room(),
            profile=PROFILE,
            clips=load_clips(PROFILE),
            gate=gate,
            journal=journal,
            tell=told.append,
        )
        conversation.listen()
        conversation.answered()
        yield Talk(conversation, session, gate, told, tmp_path)
    journal.close()


async def test_a_caller_who_leaves_before_the_greeting_has_abandoned(talk: Talk) -> None:
    """They got nothing of what they called for."""
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


async def test_a_model_that_comes_back_after_the_end_is_asked_for_nothing(talk: Talk) -> None:
    """A session that is not running refuses to speak, like this one; so it must not be asked."""
    talk.server("input_audio_buffer.speech_stopped")
    with pytest.raises(RuntimeError):
        talk.conversation._on_reconnected(None)
    talk.conversation.caller_left()

    talk.conversation._on_reconnected(None)

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


@pytest.mark.parametrize("waits_for", ["an answer", "a tool"])
async def test_a_caller_who_leaves_while_waiting_has_abandoned(talk: Talk, waits_for: str) -> None:
    """Whatever they waited for came too late."""
    talk.agent_is("speaking", "listening")
    talk.agent_is("listening", "speaking")
    if waits_for == "a tool":
        talk.conversation.tool_running(True)
    else:
        talk.server("input_audio_buffer.speech_stopped")
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


async def test_a_caller_who_leaves_with_nothing_open_is_done(talk: Talk) -> None:
    """Most people hang up without a goodbye, once they were answered."""
    talk.agent_is("speaking", "listening")
    talk.agent_is("listening", "speaking")
    talk.turn_of_the_caller()
    talk.agent_is("speaking", "listening")
    talk.agent_is("listening", "speaking")
    talk.conversation.caller_left()

    assert await talk.ending() == Ending(CallOutcome.COMPLETED, "the caller hung up")


async def test_a_caller_who_hangs_up_first_after_a_goodbye_is_done(talk: Talk) -> None:
    """Even when the model still owes its last words."""
    talk.server("input_audio_buffer.speech_stopped")
    talk.conversation.goodbye()
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.COMPLETED


async def test_the_first_reason_to_end_counts(talk: Talk) -> None:
    """A line that closes is also a caller who leaves."""
    talk.conversation.end(Ending(CallOutcome.LIMIT))
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.LIMIT


async def test_an_answer_is_written_once(talk: Talk) -> None:
    """LiveKit may tell the same attribute twice."""
    talk.conversation.answered()

    assert len(talk.lines("answered")) == 1


async def test_a_pressed_key_is_a_sign_of_life_and_is_not_kept(talk: Talk) -> None:
    """Digits may be a PIN; that somebody is there is enough."""
    talk.conversation.line.asked = 2
    talk.conversation.key_pressed()

    assert talk.conversation.line.asked == 0
    assert [set(line) for line in talk.lines("dtmf")] == [{"at", "kind"}]


async def test_the_first_voice_of_the_agent_is_the_greeting(talk: Talk) -> None:
    """Measured once, from the answer."""
    for _ in range(2):
        talk.agent_is("speaking", "listening")
        talk.agent_is("listening", "speaking")

    greetings = [r for r in talk.told if isinstance(r, Timed) and r.what == "greeting"]
    assert len(greetings) == len(talk.lines("greeted")) == 1


async def test_a_turn_is_timed_from_the_callers_voice_and_told_with_its_tool(talk: Talk) -> None:
    """The metric and the record say the same."""
    talk.turn_of_the_caller()
    talk.conversation.tool_running(True)
    talk.conversation.tool_running(False)
    talk.agent_is("speaking", "listening")
    talk.said("assistant", "It has shipped.")

    (timed,) = [r for r in talk.told if isinstance(r, Timed) and r.what == "turn_response"]
    (turn,) = talk.lines("turn")
    assert timed.tool_used
    assert turn["response_ms"] == round(timed.seconds * 1000)


async def test_words_that_were_cut_off_are_counted_as_an_interruption(talk: Talk) -> None:
    """In the record and in the metrics."""
    talk.said("assistant", "Hello, this is", interrupted=True)

    assert Happened(what="interruption") in talk.told
    assert talk.lines("turn")[0]["interrupted"]
    assert len(talk.lines("interrupted")) == 1


async def test_the_callers_words_are_written_down(talk: Talk) -> None:
    """As the transcript tells them; an empty item is none."""
    talk.said("user", "where is my order")
    talk.said("user", "")

    assert [line["text"] for line in talk.lines("turn")] == ["where is my order"]


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("I think it's a Heart Attack!", True),
        ("fire", True),
        ("I was fired", False),
        ("he has a firewall", False),
        ("", False),
    ],
)
async def test_emergency_words_count_as_whole_words(talk: Talk, words: str, due: bool) -> None:
    """In any case; parts of other words are something else."""
    talk.server("conversation.item.input_audio_transcription.completed", transcript=words)

    assert talk.conversation._emergency_due is due


@pytest.mark.parametrize("how", ["completed", "failed"])
async def test_a_turn_without_words_is_told_to_the_gate(
    talk: Talk, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A yes that is awaited must not wait for the words of a cough."""
    heard: list[str] = []
    monkeypatch.setattr(talk.gate, "caller_said", heard.append)

    talk.server(f"conversation.item.input_audio_transcription.{how}", transcript=None)

    assert heard == [""]


@pytest.mark.parametrize(
    ("error", "down"), [(APIConnectionError("gone"), True), (APIError("busy"), False)]
)
async def test_only_a_lost_connection_is_a_model_that_is_down(
    talk: Talk, error: Exception, down: bool
) -> None:
    """Every error is counted; most of them are the model's own business."""
    wrapped = llm.RealtimeModelError(timestamp=0, label="m", error=error, recoverable=True)
    talk.session.emit("error", events.ErrorEvent(error=wrapped, source=None))

    assert (talk.conversation.line.model_down_since is not None) is down
    assert Happened(what="model_error", why="recoverable") in talk.told


async def test_a_model_that_answers_is_not_down(talk: Talk) -> None:
    """Whatever was believed before."""
    talk.conversation.line.model_down_since = 1.0
    talk.server("response.created")

    assert talk.conversation.line.model_down_since is None


async def test_a_model_that_is_gone_for_good_is_told(talk: Talk) -> None:
    """The watch apologises; the metric says why."""
    talk.conversation.model_is_gone(APIError("no quota"))

    assert talk.conversation.line.model_gone
    assert Happened(what="model_error", why="fatal") in talk.told


async def test_a_session_that_closes_by_itself_is_a_lost_model(talk: Talk) -> None:
    """Nothing else would speak on that line any more."""
    talk.session.emit("close", events.CloseEvent(reason=events.CloseReason.ERROR))

    assert talk.conversation.line.model_gone


async def test_a_session_that_closes_after_the_end_is_nobodys_loss(talk: Talk) -> None:
    """It was closed by the call itself."""
    talk.conversation.end(Ending(CallOutcome.COMPLETED))
    talk.session.emit("close", events.CloseEvent(reason=events.CloseReason.USER_INITIATED))

    assert not talk.conversation.line.model_gone


async def test_a_clip_that_gives_way_to_the_agent_was_never_said(talk: Talk) -> None:
    """Neither the record nor the metrics claim what nobody heard."""
    talk.session._update_agent_state("speaking")

    assert await talk.conversation._speaker.say("still_there", cut_in=False)

    assert talk.lines("turn") == []
    assert Happened(what="clip", why="still_there") not in talk.told


async def test_noise_cannot_put_off_the_end_for_ever(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second goodbye is said whole; words in between are a caller who is there."""
    said: list[str] = []

    async def cut_short(name: str, *, cut_in: bool = True) -> bool:
        said.append(f"{name}, cut short")
        return False

    async def whole(name: str) -> None:
        said.append(f"{name}, whole")

    monkeypatch.setattr("agent.conversation.TAIL_S", 0.0)
    monkeypatch.setattr(talk.conversation._speaker, "say", cut_short)
    monkeypatch.setattr(talk.conversation._speaker, "say_whole", whole)

    await talk.conversation._end_silent()
    talk.server("conversation.item.input_audio_transcription.completed", transcript="I am here")
    await talk.conversation._end_silent()
    talk.server("conversation.item.input_audio_transcription.completed", transcript="")
    await talk.conversation._end_silent()

    assert said == ["goodbye_silent, cut short"] * 2 + ["goodbye_silent, whole"]
    assert (await talk.ending()).outcome is CallOutcome.CALLER_SILENT


AUDIO = {"type": "response.output_audio.delta"}
TOOL = {"type": "response.output_item.added", "item": {"type": "function_call"}}
MESSAGE = {"type": "response.output_item.added", "item": {"type": "message"}}


@pytest.mark.parametrize(
    ("came", "status", "asks_again"),
    [
        ([MESSAGE, AUDIO], "completed", False),
        ([TOOL], "completed", False),
        ([], "completed", True),
        ([MESSAGE], "completed", True),
        ([MESSAGE], "incomplete", True),
        ([MESSAGE, AUDIO], "incomplete", False),
        ([], "failed", True),
        ([MESSAGE, AUDIO], "failed", True),
        ([], "cancelled", False),
    ],
)
async def test_a_response_with_nothing_to_hear_is_asked_for_once_more(
    talk: Talk,
    monkeypatch: pytest.MonkeyPatch,
    came: list[dict[str, Any]],
    status: str,
    asks_again: bool,
) -> None:
    """Once a turn: a model that says nothing twice is left to the watch."""
    asked: list[object] = []
    monkeypatch.setattr(talk.session, "generate_reply", lambda **given: asked.append(given))

    for turn in (1, 2):
        talk.turn_of_the_caller()
        for _ in range(2):
            talk.server("response.created")
            for event in came:
                talk.conversation._on_server_event(event)
            talk.server("response.done", response={"status": status})
        assert len(asked) == turn * asks_again


@pytest.mark.parametrize("reason", ["nobody waits", "the goodbye was said"])
async def test_an_empty_response_that_nobody_waits_for_is_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """A model that has said goodbye and hung up has nothing to add."""
    asked: list[object] = []
    monkeypatch.setattr(talk.session, "generate_reply", lambda **given: asked.append(given))
    talk.turn_of_the_caller()
    if reason == "nobody waits":
        talk.agent_is("speaking", "listening")
    else:
        talk.conversation.goodbye()

    talk.server("response.done", response={"status": "completed"})

    assert not asked


async def test_a_session_that_cannot_start_ends_the_conversation_at_once(talk: Talk) -> None:
    """The call apologises and closes the line; nobody waits for a session that never comes."""

    async def begin() -> None:
        raise RuntimeError("no track")

    with pytest.raises(ExceptionGroup) as caught:
        await talk.conversation.run(begin)
    assert caught.group_contains(RuntimeError, match="no track")


async def test_a_caller_who_leaves_during_the_start_ends_it(talk: Talk) -> None:
    """The start may hang; the caller need not be waited for."""
    started = asyncio.Event()

    async def begin() -> None:
        started.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(2), asyncio.TaskGroup() as group:
        running = group.create_task(talk.conversation.run(begin))
        await started.wait()
        talk.conversation.caller_left()
    assert running.result().outcome is CallOutcome.ABANDONED


async def test_a_posted_result_waits_for_somebody_to_ask(talk: Talk) -> None:
    """Until a reply has been asked for, by whomever."""
    posted = {"type": "conversation.item.create", "item": {"type": "function_call_output"}}
    talk.conversation._on_client_event(posted)
    assert talk.conversation.line.result_posted_at is not None

    talk.conversation._on_client_event({"type": "response.create"})
    assert talk.conversation.line.result_posted_at is None


async def test_what_the_library_turned_away_is_in_the_record(talk: Talk) -> None:
    """A made-up name as such, a known tool with senseless arguments by its name."""
    calls = [
        llm.FunctionCall(call_id="1", name="refund +15550001111", arguments="{}"),
        llm.FunctionCall(call_id="2", name="look_up_order", arguments="?"),
        llm.FunctionCall(call_id="3", name="look_up_order", arguments="{}"),
    ]
    outputs = [
        llm.FunctionCallOutput(call_id=call.call_id, output="", is_error=call.call_id != "3")
        for call in calls
    ]
    event = events.FunctionToolsExecutedEvent(function_calls=calls, function_call_outputs=outputs)
    talk.session.emit("function_tools_executed", event)

    told = [(r.tool, r.outcome) for r in talk.told if isinstance(r, ToolUsed)]
    assert told == [("unregistered", "refused"), ("look_up_order", "invalid_arguments")]
    assert "+1555" not in str(talk.lines("tool"))
