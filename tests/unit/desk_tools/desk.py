"""One call's gate with an office in memory, as the tests use it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.catalogue import Tool
from tools.knowledge import Knowledge
from tools.shared import LocalStore, Shared

ROBINS_PHONE = "+15550001111"
MONDAY_EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
READ_BACK = "Shall I cancel order 4 3 0 2 for you? Please say yes or no."


@dataclass
class Desk:
    """A gate, what it has reported, the ledger it keeps and the office behind it."""

    gate: Gate
    office: FakeOffice
    ledger: MemoryLedger
    follow_ups: MemoryFollowUps
    shared: Shared
    uses: list[ToolUse] = field(default_factory=list)

    async def use(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Use a tool as the model would; the answer as the model reads it."""
        told = json.loads((await self.gate.use(name, json.dumps(arguments))).text)
        assert isinstance(told, dict)
        return told

    async def verify(self) -> None:
        """The caller proves to be Robin Ellis."""
        self.gate.caller_said("nine four one oh seven")
        assert (await self.use("verify_caller", zip_code="94107"))["outcome"] == "ok"

    async def ask_to_cancel(self, order: str = "4302") -> None:
        """A verified caller is asked about `order`, and hears the question."""
        await self.verify()
        told = await self.use("cancel_order", order=order)
        assert told["outcome"] == "needs_yes"
        self.gate.agent_said(told["say"])


@asynccontextmanager
async def opened(
    caller_number: str | None = ROBINS_PHONE,
    *,
    at: datetime = MONDAY_EVENING,
    zone: str = "UTC",
    after: Desk | None = None,
    more: tuple[str, ...] = (),
    knowledge: Knowledge | None = None,
    policies: Mapping[str, Mapping[str, Any]] | None = None,
    also: Mapping[str, Tool] | None = None,
) -> AsyncIterator[Desk]:
    """A desk for one call; the gate's clock is the loop's, so time can be virtual.

    `after` is an earlier call to the same company, `more` are further tools, `policies` fields that
    a tool's policy has instead of its own, `also` tools that are in no catalogue.
    """
    clock = asyncio.get_running_loop().time
    fake, ledger, follow_ups = FakeOffice(), MemoryLedger(clock), MemoryFollowUps()
    shared = Shared(LocalStore(clock), clock=clock)
    if after:
        fake, ledger, follow_ups = after.office, after.ledger, after.follow_ups
        shared = after.shared
    uses: list[ToolUse] = []
    facts = CallFacts(
        f"call-{secrets.token_hex(4)}", caller_number, "en", at, zone, clock=lambda: at
    )
    office = Office("http://office", SecretStr("key"), transport=fake.transport())
    async with office:
        gate = Gate(
            tools={
                **_tools(["look_up_order", "cancel_order", "verify_caller", *more], policies or {}),
                **(also or {}),
            },
            office=office,
            ledger=ledger,
            follow_ups=follow_ups,
            shared=shared,
            call=facts,
            on_use=uses.append,
            knowledge=knowledge,
            clock=clock,
        )
        yield Desk(gate, fake, ledger, follow_ups, shared, uses)


def _tools(names: Iterable[str], policies: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Tool]:
    return {
        name: replace(tool, policy=replace(tool.policy, **policies.get(name, {})))
        for name, tool in catalogue(names).items()
    }
