"""One call's gate in front of the real office, and what its caller says."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from records.ledger import Ledger
from tests.integration.office.books import Books
from tests.integration.office.conftest import KEY, Running
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.shared import LocalStore, Shared


def opened_gate(office: Office, uses: list[ToolUse], ledger: Ledger | None = None) -> Gate:
    """The gate of a call from Robin Ellis's number."""
    return Gate(
        tools=catalogue(["look_up_order", "cancel_order", "verify_caller"]),
        office=office,
        ledger=ledger or MemoryLedger(),
        follow_ups=MemoryFollowUps(),
        shared=Shared(LocalStore()),
        call=CallFacts("call-1", "+15550001111", "en", datetime.now(UTC)),
        on_use=uses.append,
    )


async def agree_to_cancel(gate: Gate) -> None:
    """The caller proves who they are and says yes to the read-back."""
    gate.caller_said("my zip code is nine four one oh seven")
    await gate.use("verify_caller", '{"zip_code": "94107"}')
    asked = json.loads((await gate.use("cancel_order", '{"order": "4302"}')).text)
    assert asked["outcome"] == "needs_yes"
    gate.agent_said(asked["say"])
    gate.caller_said("yes please")


async def left_in_doubt(books: Books, office: Running, fault: str) -> str:
    """A cancellation under `fault`, after which the office cannot be asked; its key."""
    uses: list[ToolUse] = []
    gate = opened_gate(books.office, uses, books.ledger)
    await agree_to_cancel(gate)
    await office.fault("/orders/{order}/cancel", fault)
    await office.fault("/operations/{key}", "reset_before")
    assert (await gate.use("cancel_order", '{"order": "4302"}')).outcome == "unknown"
    return uses[-1].key


async def mended(office: Running) -> None:
    """The office works again, with what it has."""
    assert (await office.client.delete("/rehearsal/faults")).is_success


@dataclass(frozen=True)
class Talk:
    """A call to the desk with every tool there is."""

    gate: Gate
    uses: list[ToolUse]

    async def use(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Use a tool as the model would; the answer as the model reads it."""
        told = json.loads((await self.gate.use(name, json.dumps(arguments))).text)
        assert isinstance(told, dict)
        return told

    async def agreed(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The same, read back to the caller, who says yes; what became of it."""
        asked = await self.use(name, **arguments)
        assert asked["outcome"] == "needs_yes", asked
        self.gate.agent_said(asked["say"])
        self.gate.caller_said("yes please")
        return await self.use(name, **arguments)


@asynccontextmanager
async def talking(
    office: Running,
    *tools: str,
    caller: str | None = "+15550001111",
    ledger: Ledger | None = None,
    verified: bool = True,
) -> AsyncIterator[Talk]:
    """A call of Robin Ellis, who has proven it, with some tools."""
    uses: list[ToolUse] = []
    async with Office(office.url, SecretStr(KEY)) as client:
        gate = Gate(
            tools=catalogue(["verify_caller", *tools]),
            office=client,
            ledger=ledger or MemoryLedger(),
            follow_ups=MemoryFollowUps(),
            shared=Shared(LocalStore()),
            call=CallFacts("call-1", caller, "en", datetime.now(UTC), "America/Los_Angeles"),
            on_use=uses.append,
        )
        talk = Talk(gate, uses)
        if verified:
            gate.caller_said("my zip code is nine four one oh seven")
            assert (await talk.use("verify_caller", zip_code="94107"))["outcome"] == "ok"
        yield talk
