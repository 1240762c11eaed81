"""A server of the Realtime protocol that says what a test tells it to, and nothing else.

For what no honest model does: calling tools that nobody offered, sending what is not JSON.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web


class Puppet:
    """One server. `received` holds every event of every session."""

    def __init__(self) -> None:
        self.base_url = ""
        self.received: list[dict[str, Any]] = []
        self._calls = itertools.count(1)
        self._sockets: list[web.WebSocketResponse] = []
        self._news = asyncio.Event()

    def sizes(self) -> list[int]:
        """Bytes of PCM in each chunk of audio that arrived."""
        chunks = [e for e in self.received if e["type"] == "input_audio_buffer.append"]
        return [len(base64.b64decode(chunk["audio"])) for chunk in chunks]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Events of one type."""
        return [event for event in self.received if event["type"] == kind]

    async def until(self, kind: str, count: int = 1) -> None:
        """Return once `count` events of a type have arrived."""
        async with asyncio.timeout(10):
            while len(self.of(kind)) < count:
                self._news.clear()
                await self._news.wait()

    async def call_tool(
        self, name: str, arguments: str, *, times: int = 1, asked: bool = True
    ) -> None:
        """Answer the latest `response.create` by a call of a tool, or by several at once.

        Not `asked`: the server responds by itself, to a turn of the caller.
        """
        latest = self.of("response.create")[-1]["response"]
        metadata = latest.get("metadata") if asked else None
        await self.send({"type": "response.created", "response": _response(metadata)})
        for number in itertools.islice(self._calls, times):
            named = {"id": f"item_call_{number}", "call_id": f"call_{number}", "name": name}
            item = {**named, "type": "function_call"}
            await self.send({"type": "response.output_item.added", "item": item})
            added = {**item, "arguments": arguments, "status": "completed"}
            await self.send({"type": "conversation.item.added", "item": added})
            await self.send({"type": "response.output_item.done", "item": added})
        done = _response(metadata) | {"status": "completed"}
        await self.send({"type": "response.done", "response": done})

    async def speak(self, text: str, *, asked: bool = True) -> None:
        """Answer the latest `response.create` by a sentence, in a tenth of a second.

        Not `asked`: as in `call_tool`.
        """
        latest = self.of("response.create")[-1]["response"]
        metadata = latest.get("metadata") if asked else None
        await self.send({"type": "response.created", "response": _response(metadata)})
        item = {"id": f"item_said_{next(self._calls)}", "type": "message", "role": "assistant"}
        await self.send({"type": "response.output_item.added", "item": item})
        place = {"item_id": item["id"], "content_index": 0}
        part = {"type": "audio", "transcript": ""}
        await self.send({"type": "response.content_part.added", **place, "part": part})
        added = {**item, "status": "completed", "content": []}
        await self.send({"type": "conversation.item.added", "item": added})
        sound = base64.b64encode(bytes(4800)).decode()
        await self.send({"type": "response.output_audio.delta", **place, "delta": sound})
        words = {"type": "response.output_audio_transcript.delta", **place, "delta": text}
        await self.send(words)
        await self.send({"type": "response.output_audio.done", **place})
        await self.send({"type": "response.output_item.done", "item": added})
        done = _response(metadata) | {"status": "completed"}
        await self.send({"type": "response.done", "response": done})

    async def caller_says(self, text: str) -> None:
        """The caller's turn, as OpenAI tells it: that it began, that it ended, and its words."""
        turn = {"item_id": f"item_turn_{next(self._calls)}"}
        for kind in ("speech_started", "speech_stopped"):
            await self.send({"type": f"input_audio_buffer.{kind}", **turn})
        kind = "conversation.item.input_audio_transcription.completed"
        await self.send({"type": kind, **turn, "content_index": 0, "transcript": text})

    async def send(self, event: dict[str, Any]) -> None:
        """Send one event on the latest socket."""
        await self._sockets[-1].send_str(json.dumps(event))

    async def send_text(self, text: str) -> None:
        """Send any text on the latest socket."""
        await self._sockets[-1].send_str(text)

    async def hang_up(self) -> None:
        """Close the latest socket."""
        await self._sockets[-1].close()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One session."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._sockets.append(socket)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            event = json.loads(message.data)
            if event["type"] == "conversation.item.create":
                added = {"type": "conversation.item.added", "item": event["item"]}
                await socket.send_str(json.dumps(added))
            self.received.append(event)
            self._news.set()
        return socket


@asynccontextmanager
async def puppet() -> AsyncIterator[Puppet]:
    """A puppet that listens."""
    made, app = Puppet(), web.Application()
    app.router.add_get("/v1/realtime", made.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield made
    finally:
        await runner.cleanup()


def _response(metadata: object) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "realtime.response",
        "metadata": metadata,
        "status": "in_progress",
        "output": [],
    }
