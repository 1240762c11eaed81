"""Calls whose gate offers the tools of a server of tickets, pinned."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.integration.office.talk import Talk as OfficeTalk
from tests.integration.remote.serving import Tickets, serving
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.remote import Pins, Server, read_pins
from tools.remote.opening import open_servers
from tools.shared import LocalStore, Shared


@pytest.fixture
async def tickets(tmp_path: Path) -> AsyncIterator[Tickets]:
    """A server that is up, and whose tools are pinned."""
    async with serving(tmp_path, "acme.yaml", {}) as made:
        yield made


@dataclass(frozen=True)
class Talk(OfficeTalk):
    """One call, and its ledger."""

    ledger: MemoryLedger


@asynccontextmanager
async def talk_over(servers: Collection[Server], pins: Pins) -> AsyncIterator[Talk]:
    """A call from Robin Ellis's number, with tools of these servers."""
    ledger, uses = MemoryLedger(), list[ToolUse]()
    async with (
        Office("http://office", SecretStr("key"), transport=FakeOffice().transport()) as office,
        open_servers(servers, pins) as remote,
    ):
        gate = Gate(
            tools={**catalogue(["cancel_order"]), **remote},
            office=office,
            ledger=ledger,
            follow_ups=MemoryFollowUps(),
            shared=Shared(LocalStore()),
            call=CallFacts("call-1", "+15550001111", "en", datetime.now(UTC)),
            on_use=uses.append,
        )
        yield Talk(gate, uses, ledger)


@asynccontextmanager
async def talking(tickets: Tickets, server: Server | None = None) -> AsyncIterator[Talk]:
    """The same, with the server of tickets."""
    async with talk_over([server or tickets.server()], read_pins(tickets.profile)) as talk:
        yield talk
