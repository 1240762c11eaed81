"""What `agent.realtime` works around in livekit-agents 1.8.9: each fault beside its cure.

A test named `test_upstream_...` fails on the day that upstream has mended the fault; its message
says what can then be deleted.
"""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import Agent, AgentSession, APIConnectOptions, vad
from livekit.agents.llm import RealtimeSession
from livekit.agents.llm.utils import parse_function_arguments
from livekit.plugins import openai

from agent.profile import Profile
from agent.realtime import (
    HEARTBEAT_S,
    SEND_CHUNK_MS,
    SOUND,
    PhoneRealtimeModel,
    PhoneRealtimeSession,
    open_model,
)
from agent.session import open_session
from agent.voice import load_clips
from tests.integration.realtime.oncall import PROFILE, happens, settings, until
from tests.integration.realtime.puppet import puppet
from tests.integration.realtime.scripted import ScriptedModel
from tests.integration.realtime.sound import RATE_HZ, Ear, Mouth

# Noticing takes a heartbeat and half of one for its answer.
NOTICED_WITHIN_S = 2 * HEARTBEAT_S
QUICK = APIConnectOptions(max_retry=1, retry_interval=0.1, timeout=1.5)


def ours(base_url: str) -> PhoneRealtimeModel:
    """The model that calls get."""
    return open_model(Profile(name="acme"), settings(base_url))


def upstream(base_url: str) -> openai.realtime.RealtimeModel:
    """The plugin's own, at the same address."""
    return openai.realtime.RealtimeModel(base_url=base_url, api_key="none", conn_options=QUICK)


@asynccontextmanager
async def open_line(model: openai.realtime.RealtimeModel) -> AsyncIterator[RealtimeSession[Any]]:
    """A session of `model` on its own; what ended it is nobody's business here."""
    session = model.session()
    try:
        yield session
    finally:
        await asyncio.gather(session.aclose(), return_exceptions=True)


@asynccontextmanager
async def talking(
    model: openai.realtime.RealtimeModel, local_vad: vad.VAD
) -> AsyncIterator[tuple[AgentSession[None], Ear, list[str]]]:
    """An AgentSession of `model` with an ear, and the names of what it told."""
    assert isinstance(model, openai.realtime.RealtimeModel)
    session: AgentSession[None] = open_session(model, local_vad)  # type: ignore[arg-type]
    told: list[str] = []
    session.on("error", lambda _: told.append("error"))
    session.on("close", lambda _: told.append("close"))
    session.input.audio, session.output.audio = Mouth(), (ear := Ear())
    await session.start(Agent(instructions=""), record=False)
    try:
        yield session, ear, told
    finally:
        await session.aclose()


