"""A server of tickets as a process, its tools pinned, and calls whose gate offers them."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from rehearsal.stack.ports import any_port
from tests.integration.office.talk import Talk as OfficeTalk
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.remote import Server, read_pins
from tools.remote.opening import open_servers
from tools.remote.pinning import pin
from tools.shared import LocalStore, Shared

READY_S = 20.0
TICKETS = "tests.integration.remote.tickets"
TOOLS: dict[str, dict[str, Any]] = {
    "find_tickets": {"effect": "read", "assurance": "number", "subject": "customer_id"},
    "read_note": {"effect": "read", "assurance": "none", "answer_bytes": 500},
    "create_ticket": {
        "effect": "write",
        "assurance": "none",
        "spoken_yes": True,
        "read_back": "Shall I open a ticket about {title}?",
        "action_words": ["open"],
        "done": "I have opened a ticket.",
        "fixed": {"customer_id": "desk"},
        "errors_change_nothing": True,
    },
}


@dataclass
class Tickets:
    """The server, what it has done, and the profile that names it."""

    file: Path
    profile: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def done(self) -> list[str]:
        """Every ticket that was made."""
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []

    def server(self, **changes: Any) -> Server:
        """As the profile declares it."""
        (declared,) = yaml.safe_load(self.profile.read_text(encoding="utf-8"))["mcp_servers"]
        return Server.model_validate({**declared, **changes})

    async def start(self, *words: str) -> None:
        """Have it answer on its port."""
        command = ["-m", TICKETS, str(self.file), "--port", str(self.port), *words]
        self.process = await asyncio.create_subprocess_exec(sys.executable, *command)
        async with asyncio.timeout(READY_S):
            while self.process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return
        raise AssertionError("the server of tickets has ended")

    async def end(self) -> None:
        """Kill it."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture
async def tickets(tmp_path: Path) -> AsyncIterator[Tickets]:
    """A server that is up, and whose tools are pinned."""
    port = any_port()
    declared = {"name": "helpdesk", "url": f"http://127.0.0.1:{port}/mcp", "tools": TOOLS}
    profile = tmp_path / "acme.yaml"
    profile.write_text(yaml.safe_dump({"mcp_servers": [declared]}), encoding="utf-8")
    made = Tickets(tmp_path / "tickets.txt", profile, port)
    await made.start()
    try:
        await pin(profile)
        yield made
    finally:
        await made.end()


@dataclass(frozen=True)
class Talk(OfficeTalk):
    """One call, and its ledger."""

    ledger: MemoryLedger


@asynccontextmanager
async def talking(tickets: Tickets, server: Server | None = None) -> AsyncIterator[Talk]:
    """A call from Robin Ellis's number."""
    ledger, uses = MemoryLedger(), list[ToolUse]()
    declared = server or tickets.server()
    async with (
        Office("http://office", SecretStr("key"), transport=FakeOffice().transport()) as office,
        open_servers([declared], read_pins(tickets.profile)) as remote,
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
