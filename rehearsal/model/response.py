"""One response, from `response.created` to `response.done`: thinks, speaks, calls, can be cut off.

`model.session` decides when there is one and what it answers; here is how it goes over the wire.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rehearsal.model import usage
from rehearsal.model.dialogue import Call
from rehearsal.model.protocol import Event, event, new_id

Pcm = NDArray[np.int16]
RATE_HZ = 24_000
DELTA_MS = 100
# So much goes out at once, before the pace applies: a client's playback must not run dry.
BURST_S = 0.5


@dataclass
class Response:
    """The state of one response on the wire."""

    speaks: bool
    voice: str
    metadata: dict[str, str] | None
    cause_at: float
    id: str = field(default_factory=lambda: new_id("resp"))
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    reason: str | None = None
    output: list[dict[str, Any]] = field(default_factory=list)
    tokens: usage.Tokens = field(default_factory=usage.Tokens)

    def cancel(self, reason: str) -> None:
        """Cut it off: `turn_detected` by the caller's voice or `client_cancelled`."""
        if not self.cancelled.is_set():
            self.reason = reason
            self.cancelled.set()

    async def pause(self, seconds: float) -> bool:
        """Wait; False when cut off meanwhile."""
        if seconds > 0 and not self.cancelled.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self.cancelled.wait()
            except TimeoutError:
                pass
        return not self.cancelled.is_set()

    def wire(
        self,
        status: str,
        *,
        spent: dict[str, Any] | None = None,
        failure: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The `response` object."""
        details: dict[str, Any] | None = None
        if status == "cancelled":
            details = {"type": "cancelled", "reason": self.reason}
        elif failure:
            details = {"type": "failed", "error": failure}
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": self.output,
            "conversation_id": "conv_rehearsal",
            "output_modalities": ["audio"] if self.speaks else ["text"],
            "max_output_tokens": "inf",
            "audio": {
                "output": {"format": {"type": "audio/pcm", "rate": RATE_HZ}, "voice": self.voice}
            },
            "usage": spent,
            "metadata": self.metadata,
        }


@dataclass(frozen=True)
class Stage:
    """What a response needs of its session: to send, to add items, to tell the first audio."""

    send: Callable[[Event], Any]
    add: Callable[[dict[str, Any]], str | None]
    first_audio: Callable[[Pcm | None], None]
    spoken: Callable[[str, float], None]
    pace: float


async def speak(
    response: Response, stage: Stage, spoken: AsyncIterator[tuple[str, Pcm | None]]
) -> None:
    """Send one assistant message; ends early, and well-formed, when the response is cut off."""
    item: dict[str, Any] = {
        "id": new_id("item"),
        "object": "realtime.item",
        "type": "message",
        "status": "in_progress",
        "role": "assistant",
        "content": [],
    }
    where = {
        "response_id": response.id,
        "item_id": item["id"],
        "output_index": len(response.output),
    }
    previous = await _open(response, stage, item)
    part = {"type": "output_audio", "transcript": ""} if response.speaks else _text_part("")
    at = {**where, "content_index": 0}
    await stage.send(event("response.content_part.added", **at, part=_empty_part(response)))
    said, seconds = await _sentences(response, stage, spoken, at)
    name = "output_audio_transcript" if response.speaks else "output_text"
    if response.speaks:
        await stage.send(event("response.output_audio.done", **at))
        await stage.send(event(f"response.{name}.done", **at, transcript=said))
        part["transcript"] = said
    else:
        await stage.send(event(f"response.{name}.done", **at, text=said))
        part["text"] = said
    await stage.send(event("response.content_part.done", **at, part=_wire_part(response, said)))
    item["content"] = [part]
    item["status"] = "incomplete" if response.cancelled.is_set() else "completed"
    stage.spoken(str(item["id"]), seconds)
    response.tokens += usage.Tokens(usage.text_tokens(said), usage.spoken_tokens(seconds))
    await _close(response, stage, item, previous)


async def call(response: Response, stage: Stage, wanted: Call, call_id: str) -> None:
    """Send one function call, its arguments complete in `output_item.done`."""
    item: dict[str, Any] = {
        "id": new_id("item"),
        "object": "realtime.item",
        "type": "function_call",
        "status": "in_progress",
        "call_id": call_id,
        "name": wanted.tool,
        "arguments": "",
    }
    at = {
        "response_id": response.id,
        "item_id": item["id"],
        "output_index": len(response.output),
        "call_id": call_id,
    }
    previous = await _open(response, stage, item)
    arguments = json.dumps(wanted.arguments)
    half = len(arguments) // 2
    for delta in (arguments[:half], arguments[half:]):
        await stage.send(event("response.function_call_arguments.delta", **at, delta=delta))
    await stage.send(
        event("response.function_call_arguments.done", **at, name=wanted.tool, arguments=arguments)
    )
    item["arguments"], item["status"] = arguments, "completed"
    response.tokens += usage.Tokens(usage.text_tokens(wanted.tool + arguments))
    await _close(response, stage, item, previous)


async def _open(response: Response, stage: Stage, item: dict[str, Any]) -> str | None:
    index = len(response.output)
    response.output.append(item)
    added = event(
        "response.output_item.added", response_id=response.id, output_index=index, item=dict(item)
    )
    await stage.send(added)
    previous = stage.add(item)
    await stage.send(event("conversation.item.added", previous_item_id=previous, item=dict(item)))
    return previous


async def _close(
    response: Response, stage: Stage, item: dict[str, Any], previous: str | None
) -> None:
    index = response.output.index(item)
    await stage.send(
        event("response.output_item.done", response_id=response.id, output_index=index, item=item)
    )
    await stage.send(event("conversation.item.done", previous_item_id=previous, item=item))


async def _sentences(
    response: Response,
    stage: Stage,
    spoken: AsyncIterator[tuple[str, Pcm | None]],
    at: dict[str, Any],
) -> tuple[str, float]:
    said, seconds, begun = "", 0.0, 0.0
    name = "output_audio_transcript" if response.speaks else "output_text"
    async for sentence, pcm in spoken:
        if response.cancelled.is_set():
            break
        begun = begun or asyncio.get_running_loop().time()
        for word in sentence.split():
            delta = f" {word}" if said else word
            said += delta
            await stage.send(event(f"response.{name}.delta", **at, delta=delta))
        if pcm is None:
            stage.first_audio(None)
            continue
        for chunk in _chunks(pcm):
            await stage.send(
                event(
                    "response.output_audio.delta",
                    **at,
                    delta=base64.b64encode(chunk.tobytes()).decode(),
                )
            )
            stage.first_audio(pcm)
            seconds += len(chunk) / RATE_HZ
            ahead = begun + (seconds - BURST_S) / stage.pace - asyncio.get_running_loop().time()
            if not await response.pause(ahead):
                break
    return said, seconds


def _chunks(pcm: Pcm) -> list[Pcm]:
    size = RATE_HZ * DELTA_MS // 1000
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text}


def _empty_part(response: Response) -> dict[str, Any]:
    return _wire_part(response, "")


def _wire_part(response: Response, said: str) -> dict[str, Any]:
    # Response events call the part "audio" or "text", items "output_audio" or "output_text".
    return (
        {"type": "audio", "transcript": said} if response.speaks else {"type": "text", "text": said}
    )
