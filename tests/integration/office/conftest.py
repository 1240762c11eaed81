"""The real office as a process of its own, clients to it, and a record beside it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from records.call_keys import seals_of
from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from rehearsal.stack.ports import any_port
from tests.integration.office.books import Books, Clock
from tools import Office

KEY = "integration-key"
READY_TIMEOUT_S = 20.0
END_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Running:
    """A running office and a client that carries its key."""

    url: str
    client: httpx.AsyncClient
    log: Path

    async def fault(self, route: str, kind: str, **more: Any) -> None:
        """Play a fault from now on."""
        body = {"route": route, "fault": kind, **more}
        answer = await self.client.post("/rehearsal/faults", json=body)
        assert answer.status_code == 201, answer.text

    async def effects(self) -> list[dict[str, Any]]:
        """What has changed since the office was made."""
        answer = await self.client.get("/rehearsal/effects")
        found = answer.json()["effects"]
        assert isinstance(found, list)
        return found


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Running]:
    """`python -m rehearsal.office` on a free port, ended with its block."""
    port, log = any_port(), folder / "office.log"
    command = ["-m", "rehearsal.office", "--port", str(port), "--key", KEY]
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, "--database", str(folder / "office.sqlite")),
            stderr=stderr,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
            await _ready(client, process)
            yield Running(url, client, log)
    finally:
        process.terminate()
        async with asyncio.timeout(END_TIMEOUT_S):
            await process.wait()


async def _ready(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(READY_TIMEOUT_S):
        while process.returncode is None:
            try:
                if (await client.get("/health")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError(f"the office ended with {process.returncode}; its log is in the folder")


@pytest_asyncio.fixture(scope="package", loop_scope="package", name="process")
async def _one_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with started(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture
async def office(process: Running) -> AsyncIterator[Running]:
    """The office with its first data and no faults; its process serves the whole package."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=process.url, headers=headers, trust_env=False) as client:
        assert (await client.post("/rehearsal/restore")).is_success
        yield Running(process.url, client, process.log)


@pytest_asyncio.fixture(name="books")
async def _books(access: RecordsAccess, office: Running) -> AsyncIterator[Books]:
    """An empty record."""
    await upgrade(access)
    async with AsyncExitStack() as stays:
        engine = await stays.enter_async_context(open_engine(access))
        client = await stays.enter_async_context(Office(office.url, SecretStr(KEY)))
        seals, clock = seals_of(access.key_bytes), Clock()
        ledger, follow_ups = KeptLedger(engine, seals, clock), FollowUps(engine, seals, clock)
        yield Books(access, ledger, follow_ups, client, clock, KEY)
