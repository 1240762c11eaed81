"""Stand-ins at the model's own seams: a line that remembers, a hearing that is told its words."""

import asyncio
import base64
import contextlib
import json
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rehearsal.model.brain import Brain
from rehearsal.model.decoding import Heard
from rehearsal.model.faults import Fault
from rehearsal.model.grammar import Grammar
from rehearsal.model.ledger import Record
from rehearsal.model.responder import Workshop
from rehearsal.model.session import Session
from rehearsal.model.voice import Voice
from rehearsal.model.words import Wordbook

Pcm = NDArray[np.int16]
Event = dict[str, Any]
WAIT_S = 5.0

LOOK_UP = {
    "type": "function",
    "name": "look_up_order",
    "parameters": {
        "type": "object",
        "properties": {"order": {"type": "string", "pattern": "^[0-9]{4}$"}},
        "required": ["order"],
        "additionalProperties": False,
    },
}


def brain(**changes: Any) -> Brain:
    """A small brain: asks for an order, looks it up, says goodbye."""
    script: dict[str, Any] = {
        "name": "small",
        "greeting": "Hello.",
        "start": "ready",
        "not_understood": ["Pardon?", "Once more, please."],
        "slots": {"order": {"digits": 4}},
        "states": {
            "ready": {
                "rules": [
                    {
                        "hears": ["where is [my] order {order}", "{order}"],
                        "calls": [{"tool": "look_up_order", "args": {"order": "{order}"}}],
                        "results": [
                            {"when": {"status": "shipped"}, "say": "{result.say} Anything else?"}
                        ],
                    },
                    {"hears": ["goodbye"], "say": "Bye. See you soon."},
                ]
            }
        },
    }
    return Brain.model_validate({**script, **changes})


class ToldHearing:
    """Hears the texts it was told, one for each utterance."""

    def __init__(self, *texts: str | None) -> None:
        self.texts = deque(texts)
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def hear(self, pcm: Pcm, grammar: Grammar) -> Heard:
        """The next text."""
        await self.may_answer.wait()
        return Heard(self.texts.popleft() if self.texts else None, -3.0, 1.0)

    async def learn(self, words: frozenset[str]) -> None:
        """Every word is known."""
        return


class HummingVoice(Voice):
    """Half a second of audio for every sentence."""

    async def sentence(self, text: str, voice: str) -> Pcm:
        """A hum, whatever the text."""
        return np.full(12_000, 1000, dtype=np.int16)


class Client:
    """The other end of a session's line."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.raw: list[str] = []
        self.aborted = False
        self.session: Session
        self._incoming: asyncio.Queue[str | None] = asyncio.Queue()
        self._came = asyncio.Event()

    async def send_text(self, text: str) -> None:
        """Keep what the session sends."""
        self.raw.append(text)
        with contextlib.suppress(ValueError):
            self.events.append(json.loads(text))
        self._came.set()

    def abort(self) -> None:
        """End the connection."""
        self.aborted = True
        self._incoming.put_nowait(None)

    async def gone(self) -> None:
        """Gone at once."""
        return

    async def incoming(self) -> AsyncIterator[str]:
        """What the client sends, as a session reads it."""
        while (text := await self._incoming.get()) is not None:
            yield text
            self._incoming.task_done()

    async def obeyed(self) -> None:
        """Everything that was sent has been handled."""
        async with asyncio.timeout(WAIT_S):
            await self._incoming.join()

    def send(self, kind: str, **fields: Any) -> None:
        """Send one client event."""
        self._incoming.put_nowait(json.dumps({"type": kind, **fields}))

    def say(self, text: str) -> None:
        """A text turn and the wish for an answer."""
        part = {"type": "input_text", "text": text}
        self.send("conversation.item.create", item=message("user", part))
        self.send("response.create")

    def audio(self, pcm: Pcm) -> None:
        """Send audio."""
        self.send("input_audio_buffer.append", audio=base64.b64encode(pcm.tobytes()).decode())

    async def until(self, kind: str, count: int = 1) -> Event:
        """The `count`th event of this kind, awaited."""
        return await self.found(lambda: self.of(kind)[count - 1 : count])

    async def found(self, look: Callable[[], list[Event]]) -> Event:
        """The first event that `look` sees, awaited."""
        async with asyncio.timeout(WAIT_S):
            while not (events := look()):
                self._came.clear()
                await self._came.wait()
        return events[0]

    def of(self, kind: str) -> list[Event]:
        """All events of this kind so far."""
        return [event for event in self.events if event["type"] == kind]

    def kinds(self) -> list[str]:
        """The kinds of all events so far, in order."""
        return [event["type"] for event in self.events]

    @property
    def said(self) -> list[str]:
        """What the model said so far."""
        return [e["transcript"] for e in self.of("response.output_audio_transcript.done")]


def message(role: str, *content: Event) -> Event:
    """A message item."""
    return {"type": "message", "role": role, "content": list(content)}


@contextlib.asynccontextmanager
async def conversing(
    *,
    script: Brain | None = None,
    hearing: ToldHearing | None = None,
    faults: tuple[Fault, ...] = (),
    think_ms: float = 0,
    transcription_delay_ms: float = 0,
    pace: float = 1000.0,
    words: Wordbook | None = None,
) -> AsyncIterator[tuple[Client, Record]]:
    """A session in progress, its client and its record."""
    workshop = Workshop(
        brain=script or brain(),
        hearing=hearing or ToldHearing(),
        voice=HummingVoice(),
        rng=random.Random(1),
        think_ms=think_ms,
        think_jitter_ms=0,
        transcription_delay_ms=transcription_delay_ms,
        pace=pace,
        words=words or Wordbook(),
    )
    client, record = Client(), Record("sess_test")
    client.session = Session(client, workshop, record, list(faults), lambda *_, **__: None)
    running = asyncio.create_task(client.session.run(client.incoming()))
    try:
        yield client, record
    finally:
        client.abort()
        async with asyncio.timeout(WAIT_S):
            await running


def silence(ms: int) -> Pcm:
    """Comfort noise."""
    noise = np.random.default_rng(1).normal(0, 15, 24 * ms)
    return noise.astype(np.int16)


def hum(ms: int) -> Pcm:
    """Something like a voice: a tone rich in harmonics that swells and fades."""
    t = np.arange(24 * ms) / 24_000
    tone = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    pcm: Pcm = (4000 * tone * (1.2 + np.sin(2 * np.pi * 4 * t))).astype(np.int16)
    return pcm
