"""A worker and its jobs are killed while the database is away: the next worker sees to their calls.

The jobs are real processes that hold real journals; the next worker is what its parent does beside
the calls (`agent.housekeeping`), sweep by sweep.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agent.counting import Counting
from agent.housekeeping import House
from records import CallOutcome
from records.closing import Closer
from records.ledger import NotKept
from records.opened import Record, open_record
from records.prices import PriceBook
from records.recording.storage import open_storage
from records.settings import RecordingStorage, RecordsAccess
from records.upgrade import upgrade
from tests.integration.conftest import in_file, in_postgres
from tests.integration.ledger.faults import gone

CALLS = ("c1", "c2")
CLOSED, ENDED = "frontdesk_records_closed_lost_total", "frontdesk_calls_ended_total"
BEGUN_WITHIN_S = 20.0


@asynccontextmanager
async def held(access: RecordsAccess, call_id: str) -> AsyncIterator["asyncio.subprocess.Process"]:
    """A job that has begun a call."""
    told = {"URL": access.url, "SPOOL": str(access.spool), "KEY": access.key.get_secret_value()}
    env = {f"FRONTDESK_RECORDS_{name}": value for name, value in told.items()}
    job = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.ledger.holding", call_id),
        env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert job.stdout is not None
        async with asyncio.timeout(BEGUN_WITHIN_S):
            assert await job.stdout.readline() == b"begun\n"
        yield job
    finally:
        if job.returncode is None:
            job.kill()
        await job.wait()


def house(access: RecordsAccess, record: Record, folder: Path) -> House:
    """The next worker's, with counters that begin where the last test left them."""
    closer = Closer(record.engine, record.seals, access.spool)
    storage = open_storage(RecordingStorage(url=str(folder / "recordings")))
    looked_after = House(
        record, closer, book=PriceBook(currency="USD"), storage=storage, spool=access.spool
    )
    looked_after.count = Counting({}).count
    return looked_after


def counted() -> tuple[float, float]:
    """Records that were closed for dead jobs, and calls that ended as lost."""
    lost = {"profile": "unknown", "outcome": "lost"}
    return (
        REGISTRY.get_sample_value(CLOSED) or 0.0,
        REGISTRY.get_sample_value(ENDED, lost) or 0.0,
    )


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_calls_of_a_dead_worker_are_lost_once(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Not before the database is back; however often was looked before; whole, and counted."""
    server = request.getfixturevalue("crashing") if database == "postgresql" else None
    (tmp_path / "record").mkdir()
    access = in_postgres(server) if server else in_file(tmp_path / "record")
    access = access.model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    before = counted()
    async with open_record(access) as record:
        with ExitStack() as away:
            async with AsyncExitStack() as jobs:
                for call_id in CALLS:
                    await jobs.enter_async_context(held(access, call_id))
                away.enter_context(gone(access, server))
            # Both are killed now.
            worker = house(access, record, tmp_path)
            for _ in range(2):
                with pytest.raises(NotKept):
                    await worker._sweep()
            waiting, during = worker.left.entries, counted()
        for _ in range(3):
            await worker._sweep()
        calls = [await record.reader.call(call_id) for call_id in CALLS]

    assert (waiting, during) == (len(CALLS), before)
    assert counted() == (before[0] + len(CALLS), before[1] + len(CALLS))
    assert worker.left.entries == 0
    assert [call and call.outcome for call in calls] == [CallOutcome.LOST] * len(CALLS)
    assert [call and [turn.text for turn in call.turns] for call in calls] == [["hello"]] * 2
    assert list(access.spool.iterdir()) == []
