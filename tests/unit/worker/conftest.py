"""The conversation that tests of this folder talk to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from livekit import rtc
from livekit.agents import AgentSession
from pydantic import SecretStr

from agent.conversation import Conversation
from agent.profile import Emergency, Profile
from agent.question import Answer, Settled
from agent.reports import Report
from agent.voice import load_clips
from tests.journals import in_memory
from tests.keepers import NOTHING_OWED, keeper_of
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.fake_office import FakeOffice
from tests.unit.worker.talk import Mouthpiece, Talk
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.shared import Shared

PROFILE = Profile(
    name="acme", opening="Hello.", emergency=Emergency(words=("heart attack", "fire"))
)


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    """An answered call."""
    told: list[Report] = []
    uses: list[ToolUse] = []
    session: AgentSession[None] = AgentSession(aec_warmup_duration=None)
    journal = in_memory()
    keeper = keeper_of(journal, PROFILE, told.append)
    keeper.settled(Settled(NOTHING_OWED, Answer.NOT_NEEDED))
    told.clear()
    facts = CallFacts("c1", None, "en", datetime.now(UTC))
    async with Office("http://office", SecretStr("k"), transport=FakeOffice().transport()) as desk:
        tools = catalogue(["look_up_order"])
        gate = Gate(
            tools=tools,
            office=desk,
            ledger=MemoryLedger(),
            follow_ups=MemoryFollowUps(),
            shared=Shared(),
            call=facts,
            on_use=uses.append,
        )
        conversation = Conversation(
            session=session,
            room=rtc.Room(),
            profile=PROFILE,
            clips=load_clips(PROFILE),
            gate=gate,
            journal=journal,
            keeper=keeper,
            owed=NOTHING_OWED,
            agreed=Answer.NOT_NEEDED,
            tell=told.append,
        )
        voice = Mouthpiece()
        conversation.listen(voice)
        conversation.answered()
        yield Talk(conversation, session, gate, told, uses, journal, voice)
