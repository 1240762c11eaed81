"""Consent on a real session: the model hears the answer, writes it down, and replies to none."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import Agent, vad
from livekit.agents.voice import events

from agent.consent import ConsentDesk
from agent.ears import Ears
from agent.profile import Profile
from agent.question import Answer, Settled
from agent.realtime import PhoneRealtimeSession, open_model
from agent.session import open_session
from agent.speaking import Speaker
from agent.voice import Clip, load_clips
from agent.watch import Line
from records.consent import Owed, Policy
from tests.integration.realtime.oncall import settings, until
from tests.integration.realtime.puppet import Puppet, puppet
from tests.integration.realtime.scripted import ScriptedModel
from tests.integration.realtime.sound import Ear, Mouth
from tests.journals import in_memory
from tests.keepers import keeper_of
from tools.lexicon import LEXICONS

PROFILE = Profile(name="acme", opening="Hello.")


@dataclass
class Asked:
    """A caller who is asked, on a session of their own."""

    mouth: Mouth
    ear: Ear
    desk: ConsentDesk
    clips: Mapping[str, Clip]
    settling: "asyncio.Task[Answer]"
    replies: list[str]
    """Replies that the model began, by what caused them."""
    said: list[str]
    """Transcripts of the caller."""

    def heard(self, clip: str) -> bool:
        """Whether the whole clip has been handed to the ear, which is not cut off."""
        return self.clips[clip].pcm in self.ear.pcm

    def asked(self) -> bool:
        """Whether the question has been heard out."""
        spoken_s = self.clips["recording_question"].seconds
        return bool(self.ear.starts) and time.monotonic() > self.ear.starts[0] + spoken_s


@asynccontextmanager
async def asked(base_url: str, local_vad: vad.VAD) -> AsyncIterator[Asked]:
    """The question is being put; the events are told on as `agent.conversation` does."""
    session = open_session(open_model(PROFILE, settings(base_url)), local_vad)
    clips, mouth, ear = load_clips(PROFILE), Mouth(), Ear()
    session.input.audio, session.output.audio = mouth, ear
    line = Line(answered_at=time.monotonic(), voice_ended_at=time.monotonic())
    journal = in_memory()
    ears = Ears(
        line,
        journal=journal,
        keeper=keeper_of(journal, PROFILE),
        tell=lambda _: None,
        clip_sounds=lambda: False,
    )
    replies: list[str] = []
    said: list[str] = []
    told: list[Settled] = []
    await session.start(Agent(instructions=""), record=False)
    model = session.current_agent.realtime_llm_session
    assert isinstance(model, PhoneRealtimeSession)
    desk = ConsentDesk(
        owed=Owed(Policy.ASK, "US-CA", "for a test"),
        speaker=Speaker(session, rtc.Room(), clips, ears=ears),
        line=line,
        lexicon=LEXICONS["en"],
        model_answers=model.answer_turns,
        told=told.append,
    )

    def on_caller(event: events.UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            line.caller_started(time.monotonic())
        elif event.old_state == "speaking":
            line.caller_stopped(time.monotonic())

    def on_server(event: dict[str, Any]) -> None:
        match event["type"]:
            case "input_audio_buffer.speech_started":
                desk.turn_began(event["item_id"])
            case "conversation.item.input_audio_transcription.completed":
                said.append(event["transcript"])
                desk.heard(event["transcript"], event["item_id"])
            case "response.created":
                replies.append(event["type"])

    session.on("user_state_changed", on_caller)
    model.on("openai_server_event_received", on_server)
    settling = asyncio.create_task(desk.settle())
    try:
        yield Asked(mouth, ear, desk, clips, settling, replies, said)
    finally:
        settling.cancel()
        await session.aclose()


@pytest.mark.parametrize(
    ("words", "answer"), [("yes please", Answer.GRANTED), ("no thank you", Answer.REFUSED)]
)
async def test_an_answer_is_heard_and_not_replied_to(
    model: ScriptedModel, local_vad: vad.VAD, words: str, answer: Answer
) -> None:
    """By nobody but the desk; the next turn is the model's again."""
    async with asked(model.base_url, local_vad) as call:
        await until(lambda: call.heard("recording_how"))
        await call.mouth.say(words)

        assert await asyncio.wait_for(call.settling, 10) is answer
        assert call.said == [words]
        assert call.replies == []
        assert call.heard("recording_refused") is (answer is Answer.REFUSED)

        await call.mouth.say("hello")
        await until(lambda: call.replies)


async def test_a_caller_may_answer_before_they_were_told_how(
    model: ScriptedModel, local_vad: vad.VAD
) -> None:
    """The question is enough; what comes after it gives way."""
    async with asked(model.base_url, local_vad) as call:
        await until(call.asked)
        await call.mouth.say("yes please")

        assert await asyncio.wait_for(call.settling, 10) is Answer.GRANTED
        assert not call.heard("recording_how")
        assert call.replies == []


async def test_a_socket_that_is_opened_anew_is_held_back_too(local_vad: vad.VAD) -> None:
    """Else a model whose connection was lost would reply to the yes."""
    async with puppet() as server, asked(server.base_url, local_vad) as call:
        await until(lambda: len(_answering(server)) == 2)
        await server.hang_up()
        await until(lambda: len(_answering(server)) == 3)
        call.desk.give_up()
        await call.settling
        await until(lambda: len(_answering(server)) == 4)

    assert _answering(server) == [True, False, False, True]


def _answering(server: Puppet) -> list[bool]:
    """What the server was told about replying by itself, one after the other."""
    wanted = [e["session"].get("audio", {}).get("input", {}) for e in server.of("session.update")]
    return [w["turn_detection"]["create_response"] for w in wanted if "turn_detection" in w]
