"""A standing stack as trials need it: the office's faults and effects, the ledger's rows.

Calls count in a Redis of their own: with LiveKit's, LiveKit ends every call, whatever we do. The
ledger is read from its file and not through `records`: a reader that never writes waits for
nobody and is in nobody's way, also while a row has it locked.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis
from sqlalchemy import make_url

from records.ledger import UNKNOWN
from rehearsal.office.faults import Fault
from rehearsal.settings import StackSettings
from rehearsal.stack import Stack, programs, ready
from rehearsal.stack.calls import Calls, open_calls
from rehearsal.stack.layout import HOST
from rehearsal.stack.memory import forget
from rehearsal.stack.parts import Part
from rehearsal.stack.ports import any_port
from rehearsal.trials.judging import RECONCILED_WITHIN_S
from tools.shared import PREFIX

HTTP_TIMEOUT_S = 5.0
LOOK_AGAIN_S, STRUCK_S = 0.1, 0.02
# What another row takes away is back by then.
AWAY_S = 30.0
COUNTS = "counts"
# A connection that is kept dies with the office, and whoever asks next would get the blame.
ONE_REQUEST_EACH = httpx.Limits(max_keepalive_connections=0)
HERE = Path(__file__).parent


class Ground:
    """One stack, and a client for its office."""

    def __init__(
        self, stack: Stack, calls: Calls, office: httpx.AsyncClient, counts: Redis, counts_url: str
    ) -> None:
        self.stack, self.calls, self.counts_url = stack, calls, counts_url
        self._office, self._counts = office, counts

    @property
    def record(self) -> Path:
        """The file of the worker's record."""
        return Path(str(make_url(self.stack.records_url).database))

    async def as_on_the_first_day(self) -> None:
        """No fault, no effect, nothing in the ledger; only while nobody is on the phone."""
        (await self._office.post("/rehearsal/restore")).raise_for_status()
        await forget(self.stack)
        await self._counts.flushdb()

    async def add(self, fault: Fault) -> int:
        """Put a fault of the office in force; its number."""
        body = fault.model_dump(mode="json", exclude_none=True)
        answer = (await self._office.post("/rehearsal/faults", json=body)).raise_for_status()
        return int(answer.json()["id"])

    async def remove(self, *numbers: int) -> None:
        """End faults, unless the office has forgotten them."""
        for number in numbers:
            await self._office.delete(f"/rehearsal/faults/{number}")

    async def until_struck(self, number: int, unless: Callable[[], bool] = lambda: False) -> bool:
        """Wait until a fault has struck, or is over; False if `unless` comes first."""
        while not unless():
            answer = (await self._office.get("/rehearsal/faults")).raise_for_status()
            if all(one["struck"] for one in answer.json()["faults"] if one["id"] == number):
                return True
            await asyncio.sleep(STRUCK_S)
        return False

    async def effects(self, order: str) -> int:
        """How often something has changed about an order; waits for an office that is away."""
        async with asyncio.timeout(AWAY_S):
            while True:
                with suppress(httpx.TransportError):
                    answer = (await self._office.get("/rehearsal/effects")).raise_for_status()
                    return sum(one["subject"] == order for one in answer.json()["effects"])
                await asyncio.sleep(LOOK_AGAIN_S)

    async def forgive(self) -> None:
        """No breaker knows of a failure: what one row does to the office is not another's."""
        if names := [name async for name in self._counts.scan_iter(f"{PREFIX}breaker:*")]:
            await self._counts.delete(*names)

    async def kept(self, call_id: str) -> tuple[str | None, ...]:
        """How the writes of a call ended, as the ledger has it; unknown while that is away."""
        try:
            return await asyncio.to_thread(self._kept, call_id)
        except sqlite3.OperationalError:
            return (None,)

    def _kept(self, call_id: str) -> tuple[str | None, ...]:
        asked = "SELECT outcome FROM tool_uses WHERE call_id = ? AND wish IS NOT NULL"
        with closing(sqlite3.connect(f"file:{self.record}?mode=ro", uri=True)) as reader:
            return tuple(row[0] for row in reader.execute(f"{asked} ORDER BY round", (call_id,)))


@dataclass(frozen=True)
class Counting:
    """The Redis in which the calls of a trial count, before it runs."""

    port: int = field(default_factory=any_port)

    @property
    def url(self) -> str:
        """What the worker is told."""
        return f"redis://{HOST}:{self.port}"

    def stack(self) -> dict[str, Any]:
        """How `Stack.start` starts a stack for trials."""
        return {
            "brain": HERE / "brain.yaml",
            "profiles": HERE / "profiles",
            "worker_env": {
                "FRONTDESK_REDIS_URL": self.url,
                "FRONTDESK_IDLE_PROCESSES": "3",
                "PYTHONPATH": str(HERE / "clock"),
            },
        }

    def part(self) -> Part:
        """The process itself."""
        program = programs.find("redis-server", StackSettings())
        where = ("--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no")
        return Part(
            name=COUNTS, command=(str(program), *where), ready=ready.redis_answers(self.port)
        )


@asynccontextmanager
async def open_ground(stack: Stack, counting: Counting) -> AsyncIterator[Ground]:
    """The ground of a stack that stands as `counting` has it."""
    headers = {"Authorization": f"Bearer {stack.office_key}"}
    async with (
        stack.beside(counting.part()),
        httpx.AsyncClient(
            base_url=stack.office_url,
            headers=headers,
            timeout=HTTP_TIMEOUT_S,
            trust_env=False,
            limits=ONE_REQUEST_EACH,
        ) as office,
        Redis.from_url(counting.url) as counts,
        open_calls(stack.records) as calls,
    ):
        yield Ground(stack, calls, office, counts, counting.url)


async def settled(
    ground: Ground, call_id: str, *, since: float
) -> tuple[tuple[str | None, ...], float | None]:
    """How the call's writes ended, and how long one was open after everything was back."""
    loop = asyncio.get_running_loop()
    was_open = False
    while True:
        kept = await ground.kept(call_id)
        is_open = any(outcome in (None, UNKNOWN) for outcome in kept)
        was_open = was_open or is_open
        took_s = loop.time() - since
        if not is_open or took_s > RECONCILED_WITHIN_S:
            return kept, took_s if was_open else None
        await asyncio.sleep(LOOK_AGAIN_S)
