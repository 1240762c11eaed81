"""What a conversation makes of what caller and agent do, on a session that was never started."""

import asyncio

import pytest
from livekit.agents import llm
from livekit.agents.voice import events

from agent.acting import Ending
from agent.reports import Happened
from agent.watch import Step
from records import CallOutcome
from tests.unit.worker.talk import Talk


async def test_a_caller_who_leaves_before_the_greeting_has_abandoned(talk: Talk) -> None:
    """They got nothing of what they called for."""
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


@pytest.mark.parametrize("waits_for", ["an answer", "a tool"])
async def test_a_caller_who_leaves_while_waiting_has_abandoned(talk: Talk, waits_for: str) -> None:
    """Whatever they waited for came too late."""
    talk.agent_is("speaking", "listening")
    talk.agent_is("listening", "speaking")
    if waits_for == "a tool":
        talk.conversation.tools_running(["look_up_order"])
    else:
        talk.server("input_audio_buffer.speech_stopped")
    talk.conversation.caller_left()

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


async def test_a_caller_who_leaves_with_nothing_open_is_done(talk: Talk) -> None:
    """Most people hang up without a goodbye, once they were answered."""
    talk.agent_speaks()
    talk.turn_of_the_caller()
    talk.agent_speaks()
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
    talk.conversation.key_pressed("7")

    assert talk.conversation.line.asked == 0
    assert [set(line) for line in talk.lines("dtmf")] == [{"at", "kind"}]


async def test_an_answer_to_keys_is_timed_from_the_last_key(talk: Talk) -> None:
    """Not from the sentence before, while whose answer the caller typed."""
    talk.turn_of_the_caller()
    talk.conversation.ears.clock.caller_ended_at = 0.0
    talk.conversation.key_pressed("1")
    talk.agent_speaks()

    (timed,) = talk.timed("turn_response")
    assert timed.seconds < 1.0


async def test_the_first_voice_of_the_agent_is_the_greeting(talk: Talk) -> None:
    """Measured once, from the answer."""
    for _ in range(2):
        talk.agent_speaks()

    assert len(talk.timed("greeting")) == len(talk.lines("greeted")) == 1


async def test_a_turn_is_timed_from_the_callers_voice_and_told_with_its_tool(talk: Talk) -> None:
    """The metric and the record say the same."""
    talk.turn_of_the_caller()
    talk.conversation.tools_running(["look_up_order"])
    talk.conversation.tools_running([])
    talk.agent_speaks()
    talk.said("assistant", "It has shipped.")

    (timed,) = talk.timed("turn_response")
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
    monkeypatch.setattr(talk.gate, "caller_said", lambda text, _: heard.append(text))

    talk.server(f"conversation.item.input_audio_transcription.{how}", transcript=None)

    assert heard == [""]


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

    monkeypatch.setattr("agent.acting.TAIL_S", 0.0)
    monkeypatch.setattr(talk.conversation._speaker, "say", cut_short)
    monkeypatch.setattr(talk.conversation._speaker, "say_whole", whole)

    await talk.conversation._acting.take(Step.END_SILENT)
    talk.server("conversation.item.input_audio_transcription.completed", transcript="I am here")
    await talk.conversation._acting.take(Step.END_SILENT)
    talk.server("conversation.item.input_audio_transcription.completed", transcript="")
    await talk.conversation._acting.take(Step.END_SILENT)

    assert said == ["goodbye_silent, cut short"] * 2 + ["goodbye_silent, whole"]
    assert (await talk.ending()).outcome is CallOutcome.CALLER_SILENT


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


async def test_what_the_library_turned_away_is_in_the_record(talk: Talk) -> None:
    """A made-up name as such, a known tool with senseless arguments by its name."""
    calls = [
        llm.FunctionCall(call_id="1", name="refund +15550001111", arguments="{}"),
        llm.FunctionCall(call_id="2", name="look_up_order", arguments="?"),
        llm.FunctionCall(call_id="3", name="look_up_order", arguments="{}"),
        llm.FunctionCall(call_id="4", name="look_up_order", arguments="{}"),
    ]
    # The last one was cancelled in the gate, which tells of that.
    outputs = [
        llm.FunctionCallOutput(call_id=call.call_id, output="", is_error=call.call_id != "3")
        for call in calls
    ]
    event = events.FunctionToolsExecutedEvent(function_calls=calls, function_call_outputs=outputs)
    talk.session.emit("function_tools_executed", event)

    told = [(use.tool, use.outcome.value) for use in talk.uses]
    assert told == [("unregistered", "refused"), ("look_up_order", "invalid_arguments")]
    assert "+1555" not in str(talk.uses)
