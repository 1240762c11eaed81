"""What a conversation makes of its model: lost, back again, silent, or with nothing to hear."""

from typing import Any

import pytest
from livekit.agents import APIConnectionError, APIError, llm
from livekit.agents.voice import events

from agent.acting import Ending
from agent.reports import Happened
from records import CallOutcome
from tests.unit.worker.talk import Talk

AUDIO = {"type": "response.output_audio.delta"}
TOOL = {"type": "response.output_item.added", "item": {"type": "function_call"}}
MESSAGE = {"type": "response.output_item.added", "item": {"type": "message"}}


async def test_a_model_that_comes_back_after_the_end_is_asked_for_nothing(talk: Talk) -> None:
    """A session that is not running refuses to speak, like this one; so it must not be asked."""
    talk.server("input_audio_buffer.speech_stopped")
    with pytest.raises(RuntimeError):
        talk.conversation._on_reconnected(None)
    talk.conversation.caller_left()

    talk.conversation._on_reconnected(None)

    assert (await talk.ending()).outcome is CallOutcome.ABANDONED


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


async def test_a_posted_result_waits_for_somebody_to_ask(talk: Talk) -> None:
    """Until a reply has been asked for, by whomever."""
    posted = {"type": "conversation.item.create", "item": {"type": "function_call_output"}}
    talk.conversation._on_client_event(posted)
    assert talk.conversation.line.result_posted_at is not None

    talk.conversation._on_client_event({"type": "response.create"})
    assert talk.conversation.line.result_posted_at is None
