"""Decides when a session responds and to what: turns, texts, tool results, or on request.

One response at a time. Joins what was heard with the dialogue's reply, sends transcripts, and
keeps the times that benchmarks subtract. Called by `model.session`.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.model import dialogue
from rehearsal.model import response as wire
from rehearsal.model import results as tool_results
from rehearsal.model.brain import Brain
from rehearsal.model.config import SessionConfig
from rehearsal.model.conversation import Conversation, Item
from rehearsal.model.dialogue import Dialogue, Reply
from rehearsal.model.ears import Ears, Utterance
from rehearsal.model.hearing import Hearing
from rehearsal.model.ledger import Record, Turn
from rehearsal.model.outbox import Outbox
from rehearsal.model.protocol import BadEvent, Event, error, event, new_id
from rehearsal.model.response import Pcm, Response
from rehearsal.model.transcripts import transcribe
from rehearsal.model.usage import Account
from rehearsal.model.voice import Voice, onset_ms, sentences, voice_for
from rehearsal.model.words import Wordbook


@dataclass(frozen=True)
class Workshop:
    """What sessions share, and the figures of this one. Times in milliseconds."""

    brain: Brain
    hearing: Hearing
    voice: Voice
    rng: random.Random
    think_ms: float
    think_jitter_ms: float
    transcription_delay_ms: float
    pace: float
    words: Wordbook = field(default_factory=Wordbook)


@dataclass(frozen=True)
class Pending:
    """A turn of the caller's voice that no response has answered."""

    item_id: str
    utterance: Utterance
    turn: Turn


@dataclass(frozen=True)
class Parts:
    """What one session consists of, as its responder needs it."""

    config: SessionConfig
    conversation: Conversation
    dialogue: Dialogue
    outbox: Outbox
    record: Record
    spawn: Callable[[Any], asyncio.Task[Any]]
    ears: Ears


