"""Answers gone bad: what `faults` makes of a good answer, and how it leaves, byte by byte.

`spoil` is pure. `replay` sends a reply through ASGI, whole, cut off or dripping.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.types import Send

HUGE_BYTES = 8_000_000


@dataclass
class Reply:
    """An answer as the application gave it; `headers` without type and length."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    content_type: bytes = b"application/json"


def spoil(kind: str, reply: Reply) -> Reply:
    """The same answer, but cut short, blown up, or of another shape or types."""
    match kind:
        case "malformed":
            body = reply.body[: len(reply.body) // 2]
        case "huge":
            padding = json.dumps({"padding": "x" * HUGE_BYTES}).encode()
            body = padding[:-1] + b', "answer": ' + reply.body + b"}"
        case "wrong_schema":
            body = json.dumps({"data": [{"result": json.loads(reply.body)}]}).encode()
        case "wrong_types":
            body = json.dumps(_other_types(json.loads(reply.body))).encode()
        case _:
            raise ValueError(f"no such way to spoil an answer: {kind}")
    return Reply(reply.status, reply.headers, body)


def _other_types(value: Any) -> Any:
    """The same names, but every number a text, every text a list and every yes a number."""
    match value:
        case dict():
            return {name: _other_types(inner) for name, inner in value.items()}
        case list():
            return [_other_types(inner) for inner in value]
        case bool():
            return int(value)
        case str():
            return [value]
        case int() | float():
            return str(value)
    return value


async def replay(
    send: Send, reply: Reply, *, stop_after: int | None = None, pause_s: float | None = None
) -> None:
    """Send `reply`; only its first `stop_after` bytes, or a byte every `pause_s` seconds."""
    plain = [h for h in reply.headers if h[0].lower() not in (b"content-length", b"content-type")]
    headers = [
        *plain,
        (b"content-type", reply.content_type),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if stop_after is not None:
        body = reply.body[:stop_after]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        return
    if pause_s is not None:
        for place in range(len(reply.body)):
            byte = reply.body[place : place + 1]
            await send({"type": "http.response.body", "body": byte, "more_body": True})
            await asyncio.sleep(pause_s)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
