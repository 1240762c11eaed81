"""A Conversation on a real AgentSession, held with a mouth and an ear instead of a telephone.

Fakes stand at our own seams only: the office behind the gate, and who is told.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession, vad
from pydantic import SecretStr

from agent.acting import Ending
from agent.bridge import keep_use, offer
from agent.conversation import Conversation
from agent.profile import Emergency, Profile
from agent.realtime import open_model
from agent.reports import Report, ToolUsed
from agent.session import make_agent, open_session
from agent.settings import Settings
from agent.voice import Clip, load_clips
from records import Journal, Keeping
from records.redaction import Secrets
from tests.integration.realtime.sound import Ear, Mouth
from tests.journals import in_memory, lines
from tests.keepers import NOTHING_OWED, keeper_of
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.desk import ROBINS_PHONE
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.catalogue import Tool
from tools.shared import Shared

PROFILE = Profile(
    name="acme",
    opening="Hello.",
    tools=("look_up_order", "cancel_order", "verify_caller"),
    emergency=Emergency(words=("ambulance",)),
)
POLL_S = 0.02


def settings(base_url: str) -> Settings:
    """A worker's settings whose model is at `base_url`."""
    return Settings(
        livekit_url="ws://127.0.0.1:1",
        livekit_api_key="key",
        livekit_api_secret=SecretStr("secret" * 6),
        openai_api_key=SecretStr("none"),
        openai_base_url=base_url,
    )


async def happens(happened: Callable[[], object], within_s: float) -> bool:
    """Whether something `happened` within this time; looks every 20 ms."""
    deadline = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


async def until(happened: Callable[[], object], within_s: float = 30.0) -> None:
    """Return once something `happened`; fails the test when it has not `within_s`."""
    assert await happens(happened, within_s), f"not within {within_s} s"


@dataclass
class OnCall:
    """A conversation under way and everything around it."""

    conversation: Conversation
    session: AgentSession[None]
    mouth: Mouth
    ear: Ear
    office: FakeOffice
    gate: Gate
    uses: list[ToolUse]
    told: list[Report]
    ledger: MemoryLedger
    journal: Journal
    clips: Mapping[str, Clip]
    running: "asyncio.Task[Ending]"
    sent: list[dict[str, Any]]
    """Client events on the model's socket, audio left out."""
    voiced: list[str]
    """What the model has spoken; the ear is still busy with the latest."""

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Lines of one kind in the journal."""
        return lines(self.journal.waiting, kind)

    def said(self, *speakers: str) -> str:
        """What the agent, the caller or a clip said so far."""
        turns = [line for line in self.lines("turn") if line["speaker"] in speakers]
        return " ".join(line["text"] for line in turns)

    def posted_results(self) -> list[dict[str, Any]]:
        """Results of tools that were sent to the model."""
        items = [event.get("item") or {} for event in self.sent]
        return [item for item in items if item.get("type") == "function_call_output"]

    def responses_asked(self) -> list[dict[str, Any]]:
        """Replies that the model was asked for by `response.create`."""
        return [event for event in self.sent if event["type"] == "response.create"]

    def tools_told(self) -> list[ToolUsed]:
        """Uses of tools that the parent was told of."""
        return [report for report in self.told if isinstance(report, ToolUsed)]

    def reconnections(self) -> int:
        """How often the model's socket was replaced."""
        return len(self.conversation.line.reconnects)

    async def answered_with(self, words: str) -> None:
        """The model speaks `words`, and the ear has begun to hear them."""
        before = len(self.ear.starts)
        await until(lambda: words in " ".join(self.voiced))
        await until(lambda: len(self.ear.starts) > before or self.session.agent_state == "speaking")

    async def greeted(self) -> None:
        """The greeting has been said whole."""
        await until(lambda: self.said("agent"))

    async def ending(self, within_s: float = 30.0) -> Ending:
        """How the conversation ends."""
        async with asyncio.timeout(within_s):
            return await asyncio.shield(self.running)


@asynccontextmanager
async def on_call(
    base_url: str,
    local_vad: vad.VAD,
    *,
    profile: Profile = PROFILE,
    office: FakeOffice | None = None,
    room: rtc.Room | None = None,
    keeping: Keeping | None = None,
    secrets: Secrets | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> AsyncIterator[OnCall]:
    """An answered call whose model speaks its greeting.

    `keeping` has it in a record instead of in memory, `secrets` hears what the office confides,
    `tools` are offered besides those of the profile.
    """
    fake, journal = office or FakeOffice(), keeping.journal if keeping else in_memory("call-1")
    secrets = Secrets() if secrets is None else secrets
    uses: list[ToolUse] = []
    told: list[Report] = []
    ledger = MemoryLedger()
    sent: list[dict[str, Any]] = []
    voiced: list[str] = []
    keeper = keeper_of(journal, profile, told.append, secrets)
    facts = CallFacts("call-1", ROBINS_PHONE, "en", datetime.now(UTC))

    def on_use(use: ToolUse) -> None:
        uses.append(use)
        keep_use(use, journal, told.append, keeper.arguments)

    model = open_model(profile, settings(base_url))
    session = open_session(model, local_vad)
    mouth, ear = Mouth(), Ear()
    session.input.audio, session.output.audio = mouth, ear
    clips = load_clips(profile)
    async with Office(
        "http://office", SecretStr("key"), transport=fake.transport(), on_secret=secrets.add
    ) as backend:
        gate = Gate(
            tools={**catalogue(profile.tools), **(tools or {})},
            office=backend,
            ledger=keeping.record.ledger if keeping else ledger,
            follow_ups=keeping.record.follow_ups if keeping else MemoryFollowUps(),
            shared=Shared(),
            call=facts,
            on_use=on_use,
        )
        conversation = Conversation(
            session=session,
            room=room or rtc.Room(),
            profile=profile,
            clips=clips,
            gate=gate,
            journal=journal,
            keeper=keeper,
            tell=told.append,
            owed=NOTHING_OWED,
        )
        model.on_fatal = conversation.model_is_gone
        conversation.listen(ear)
        offered = offer(
            gate, on_running=conversation.tools_running, on_goodbye=conversation.goodbye
        )

        async def begin() -> None:
            await session.start(make_agent(profile, offered, now=datetime.now(UTC)), record=False)
            model_session = session.current_agent.realtime_llm_session
            model_session.on("openai_client_event_queued", lambda e: _keep(sent, e))
            model_session.on("openai_server_event_received", lambda e: _transcribe(voiced, e))

        conversation.answered()
        running = asyncio.create_task(conversation.run(begin))
        try:
            yield OnCall(
                conversation=conversation,
                session=session,
                mouth=mouth,
                ear=ear,
                office=fake,
                gate=gate,
                uses=uses,
                told=told,
                ledger=ledger,
                journal=journal,
                clips=clips,
                running=running,
                sent=sent,
                voiced=voiced,
            )
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await session.aclose()
            if keeping is None:
                journal.close()


def _keep(sent: list[dict[str, Any]], event: dict[str, Any]) -> None:
    if event["type"] != "input_audio_buffer.append":
        sent.append(event)


def _transcribe(voiced: list[str], event: dict[str, Any]) -> None:
    if event["type"] == "response.output_audio_transcript.done":
        voiced.append(event["transcript"])