class Responder:
    """The answering half of a session."""

    def __init__(self, workshop: Workshop, parts: Parts) -> None:
        self.account = Account()
        self.spoken_ms: dict[str, int] = {}
        self._shop = workshop
        self._config = parts.config
        self._conversation = parts.conversation
        self._dialogue = parts.dialogue
        self._outbox = parts.outbox
        self._record = parts.record
        self._spawn = parts.spawn
        self._ears = parts.ears
        self._pending: list[Pending] = []
        self._active: Response | None = None
        self._calling: Turn | None = None
        self._text: str | None = None
        self._answered = asyncio.Event()
        self._heard_until = 0.0

    def hear(self, pending: Pending) -> None:
        """A spoken turn awaits an answer; its transcript goes out when it is known."""
        self._answered.clear()
        self._pending.append(pending)
        self._spawn(
            transcribe(
                pending.utterance,
                pending.item_id,
                self._outbox.send if self._config.transcribes else None,
                pending.turn,
                self._shop.transcription_delay_ms,
            )
        )

    async def answered(self) -> None:
        """Wait until an answer that leaves nothing open has been heard to its end."""
        await self._answered.wait()
        await asyncio.sleep(max(0.0, self._heard_until - time.time()))

    def take_item(self, item: Item) -> None:
        """An item that the client created: a text turn, a tool's output, or history."""
        if item["type"] == "function_call_output":
            output = str(item.get("output") or "")
            self._dialogue.answer(str(item.get("call_id")), output)
            self._make_ready(str(tool_results.read(output).get("say") or ""))
        elif item["type"] == "function_call":
            self._settle()
            self._dialogue.sent(str(item.get("call_id")), str(item.get("name")))
        elif item.get("role") == "assistant":
            self._settle()
        elif item.get("role") == "user":
            parts = item.get("content") or []
            texts = [str(part["text"]) for part in parts if part.get("text")]
            texts += [str(part["transcript"]) for part in parts if part.get("transcript")]
            self._text = " ".join(texts)
            self._dialogue.hear(self._text or None)

    def _settle(self) -> None:
        self._dialogue.settle()
        self._text = None

    def interrupt(self, reason: str, response_id: str | None = None) -> bool:
        """Cut the active response off; False when there is none (or another)."""
        active = self._active
        if active is None or (response_id and response_id != active.id):
            return False
        active.cancel(reason)
        if self._record.turns and reason == "turn_detected":
            self._record.turns[-1].interrupted = True
        return True

    async def start_for_turn(self, cause_at: float) -> None:
        """Answer the turn that the VAD ended."""
        if self._active is None or self._active.cancelled.is_set():
            await self._start(self._new(None, cause_at), {})

    async def start_for_client(self, content: Event) -> None:
        """Answer a `response.create`.

        Raises:
            BadEvent: a response is active already.
        """
        asked = content.get("response") or {}
        if self._active is not None and not self._active.cancelled.is_set():
            raise BadEvent(
                f"Conversation already has an active response in progress: {self._active.id}",
                code="conversation_already_has_active_response",
            )
        await self._start(self._new(asked.get("metadata"), time.time(), asked), asked)

    def _make_ready(self, text: str) -> None:
        """Synthesise what will probably be said next while the client makes up its mind."""
        if self._config.speaks:
            for sentence in sentences(text):
                self._spawn(self._shop.voice.sentence(sentence, voice_for(self._config.voice)))

    def _new(self, metadata: Any, cause_at: float, asked: dict[str, Any] | None = None) -> Response:
        modalities = (asked or {}).get("output_modalities")
        return Response(
            speaks="audio" in modalities if modalities else self._config.speaks,
            voice=self._config.voice,
            metadata=metadata,
            cause_at=cause_at,
        )

    async def _start(self, response: Response, asked: dict[str, Any]) -> None:
        before, self._active = self._active, response
        self._answered.clear()
        turn = self._turn_for()
        if turn.response_created_at is None:
            turn.response_created_at = time.time()
        if before is None:
            await self._outbox.send(
                event("response.created", response=response.wire("in_progress"))
            )
        self._spawn(self._run(response, asked, turn, announced=before is None, after=before))

    def _turn_for(self) -> Turn:
        if self._pending:
            return self._pending[-1].turn
        if self._calling:
            turn, self._calling = self._calling, None
            return turn
        turn = Turn(cause="request")
        if self._text is not None:
            turn.cause, turn.heard, self._text = "text", self._text, None
            turn.rejected = self._dialogue.grammar().understand(turn.heard) is None
        self._record.turns.append(turn)
        return turn

    async def _run(
        self,
        response: Response,
        asked: dict[str, Any],
        turn: Turn,
        *,
        announced: bool,
        after: Response | None,
    ) -> None:
        if after is not None:
            # The cut-off response says goodbye first: its events must not mix with ours.
            await after.finished.wait()
        if not announced:
            await self._outbox.send(
                event("response.created", response=response.wire("in_progress"))
            )
        try:
            status, failure = await self._carry_out(response, asked, turn)
            await self._done(response, turn, status, failure)
            if status == "completed" and _says_all(response):
                self._answered.set()
        finally:
            if self._active is response:
                self._active = None
            response.finished.set()

    async def _carry_out(
        self, response: Response, asked: dict[str, Any], turn: Turn
    ) -> tuple[str, dict[str, Any] | None]:
        if failure := await self._failure():
            return "failed", failure
        slow = self._outbox.take("slow")
        thought = self._shop.rng.gauss(self._shop.think_ms, self._shop.think_jitter_ms) / 1000
        due = response.cause_at + max(0.0, thought) + (slow.seconds if slow else 0)
        for quoted in dialogue.quoted(asked.get("instructions")):
            self._make_ready(quoted)
        await self._take_in(response)
        if not await response.pause(due - time.time()):
            return "cancelled", None
        reply = self._reply(asked)
        for wrong in reply.script_errors:
            self._record.script_errors.append(wrong)
            self._outbox.log("model.script_error", error=wrong)
            await self._outbox.send(
                error(BadEvent(f"error in the script: {wrong}", code="script_error", kind="script"))
            )
        await self._perform(response, reply, turn)
        return ("cancelled" if response.cancelled.is_set() else "completed"), None

    async def _failure(self) -> dict[str, Any] | None:
        if self._outbox.take("quota"):
            wrong = BadEvent(
                "You exceeded your current quota (a fault on demand)",
                code="insufficient_quota",
                kind="insufficient_quota",
            )
            await self._outbox.send(error(wrong))
            return {"type": "insufficient_quota", "code": "insufficient_quota"}
        if self._outbox.take("failed"):
            return {"type": "server_error", "code": "server_error"}
        return None

    async def _take_in(self, response: Response) -> None:
        """Wait for the words of every pending turn; a cut-off response leaves them pending."""
        waiting = list(self._pending)
        for pending in waiting:
            await asyncio.wait({pending.utterance.words})
        together = None
        if len(waiting) > 1 and not response.cancelled.is_set():
            together = self._ears.again([pending.utterance for pending in waiting])
            await asyncio.wait({together})
        if response.cancelled.is_set():
            return
        joined = together.result().text if together else None
        if joined and self._dialogue.grammar().understand(joined):
            self._dialogue.hear(joined)
        else:
            for pending in waiting:
                self._dialogue.hear(pending.utterance.words.result().text)
        self._note(waiting, joined)
        self._pending = [pending for pending in self._pending if pending not in waiting]

    def _note(self, waiting: list[Pending], joined: str | None) -> None:
        grammar = self._dialogue.grammar()
        for pending in waiting:
            text = joined or pending.utterance.words.result().text
            pending.turn.rejected = not (text and grammar.understand(text))

    def _reply(self, asked: dict[str, Any]) -> Reply:
        offered = asked.get("tools")
        if asked.get("tool_choice") == "none":
            offered = []
        if offered is not None:
            self._dialogue.offer(offered)
        try:
            return self._dialogue.reply(asked.get("instructions"))
        finally:
            self._dialogue.offer(self._config.tools)

    async def _perform(self, response: Response, reply: Reply, turn: Turn) -> None:
        stage = wire.Stage(
            send=self._outbox.send,
            add=self._conversation.add,
            first_audio=lambda pcm: self._heard_first(response, turn, pcm),
            spoken=self._spoken,
            pace=self._shop.pace,
        )
        if reply.say:
            async with contextlib.aclosing(self._voice(response, reply.say)) as spoken:
                await wire.speak(response, stage, spoken)
            turn.said = f"{turn.said} {reply.say}".strip()
        for call in () if response.cancelled.is_set() else reply.calls:
            call_id = new_id("call")
            self._dialogue.sent(call_id, call.tool)
            self._calling = turn
            turn.tool_calls.append(
                {"tool": call.tool, "arguments": call.arguments, "at": time.time()}
            )
            await wire.call(response, stage, call, call_id)

    async def _voice(self, response: Response, text: str) -> AsyncGenerator[tuple[str, Any], None]:
        if not response.speaks:
            for part in sentences(text):
                yield part, None
            return
        async with contextlib.aclosing(self._shop.voice.say(text, voice_for(response.voice))) as v:
            async for part, pcm in v:
                yield part, pcm

    def _spoken(self, item_id: str, seconds: float) -> None:
        self.spoken_ms[item_id] = round(seconds * 1000)
        # It was sent faster than it is heard, in part before now.
        self._heard_until = time.time() + seconds

    def _heard_first(self, response: Response, turn: Turn, pcm: Pcm | None) -> None:
        if turn.first_audio_at is None:
            turn.first_audio_at = time.time()
            own = (turn.first_audio_at - response.cause_at) * 1000
            turn.model_ms = round(turn.without_audio_ms + own, 1)
            turn.onset_ms = None if pcm is None else onset_ms(pcm)

    async def _done(
        self, response: Response, turn: Turn, status: str, failure: dict[str, Any] | None
    ) -> None:
        turn.response_done_at, turn.status = time.time(), status
        if turn.first_audio_at is None:
            turn.without_audio_ms += (turn.response_done_at - response.cause_at) * 1000
        items = [item for item in self._conversation.items if item not in response.output]
        spent = self.account.usage(self._config.wire, items, response.tokens)
        for item_id, spoken_ms in self.spoken_ms.items():
            self.account.note_audio(item_id, round(spoken_ms / 50))
        done = response.wire(status, spent=spent, failure=failure)
        await self._outbox.send(event("response.done", response=done))
        await self._outbox.send(event("rate_limits.updated", rate_limits=_limits()))
        self._outbox.log(
            "model.turn", cause=turn.cause, status=status, model_ms=turn.model_ms,
            decode_ms=turn.decode_ms, rejected=turn.rejected, calls=len(turn.tool_calls),
            **{"pii.heard": turn.heard, "pii.said": turn.said},
        )  # fmt: skip


def _says_all(response: Response) -> bool:
    """Whether something was said, and no tool is to answer first."""
    kinds = {item["type"] for item in response.output}
    return kinds == {"message"}


def _limits() -> list[dict[str, Any]]:
    return [
        {"name": name, "limit": 1_000_000, "remaining": 999_000, "reset_seconds": 0.1}
        for name in ("requests", "tokens")
    ]