async def _a_second_of_sound(model_of: Any) -> tuple[set[int], set[str]]:
    """The sizes of chunks that reach the server, and the types of events announced meanwhile."""
    told: set[str] = set()
    frame = rtc.AudioFrame(bytes(RATE_HZ // 50 * 2), RATE_HZ, 1, RATE_HZ // 50)
    async with puppet() as server, open_line(model_of(server.base_url)) as session:
        session.on("openai_client_event_queued", lambda event: told.add(event["type"]))
        for _ in range(50):
            session.push_audio(frame)
        await server.until(SOUND, count=10)
        return set(server.sizes()), told


async def test_sound_is_sent_as_it_comes_and_not_announced() -> None:
    """A turn's last word waits for 10 ms to fill, not for 100; other events are announced."""
    sizes, told = await _a_second_of_sound(ours)

    assert sizes == {RATE_HZ * SEND_CHUNK_MS // 1000 * 2}
    assert "session.update" in told
    assert SOUND not in told


async def test_upstream_still_waits_for_100_ms_of_sound() -> None:
    """Small chunks are ours alone."""
    mended = "upstream sends smaller chunks: delete `_bstream` from agent.realtime"
    assert (await _a_second_of_sound(upstream))[0] == {RATE_HZ // 10 * 2}, mended


def test_upstream_still_inspects_listeners_at_every_event() -> None:
    """At a hundred events a second that is worth leaving out."""

    class Listener:
        inspected = 0

        @property
        def __signature__(self) -> inspect.Signature:
            self.inspected += 1
            return inspect.Signature()

        def __call__(self) -> None:
            """Hear of it."""

    told: rtc.EventEmitter[str] = rtc.EventEmitter()
    told.on("news", listener := Listener())
    told.emit("news")
    told.emit("news")

    assert listener.inspected == 2, "upstream remembers signatures: delete `emit` in agent.realtime"


async def test_a_half_open_connection_is_noticed_and_replaced(model: ScriptedModel) -> None:
    """A server that is gone without a word costs seconds, not the call."""
    model.next("half_open")
    async with open_line(ours(model.base_url)) as session:
        told: list[str] = []
        session.on("error", lambda _: told.append("error"))
        session.on("session_reconnected", lambda _: told.append("reconnected"))

        await until(lambda: "reconnected" in told, within_s=NOTICED_WITHIN_S + 1)

    assert told == ["error", "reconnected"]


async def test_upstream_still_does_not_notice_a_half_open_connection(model: ScriptedModel) -> None:
    """Nothing is told in more than the time that ours needs."""
    model.next("half_open")
    async with open_line(upstream(model.base_url)) as session:
        told = asyncio.Event()
        session.on("error", lambda _: told.set())

        try:
            await asyncio.wait_for(told.wait(), 1.5 * NOTICED_WITHIN_S)
        except TimeoutError:
            return
    pytest.fail("upstream has a heartbeat: delete `_create_ws_conn` from agent.realtime")


async def test_how_long_a_connection_took_is_told(model: ScriptedModel, local_vad: vad.VAD) -> None:
    """Of each that was taken."""
    phone = ours(model.base_url)
    took: asyncio.Queue[float] = asyncio.Queue()
    phone.on_connected = took.put_nowait
    async with talking(phone, local_vad):
        assert 0 < await asyncio.wait_for(took.get(), 10) < 10
        assert took.empty()


@pytest.mark.parametrize("fault", ["unauthorized", "quota"])
async def test_a_fatal_error_leaves_a_session_that_can_speak(
    model: ScriptedModel, local_vad: vad.VAD, fault: str
) -> None:
    """Without a model the caller still hears why."""
    model.stand(fault)
    phone, clip = ours(model.base_url), load_clips(PROFILE)["one_moment"]
    fatal: asyncio.Queue[Exception] = asyncio.Queue()
    phone.on_fatal = fatal.put_nowait
    async with talking(phone, local_vad) as (session, ear, told):
        session.generate_reply(instructions="hello")
        await asyncio.wait_for(fatal.get(), 10)

        await session.say(clip.text, audio=clip.frames(), add_to_chat_ctx=False)

        assert clip.pcm in ear.pcm
        assert "close" not in told


@pytest.mark.parametrize("fault", ["unauthorized", "quota"])
async def test_upstream_still_closes_the_session_at_a_fatal_error(
    model: ScriptedModel, local_vad: vad.VAD, fault: str
) -> None:
    """What could have apologised is gone."""
    model.stand(fault)
    mended = "upstream keeps the session: delete `_emit_error` from agent.realtime"
    async with talking(upstream(model.base_url), local_vad) as (session, _, _):
        session.generate_reply(instructions="hello")
        assert await _closes(session), mended


async def _closes(session: AgentSession[None]) -> bool:
    """Whether the session takes nothing to say any more, soon after its model's fatal error."""
    fatal = asyncio.Event()
    session.on("error", lambda event: None if event.error.recoverable else fatal.set())
    await asyncio.wait_for(fatal.wait(), 10)
    clip = load_clips(PROFILE)["one_moment"]

    def refuses() -> bool:
        try:
            session.say(clip.text, audio=clip.frames())
        except RuntimeError:
            return True
        return False

    return await happens(refuses, within_s=3)


async def test_closing_after_a_fatal_error_is_quiet_and_told(
    model: ScriptedModel, local_vad: vad.VAD
) -> None:
    """The `close` event comes, so everything that waits for it ends."""
    model.stand("unauthorized")
    phone = ours(model.base_url)
    fatal: asyncio.Queue[Exception] = asyncio.Queue()
    phone.on_fatal = fatal.put_nowait
    async with talking(phone, local_vad) as (session, _, told):
        await asyncio.wait_for(fatal.get(), 10)
        model_session = session.current_agent.realtime_llm_session
        await session.aclose()

        assert told[-1] == "close"
        await model_session.aclose()


async def test_upstream_still_raises_at_closing_and_tells_nobody(
    model: ScriptedModel, local_vad: vad.VAD
) -> None:
    """Whoever waits for `close` waits for ever."""
    model.stand("unauthorized")
    mended = "upstream closes cleanly: delete `aclose` from agent.realtime"
    async with open_line(upstream(model.base_url)) as session:
        told = asyncio.Event()
        session.on("error", lambda e: told.set() if not e.recoverable else None)
        await asyncio.wait_for(told.wait(), 10)
        raised = await asyncio.gather(session.aclose(), return_exceptions=True)
        assert isinstance(raised[0], Exception), mended

    async with talking(upstream(model.base_url), local_vad) as (agent_session, _, names):
        assert await _closes(agent_session)
        assert not await happens(lambda: "close" in names, within_s=2), mended


async def _complaints(model: openai.realtime.RealtimeModel) -> list[str]:
    """What asyncio says of a response that failed."""
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: said.append(told["message"]))
    async with open_line(model) as session:
        done = asyncio.Event()
        session.on(
            "openai_server_event_received",
            lambda event: done.set() if event["type"] == "response.done" else None,
        )
        session.generate_reply(instructions="hello")
        await asyncio.wait_for(done.wait(), 10)
    gc.collect()
    return said


async def test_a_response_that_failed_makes_no_noise(model: ScriptedModel) -> None:
    """The call reads of it in `response.done`; the log has no error that nobody can mend."""
    model.next({"kind": "failed", "responses": 1})

    assert await _complaints(ours(model.base_url)) == []


async def test_upstream_still_leaves_a_failed_response_unseen(model: ScriptedModel) -> None:
    """One error of asyncio's for each."""
    model.next({"kind": "failed", "responses": 1})
    mended = "upstream sees to it: delete `_handle_response_created` from agent.realtime"

    assert await _complaints(upstream(model.base_url)) != [], mended


async def test_a_session_is_the_phones_own_kind(model: ScriptedModel) -> None:
    """AgentSession opens the model's session through this very method."""
    async with open_line(ours(model.base_url)) as session:
        assert isinstance(session, PhoneRealtimeSession)


def test_upstream_still_stumbles_over_arguments_in_depth() -> None:
    """If it does not: `_handle_response_output_item_done` in agent.realtime can go.

    What it raises is no ValueError, so the task that runs the tools ends without an answer. That
    ours is answered is among the attacks (test_attacks).
    """
    with pytest.raises(RecursionError):
        parse_function_arguments("[" * 2000 + "]" * 2000)
