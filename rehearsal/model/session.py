"""One client's session: its events in, the script's answers out.

The parts decide (`dialogue`, `vad`, `conversation`, `config`); this drives them for one connection
and keeps the record. `model.server` gives it a line; tests give it a list.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import numpy as np

from rehearsal.model.config import SessionConfig
from rehearsal.model.conversation import BadItem, Conversation
from rehearsal.model.dialogue import Dialogue
from rehearsal.model.ears import Ears
from rehearsal.model.faults import OF_THE_CONNECTION, Fault
from rehearsal.model.ledger import Record, Turn
from rehearsal.model.outbox import Line, Log, Outbox
from rehearsal.model.protocol import BadEvent, Event, error, event, new_id, read, wanted
from rehearsal.model.responder import Parts, Pending, Responder, Workshop
from rehearsal.model.usage import heard_tokens
from rehearsal.model.vad import Turned
from rehearsal.model.words import WORD_S, Spoken, Wordbook

MIN_COMMIT_MS = 100
_Result = TypeVar("_Result")


class Session:
    """One connection, from `session.created` to its end."""

    def __init__(
        self, line: Line, workshop: Workshop, record: Record, faults: list[Fault], log: Log
    ) -> None:
        self.config = SessionConfig()
        self.faults = faults
        self._record = record
        self._log = log
        self._outbox = Outbox(line, faults, log)
        self._conversation = Conversation()
        self._dialogue = Dialogue(workshop.brain)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._ears = Ears(workshop.hearing, self._spawn, self._dialogue.grammar)
        parts = Parts(
            config=self.config,
            conversation=self._conversation,
            dialogue=self._dialogue,
            outbox=self._outbox,
            record=record,
            spawn=self._spawn,
            ears=self._ears,
        )
        self._responder = Responder(workshop, parts)
        self._audio_item = new_id("item")
        self._turn = Turn(cause="speech")
        self._wordbook: Wordbook | None = workshop.words
        self._handlers: dict[str, Callable[[Event], Awaitable[None]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit_asked,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.retrieve": self._retrieve_item,
            "conversation.item.truncate": self._truncate_item,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }

    async def run(self, incoming: AsyncIterator[str]) -> None:
        """Serve until `incoming` ends."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self._outbox.send(event("session.created", session=self.config.wire))
                for fault in self.faults:
                    self.bring(fault)
                await self._read(incoming)
                for task in self._tasks:
                    task.cancel()
        finally:
            self._record.ended_at = time.time()
            self._record.state = self._dialogue.state

    def bring(self, fault: Fault) -> None:
        """A fault of the connection begins: at once, after its time, or never by itself."""
        if fault.kind in OF_THE_CONNECTION and fault.after_event is None:
            if fault.after_s:
                self._spawn(self._strike_later(fault))
            else:
                self._outbox.strike(fault)

    async def _strike_later(self, fault: Fault) -> None:
        await asyncio.sleep(fault.after_s or 0)
        self._outbox.strike(fault)

    def _spawn(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        assert self._group is not None
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _read(self, incoming: AsyncIterator[str]) -> None:
        async for text in incoming:
            if self._outbox.half_open.is_set():
                # Read no more and keep the socket: the client must find out by itself.
                await self._outbox.line.gone()
                return
            await self._obey(text)

    async def _obey(self, text: str) -> None:
        content: Event = {}
        try:
            content = read(text)
            await self._handle(content)
        except BadItem as wrong:
            refusal = BadEvent(str(wrong), code=wrong.code, param=wrong.param)
            await self._outbox.send(error(refusal, content.get("event_id")))
        except BadEvent as wrong:
            await self._outbox.send(error(wrong, content.get("event_id")))

    async def _handle(self, content: Event) -> None:
        handler = self._handlers.get(content["type"])
        if handler is None:
            raise BadEvent(f"unknown event {content['type']!r}", param="type")
        if content["type"] != "input_audio_buffer.append":
            self._log("model.received", type=content["type"])
        await handler(content)

    async def _update(self, content: Event) -> None:
        self.config.update(wanted(content, "session", dict))
        self._dialogue.offer(self.config.tools)
        self._dialogue.instruct(str(self.config.wire["instructions"] or ""))
        if found := self.config.turn_detection:
            self._ears.vad.tune(threshold=found.threshold, silence_ms=found.silence_ms)
        await self._outbox.send(event("session.updated", session=self.config.wire))
        if self._wordbook and (
            spoken := self._wordbook.take(str(self.config.wire["instructions"]))
        ):
            self._wordbook = None
            self._spawn(self._say(spoken))

    async def _say(self, spoken: Spoken) -> None:
        """Act as if a caller said these words, each turn once all before it was heard."""
        await self._responder.answered()
        spoken.reach("greeted")
        for text in spoken.words.turns:
            await asyncio.sleep(spoken.words.pause_s)
            seconds = WORD_S * len(text.split())
            now_ms = self._ears.vad.now_ms
            await self._turned(Turned("started", now_ms, now_ms))
            await asyncio.sleep(seconds)
            self._ears.be_told(text, seconds)
            await self._turned(Turned("stopped", now_ms, now_ms))
            await self._responder.answered()
        spoken.reach("answered")

    async def _append(self, content: Event) -> None:
        try:
            audio = base64.b64decode(wanted(content, "audio", str), validate=True)
        except binascii.Error as problem:
            raise BadEvent(f"audio is not base64: {problem}", param="audio") from problem
        if len(audio) % 2:
            raise BadEvent("audio is 16-bit PCM; this has half a sample", param="audio")
        for turned in self._ears.feed(np.frombuffer(audio, dtype=np.int16)):
            await self._turned(turned)

    async def _turned(self, turned: Turned) -> None:
        detection = self.config.turn_detection
        now = time.time()
        if turned.kind == "started":
            self._turn = Turn(cause="speech", speech_started_at=now)
            if detection is None:
                return
            start = max(0, turned.at_ms - detection.prefix_ms)
            await self._outbox.send(
                event(
                    "input_audio_buffer.speech_started",
                    audio_start_ms=start,
                    item_id=self._audio_item,
                )
            )
            if detection.interrupt_response:
                self._responder.interrupt("turn_detected")
            return
        self._turn.vad_silence_ms = turned.noticed_ms - turned.at_ms
        self._turn.last_voice_at = now - self._turn.vad_silence_ms / 1000
        self._turn.speech_stopped_at = now
        if detection is not None:
            await self._outbox.send(
                event(
                    "input_audio_buffer.speech_stopped",
                    audio_end_ms=turned.noticed_ms,
                    item_id=self._audio_item,
                )
            )
            await self._commit(now)
            if detection.create_response:
                await self._responder.start_for_turn(now)

    async def _commit_asked(self, _: Event) -> None:
        if self._ears.buffered_ms < MIN_COMMIT_MS:
            raise BadEvent(
                f"the input buffer holds {self._ears.buffered_ms:.0f} ms, "
                f"at least {MIN_COMMIT_MS} ms are needed",
                code="input_audio_buffer_commit_empty",
            )
        await self._commit(time.time())

    async def _commit(self, now: float) -> None:
        utterance = self._ears.take()
        turn, self._turn = self._turn, Turn(cause="speech")
        turn.speech_stopped_at = turn.speech_stopped_at or now
        item = {
            "id": self._audio_item,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        self._audio_item = new_id("item")
        previous = self._conversation.add(item)
        self._responder.account.note_audio(str(item["id"]), heard_tokens(utterance.seconds))
        self._record.turns.append(turn)
        self._responder.hear(Pending(str(item["id"]), utterance, turn))
        for kind, fields in (
            ("input_audio_buffer.committed", {"item_id": item["id"]}),
            ("conversation.item.added", {"item": item}),
            ("conversation.item.done", {"item": item}),
        ):
            await self._outbox.send(event(kind, previous_item_id=previous, **fields))

    async def _clear(self, _: Event) -> None:
        self._ears.clear()
        await self._outbox.send(event("input_audio_buffer.cleared"))

    async def _create_item(self, content: Event) -> None:
        item = dict(wanted(content, "item", dict))
        if item.get("type") not in ("message", "function_call", "function_call_output"):
            raise BadEvent("item.type is not known", param="item.type")
        item.setdefault("id", new_id("item"))
        item["id"] = item["id"] or new_id("item")
        item["object"], item["status"] = "realtime.item", "completed"
        previous = self._conversation.add(item, content.get("previous_item_id"))
        self._responder.take_item(item)
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._outbox.send(event(kind, previous_item_id=previous, item=item))

    async def _delete_item(self, content: Event) -> None:
        item_id = wanted(content, "item_id", str)
        self._conversation.delete(item_id)
        await self._outbox.send(event("conversation.item.deleted", item_id=item_id))

    async def _retrieve_item(self, content: Event) -> None:
        item = self._conversation.get(wanted(content, "item_id", str))
        await self._outbox.send(event("conversation.item.retrieved", item=item))

    async def _truncate_item(self, content: Event) -> None:
        item_id = wanted(content, "item_id", str)
        end_ms = wanted(content, "audio_end_ms", int)
        spoken_ms = self._responder.spoken_ms.get(item_id)
        if spoken_ms is not None and end_ms > spoken_ms:
            raise BadEvent(
                f"Audio content of {spoken_ms}ms is already shorter than {end_ms}ms",
                param="audio_end_ms",
            )
        self._conversation.truncate(item_id)
        await self._outbox.send(
            event(
                "conversation.item.truncated",
                item_id=item_id,
                content_index=content.get("content_index", 0),
                audio_end_ms=end_ms,
            )
        )

    async def _create_response(self, content: Event) -> None:
        await self._responder.start_for_client(content)

    async def _cancel_response(self, content: Event) -> None:
        if not self._responder.interrupt("client_cancelled", content.get("response_id")):
            raise BadEvent(
                "Cancellation failed: no active response found", code="response_cancel_not_active"
            )
