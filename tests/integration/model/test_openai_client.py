"""The official client converses with the scripted model: by voice, by text, with tools."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from rehearsal.model import ModelServer
from tests.integration.model.calling import TOOLS, WAIT_S, noise, send, serving, telephone


@contextlib.asynccontextmanager
async def _connected(
    server: ModelServer, key: str = "any"
) -> AsyncIterator[AsyncRealtimeConnection]:
    async with (
        AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{server.port}/v1") as client,
        client.realtime.connect(model="any") as connection,
    ):
        yield connection


async def _until(connection: AsyncRealtimeConnection, kind: str) -> Any:
    async with asyncio.timeout(WAIT_S):
        async for event in connection:
            if event.type == kind:
                return event
    raise AssertionError(f"the connection ended before {kind}")


async def _say(connection: AsyncRealtimeConnection, text: str, voice: str = "rms") -> None:
    pcm = await telephone(text, voice, seed=1, after_ms=700)
    await send(lambda audio: connection.input_audio_buffer.append(audio=audio), pcm)


async def _answer(connection: AsyncRealtimeConnection, call_id: str, **result: str) -> None:
    output = json.dumps(result)
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    await connection.conversation.item.create(item=item)  # type: ignore[arg-type]
    await connection.response.create()


async def _spoken(connection: AsyncRealtimeConnection) -> str:
    return str((await _until(connection, "response.output_audio_transcript.done")).transcript)


async def test_an_order_is_looked_up_by_voice(server: ModelServer) -> None:
    """Greeting, a question, a number, a tool, its answer: the whole of a short call."""
    async with _connected(server) as connection:
        await connection.session.update(session={"type": "realtime", "tools": TOOLS})  # type: ignore[typeddict-item]
        await connection.response.create()
        greeting = await _spoken(connection)
        await _until(connection, "response.done")
        await _say(connection, "Hello, where is my order?")
        question = await _spoken(connection)
        await _until(connection, "response.done")
        await _say(connection, "four two seven one")
        done = await _until(connection, "response.done")
        call = done.response.output[0]
        await _answer(connection, call.call_id, outcome="ok", status="shipped", say="It left.")
        answer = await _spoken(connection)

    assert greeting.startswith("Hello, this is the front desk.")
    assert question == "Sure. What is your order number?"
    assert (call.name, json.loads(call.arguments)) == ("look_up_order", {"order": "4271"})
    assert answer == "It left. Is there anything else?"
    assert done.response.usage.input_token_details.audio_tokens > 0


async def test_an_order_is_cancelled_by_text_after_a_read_back(server: ModelServer) -> None:
    """Identity, read-back and yes: the script follows what the tools demand."""
    async with _connected(server) as connection:
        await connection.session.update(session={"type": "realtime", "tools": TOOLS})  # type: ignore[typeddict-item]

        async def call_for(text: str) -> Any:
            item = {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": text}],
            }
            await connection.conversation.item.create(item=item)  # type: ignore[arg-type]
            await connection.response.create()
            return (await _until(connection, "response.done")).response.output[0]

        cancel = await call_for("I want to cancel order 4271, please.")
        refusal = {"outcome": "refused", "reason": "not_verified", "say": "Your zip?"}
        await _answer(connection, cancel.call_id, **refusal)
        asked = await _spoken(connection)
        await _until(connection, "response.done")
        verify = await call_for("My zip code is 94107")
        await _answer(connection, verify.call_id, outcome="ok")
        again = (await _until(connection, "response.done")).response.output[0]
        await _answer(connection, again.call_id, outcome="needs_yes", say="Cancel 4 2 7 1?")
        read_back = await _spoken(connection)
        await _until(connection, "response.done")
        final = await call_for("yes please")

    assert asked == "Your zip?"
    assert json.loads(verify.arguments) == {"zip_code": "94107"}
    assert read_back == "Cancel 4 2 7 1?"
    assert (final.name, json.loads(final.arguments)) == ("cancel_order", {"order": "4271"})


async def test_speech_about_something_else_is_not_understood(server: ModelServer) -> None:
    """The model asks again instead of guessing a number."""
    async with _connected(server) as connection:
        await connection.session.update(session={"type": "realtime", "tools": TOOLS})  # type: ignore[typeddict-item]
        await _say(connection, "the weather is lovely today in Barcelona", "slt")
        answer = await _spoken(connection)

    assert answer.startswith("Sorry, I did not understand that.")
    assert server.ledger.shown()[0]["turns"][0]["rejected"]


async def test_noise_makes_no_turn(server: ModelServer) -> None:
    """Two seconds of a loud hiss cause no event at all."""
    async with _connected(server) as connection:
        pcm = noise(2000, seed=3, rms=400)
        await send(lambda audio: connection.input_audio_buffer.append(audio=audio), pcm)
        await connection.response.create(response={"instructions": 'Say exactly: "Still here."'})
        seen = []
        async for event in connection:
            seen.append(event.type)
            if event.type == "response.done":
                break

    assert not [kind for kind in seen if kind.startswith("input_audio_buffer")]


async def test_the_times_of_a_turn_can_be_subtracted() -> None:
    """The model's own time has its think time in it; the times of the turn follow each other."""
    async with serving(think_ms=80.0, think_jitter_ms=0.0) as server, _connected(server) as conn:
        await conn.session.update(session={"type": "realtime", "tools": TOOLS})  # type: ignore[typeddict-item]
        pcm = await telephone("where is my order", "awb", seed=2, after_ms=700)
        await send(lambda audio: conn.input_audio_buffer.append(audio=audio), pcm, pace=1.0)
        await _until(conn, "response.done")
        turn = server.ledger.shown()[0]["turns"][0]

    assert turn["vad_silence_ms"] == 500
    assert turn["model_ms"] >= 80
    assert turn["speech_started_at"] < turn["last_voice_at"] < turn["speech_stopped_at"]


async def test_the_wrong_key_is_refused() -> None:
    """With a key set, others get 401 at the handshake."""
    async with serving(api_key="right") as server:
        with pytest.raises(Exception, match="401"):
            async with _connected(server, "wrong"):
                pass
        async with _connected(server, "right") as connection:
            created = await _until(connection, "session.created")

    assert "not a language model" in created.session.model
