"""A conversation on a session that was never started, and what a test tells it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livekit.agents import AgentSession, llm
from livekit.agents.voice import events

from agent.acting import Ending
from agent.audible import Sound, Sounding
from agent.conversation import Conversation
from agent.reports import Report, Timed
from records import Journal
from tests.journals import lines
from tools import Gate, ToolUse


class Mouthpiece:
    """Where the agent's sound would leave."""

    def __init__(self) -> None:
        self.sounding = Sounding()
        self.underruns = 0
        self.on_sound: Callable[[Sound], None] = lambda _: None


@dataclass
class Talk:
    """A conversation, its session, and everything that it told."""

    conversation: Conversation
    session: AgentSession[None]
    gate: Gate
    told: list[Report]
    uses: list[ToolUse]
    journal: Journal
    voice: "Mouthpiece"

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Lines of one kind in the journal."""
        return lines(self.journal.waiting, kind)

    def said(self, role: Any, text: str, *, interrupted: bool = False) -> None:
        """The session adds a message to the conversation."""
        message = llm.ChatMessage(role=role, content=[text], interrupted=interrupted)
        self.session.emit(
            "conversation_item_added", events.ConversationItemAddedEvent(item=message)
        )

    def agent_sounds(self, at: float | None = None, *, after: float = float("-inf")) -> None:
        """Sound of the agent begins to be heard, now unless told when."""
        began_at = time.monotonic() if at is None else at
        self.voice.sounding.ended_at = began_at
        self.voice.on_sound(Sound(began_at, after))

    def agent_speaks(self) -> None:
        """The agent says something that is heard."""
        self.agent_is("speaking", "listening")
        self.agent_sounds()
        self.agent_is("listening", "speaking")

    def timed(self, what: str) -> list[Timed]:
        """What was told of one kind of span."""
        return [told for told in self.told if isinstance(told, Timed) and told.what == what]

    def agent_is(self, new: Any, old: Any) -> None:
        """The agent's state changes."""
        event = events.AgentStateChangedEvent(old_state=old, new_state=new)
        self.session.emit("agent_state_changed", event)

    def caller_is(self, new: Any, old: Any) -> None:
        """The caller's state changes."""
        event = events.UserStateChangedEvent(old_state=old, new_state=new)
        self.session.emit("user_state_changed", event)

    def turn_of_the_caller(self) -> None:
        """The caller says something, and the model takes it as a turn."""
        self.caller_is("speaking", "listening")
        self.caller_is("listening", "speaking")
        self.server("input_audio_buffer.speech_stopped")

    def server(self, kind: str, **fields: Any) -> None:
        """The model's server sends an event."""
        self.conversation._on_server_event({"type": kind, **fields})

    async def ending(self) -> Ending:
        """How it ends; it must have been decided already."""
        async with asyncio.timeout(1):
            return await self.conversation.run(self.no_session)

    async def no_session(self) -> None:
        """The session of these tests is never started."""
