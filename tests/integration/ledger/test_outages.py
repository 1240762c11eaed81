"""A database goes away for seconds, or in the middle of a transaction: nothing is lost or doubled.

The other halves of `test_filing`, whose faults last as long as one try.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from records import CallOutcome
from records.closing import Closer
from records.filing import HEARTBEAT_S, Filing, file_entries
from records.ledger import NotKept
from tests.integration.conftest import in_file, in_postgres
from tests.integration.ledger.faults import gone
from tests.integration.ledger.test_filing import WORDS, Desk, desk_on, talk
from tests.integration.postgres import Postgres

standing = asynccontextmanager(desk_on)
AWAY_S = 6.0
PATIENCE_S = 40.0


@pytest_asyncio.fixture(name="away", params=["sqlite", "postgresql"])
async def _away(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Desk, Postgres | None]]:
    server = request.getfixturevalue("crashing") if request.param == "postgresql" else None
    (tmp_path / "record").mkdir()
    access = in_postgres(server) if server else in_file(tmp_path / "record")
    async for desk in desk_on(access.model_copy(update={"spool": tmp_path / "spool"})):
        yield desk, server


async def test_a_call_outlasts_an_outage(away: tuple[Desk, Postgres | None]) -> None:
    """Longer than a heartbeat: what waits is told meanwhile, and a parent that looks takes nobody
    for dead; afterwards the record has every turn, in its order, once."""
    desk, server = away
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
    told: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    filing.on_pending = lambda entries, since: told.put_nowait((entries, since))
    parent = Closer(desk.record.engine, desk.record.seals, desk.access.spool)
    desk.journal.write("started", profile="acme")
    filing.begin()
    said, most, oldest = 0, 0, time.time()
    async with asyncio.timeout(PATIENCE_S):
        with gone(desk.access, server):
            began = time.monotonic()
            while time.monotonic() - began < AWAY_S:
                desk.journal.write("turn", speaker="caller", text=f"word {said}")
                said += 1
                entries, since = await told.get()
                most, oldest = max(most, entries), min(oldest, since)
                with pytest.raises(NotKept):
                    await parent.sweep()
        while (await told.get())[0] > 0:
            pass
    lost = await parent.sweep()
    desk.journal.write("ended", outcome="completed")
    assert await filing.close()
    call = await desk.call()

    assert AWAY_S > HEARTBEAT_S
    assert most >= said - 1 > 0
    assert time.time() - oldest > AWAY_S
    assert [turn.text for turn in call.turns] == [f"word {at}" for at in range(said)]
    assert (call.outcome, lost) == (CallOutcome.COMPLETED, [])


async def test_a_restart_in_the_middle_of_a_transaction_loses_and_doubles_nothing(
    tmp_path: Path, crashing: Postgres
) -> None:
    """Half of the rows were written when the server died; what was told as filed is there."""
    access = in_postgres(crashing).model_copy(update={"spool": tmp_path / "spool"})
    name = access.url.partition("@/")[2].partition("?")[0]
    async with standing(access) as desk:
        desk.journal.write("started", profile="acme")
        desk.journal.write("turn", speaker="caller", text="hello")
        await desk.file()
        talk(desk.journal)
        with crashing.connected(name) as other, other.transaction():
            # Taken by the last rows of the transaction, when the others are written.
            other.execute("LOCK TABLE gaps")
            seal = desk.record.seals.records
            filing = asyncio.create_task(
                file_entries(desk.record.engine, desk.journal, seal, alive=True)
            )
            assert await asyncio.to_thread(crashing.somebody_waits, name)
            await asyncio.to_thread(crashing.stop)
            other.close()
        with pytest.raises(NotKept):
            await filing
        still_waiting = len(desk.journal.waiting)
        await asyncio.to_thread(crashing.start)
        before = await desk.rows()
        await desk.file()

        assert (still_waiting, before) == (13, 2)
        assert [turn.text for turn in (await desk.call()).turns] == ["hello", WORDS, "Shipped."]
        assert await desk.rows() == before + 10


async def test_what_has_piled_up_is_filed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one transaction takes: none of it waits for the next thing to happen."""
    access = in_file(tmp_path).model_copy(update={"spool": tmp_path / "spool"})
    async with standing(access) as desk:
        filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
        desk.journal.write("started", profile="acme")
        for _ in range(900):
            desk.journal.write("dtmf")
        empty, filed = asyncio.Event(), desk.journal.filed

        def seen(entries: int) -> None:
            filed(entries)
            if not desk.journal.waiting:
                empty.set()

        monkeypatch.setattr(desk.journal, "filed", seen)
        filing.begin()
        async with asyncio.timeout(HEARTBEAT_S):
            await empty.wait()
        assert await filing.close()

        assert (await desk.call()).dtmf_digits == 900
