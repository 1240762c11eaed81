"""The server of tickets as a process, and a profile that names it and pins its tools."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.stack.ports import any_port
from tools.remote import Server
from tools.remote.pinning import pin

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


@asynccontextmanager
async def serving(folder: Path, name: str, profile: Mapping[str, object]) -> AsyncIterator[Tickets]:
    """A server that is up, named by the file `name` in `folder`, which is as `profile` says."""
    port = any_port()
    declared = {"name": "helpdesk", "url": f"http://127.0.0.1:{port}/mcp", "tools": TOOLS}
    file = folder / name
    file.write_text(yaml.safe_dump({**profile, "mcp_servers": [declared]}), encoding="utf-8")
    made = Tickets(folder / "tickets.txt", file, port)
    await made.start()
    try:
        await pin(file)
        yield made
    finally:
        await made.end()
