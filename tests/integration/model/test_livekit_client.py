"""livekit-plugins-openai's RealtimeModel, which the worker uses, converses with the model."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from livekit import rtc
from livekit.agents import llm
from livekit.plugins import openai

from rehearsal.model import ModelServer
from tests.integration.model.calling import WAIT_S, controlling, pieces, telephone, until


@llm.function_tool
async def look_up_order(order: str) -> str:
    """Tell the status of an order.

    Args:
        order: Order number.
    """
    return order


@dataclass
class _Caller:
    """One realtime session and what came of it."""

    session: Any
    generations: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    errors: list[Any] = field(default_factory=list)

    async def say(self, text: str, voice: str) -> None:
        """Speak over the telephone."""
        pcm = await telephone(text, voice, seed=4, after_ms=700)
        async for piece in pieces(pcm, pace=2.0):
            self.session.push_audio(rtc.AudioFrame(piece.tobytes(), 24_000, 1, len(piece)))

    async def heard(self) -> tuple[str, float, list[Any]]:
        """The next generation: its transcript, seconds of audio and calls."""
        words, seconds = "", 0.0
        async with asyncio.timeout(WAIT_S):
            generation = await self.generations.get()
            async for message in generation.message_stream:
                async for frame in message.audio_stream:
                    seconds += frame.samples_per_channel / frame.sample_rate
                words += "".join([str(text) async for text in message.text_stream])
            calls = [call async for call in generation.function_stream]
        return words, seconds, calls

    async def answer(self, call: Any, output: str) -> None:
        """Give a tool's output and ask for the reply."""
        context = self.session.chat_ctx.copy()
        context.items.append(
            llm.FunctionCallOutput(
                call_id=call.call_id, name=call.name, output=output, is_error=False
            )
        )
        await self.session.update_chat_ctx(context)
        self.session.generate_reply()


@contextlib.asynccontextmanager
async def _calling(server: ModelServer) -> AsyncIterator[_Caller]:
    model = openai.realtime.RealtimeModel(
        base_url=f"http://127.0.0.1:{server.port}/v1", api_key="any", voice="marin"
    )
    caller = _Caller(model.session())
    caller.session.on("generation_created", caller.generations.put_nowait)
    caller.session.on("error", caller.errors.append)
    try:
        await caller.session.update_tools([look_up_order])
        yield caller
    finally:
        await caller.session.aclose()
        await model.aclose()


async def test_a_voice_turn_calls_a_tool_and_its_answer_is_spoken(server: ModelServer) -> None:
    """The plugin's own path: audio in, function call out, output in, audio out."""
    async with _calling(server) as caller:
        caller.session.generate_reply(instructions='Say exactly: "Acme, good morning."')
        opening, seconds, _ = await caller.heard()
        await caller.say("where is my order nine nine zero three", "awb")
        _, _, calls = await caller.heard()
        await caller.answer(calls[0], '{"outcome": "ok", "status": "shipped", "say": "It left."}')
        answer, _, _ = await caller.heard()

    assert opening == "Acme, good morning."
    assert seconds > 0.8
    assert [(call.name, call.arguments) for call in calls] == [
        ("look_up_order", '{"order": "9903"}')
    ]
    assert answer == "It left. Is there anything else?"
    assert caller.errors == []


async def test_a_text_turn_goes_through_the_same_script(server: ModelServer) -> None:
    """A user message and a reply, as session.run sends them."""
    async with _calling(server) as caller:
        context = caller.session.chat_ctx.copy()
        context.add_message(role="user", content="Where is my order?")
        await caller.session.update_chat_ctx(context)
        caller.session.generate_reply()
        said, _, _ = await caller.heard()

    assert said == "Sure. What is your order number?"


async def test_a_dropped_session_is_resumed_where_it_was(server: ModelServer) -> None:
    """The plugin reconnects and replays its text history; the script follows it."""
    async with controlling(server) as control, _calling(server) as caller:
        context = caller.session.chat_ctx.copy()
        context.add_message(role="user", content="Where is my order?")
        await caller.session.update_chat_ctx(context)
        caller.session.generate_reply()
        await caller.heard()
        await control.post("/rehearsal/faults", json={"faults": ["drop"]})
        await control.delete("/rehearsal/faults")
        await until(lambda: len(server.ledger.shown()) == 2 and len(server.live) == 1)
        await caller.say("four two seven one", "rms")
        _, _, calls = await caller.heard()

    assert [call.arguments for call in calls] == ['{"order": "4271"}']
