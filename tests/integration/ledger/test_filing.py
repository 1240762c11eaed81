"""A call's journal in the database, on each of the two: once, whatever happens to either."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from records import CallOutcome, CallView, Journal, schema
from records.call_keys import DESTROYED
from records.databases import MAY_BE_REPEATED
from records.filing import Filing, file_entries
from records.journal import adopt, begin, read_journal
from records.keyring import SettingsKeyring
from records.ledger import AlreadyDone, Intent
from records.opened import Record, open_record
from records.reading import OPEN, Wanted
from records.settings import RecordsAccess
from records.spool import Room
from records.store import Work, transact
from records.upgrade import upgrade
from tests.integration.conftest import in_file, in_postgres
from tests.integration.ledger.faults import FAULTS, Fault
from tests.integration.postgres import Postgres

CALLER = "+15550001111"
WORDS = "where is my order"
USAGE: dict[str, Any] = {"model": "m", "input_text": 5, "input_audio": 7, "output_audio": 11}


def talk(journal: Journal) -> None:
    """What happens in a short call."""
    journal.write("started", profile="acme", model="m", caller=CALLER, dialled="+15557654321")
    journal.write("answered")
    journal.write("greeted")
    journal.write("turn", speaker="caller", text=WORDS)
    journal.write("tool", tool="look_up_order", outcome="ok", duration_ms=40, arguments={"n": 1})
    journal.write("turn", speaker="agent", text="Shipped.", response_ms=700, interrupted=True)
    journal.write("interrupted")
    journal.write("dtmf")
    journal.write("usage", **USAGE)
    journal.write("usage", **USAGE)
    journal.write("latency", what="turn_response", ms=700)
    journal.write("consent", policy="announce", jurisdiction="US-NY", answer="announced")
    journal.write("gap", began_at=1.0, ended_at=2.0, reason="card_entry")


@dataclass
class Desk:
    """A record, a spool, and a call in it."""

    access: RecordsAccess
    record: Record
    journal: Journal

    async def file(self) -> None:
        """Have everything in the database."""
        seal = self.record.seals.records
        await file_entries(self.record.engine, self.journal, seal, alive=True)

    async def call(self) -> CallView:
        """The call as it is read."""
        found = await self.record.reader.call("c1")
        assert found is not None
        return found

    async def rows(self) -> int:
        """How many rows the call has in all tables."""
        async with self.record.engine.connect() as connection:
            tables = [t for t in schema.metadata.sorted_tables if "call_id" in t.c]
            counts = [
                (await connection.execute(select(func.count()).select_from(t))).scalar_one()
                for t in tables
            ]
        return sum(counts)


async def desk_on(access: RecordsAccess) -> AsyncIterator[Desk]:
    """On a record of its own."""
    await upgrade(access)
    keyring = SettingsKeyring(access.key_bytes)
    journal = begin(access.spool, keyring, "c1", room=Room(access.spool, 10**7))
    async with open_record(access, call=journal.key) as record:
        yield Desk(access, record, journal)
    journal.close()


@pytest_asyncio.fixture(name="desk")
async def _desk(access: RecordsAccess, tmp_path: Path) -> AsyncIterator[Desk]:
    async for desk in desk_on(access.model_copy(update={"spool": tmp_path / "spool"})):
        yield desk


async def test_what_happened_is_what_is_read(desk: Desk) -> None:
    """Every kind of entry, opened again."""
    talk(desk.journal)
    await desk.file()
    call = await desk.call()

    assert (call.profile, call.caller, call.outcome) == ("acme", CALLER, None)
    assert call.answered_at is not None
    assert call.greeted_at is not None
    said = [(turn.speaker, turn.text, turn.response_ms, turn.interrupted) for turn in call.turns]
    assert said == [("caller", WORDS, None, False), ("agent", "Shipped.", 700, True)]
    assert [(use.tool, use.outcome, use.arguments) for use in call.tools] == [
        ("look_up_order", "ok", {"n": 1})
    ]
    assert (call.interruptions, call.dtmf_digits) == (1, 1)
    assert [(t.model, t.input_text, t.input_audio, t.output_audio) for t in call.tokens] == [
        ("m", 10, 14, 22)
    ]
    assert call.consent is not None
    assert (call.consent.answer, call.gaps[0].reason) == ("announced", "card_entry")
    assert desk.journal.waiting == []


async def test_filed_twice_it_is_there_once(desk: Desk) -> None:
    """A transaction may be done although whoever asked was told nothing."""
    talk(desk.journal)
    entries = list(desk.journal.waiting)
    await desk.file()
    before = await desk.rows()
    desk.journal.waiting[:] = entries
    await desk.file()

    assert await desk.rows() == before
    assert (await desk.call()).tokens[0].input_text == 10


async def test_the_spool_is_not_given_up_before_the_disk_has_the_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the call goes on nobody waits for the disk: what is filed lies in the spool as well."""
    options: list[str] = []

    async def seen(engine: AsyncEngine, work: Work[None], *, option: str) -> None:
        options.append(option)
        await transact(engine, work, option=option)

    monkeypatch.setattr("records.filing.transact", seen)
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
    desk.journal.write("started", profile="acme")
    await desk.file()
    desk.journal.write("ended", outcome="completed")

    assert await filing.close()
    assert options == [MAY_BE_REPEATED, ""]


async def test_nothing_of_the_caller_can_be_read_in_the_database(desk: Desk) -> None:
    """Neither in the file nor in any column; whoever calls is found all the same."""
    talk(desk.journal)
    await desk.file()
    async with desk.record.engine.connect() as connection:
        rows = [
            str(row)
            for table in schema.metadata.sorted_tables
            for row in (await connection.execute(select(table))).all()
        ]

    assert not [row for row in rows if WORDS in row or "5550001111" in row or "Shipped" in row]
    assert await desk.record.reader.ids(Wanted(caller=CALLER)) == ["c1"]
    assert await desk.record.reader.ids(Wanted(caller="+15550002222")) == []


async def test_a_write_keeps_what_the_caller_was_told_beside_what_became_of_it(desk: Desk) -> None:
    """Found out afterwards, it is not what was said."""
    talk(desk.journal)
    intent = Intent(
        call_id="c1", tool="cancel_order", subject="s", arguments={"order": "1"},
        deadline_s=1, once_s=60,
    )  # fmt: skip
    begun = await desk.record.ledger.intend(intent)
    key: str = getattr(begun, "key", "")
    await desk.file()
    assert (await desk.call()).tools[-1].outcome == OPEN
    desk.journal.write(
        "tool", tool="cancel_order", outcome="unknown", duration_ms=900, tries=2, key=key
    )
    await desk.file()
    await desk.record.ledger.end(key, "ok", "found_done")
    use = (await desk.call()).tools[-1]

    assert (use.outcome, use.settled, use.duration_ms, use.tries) == ("unknown", "ok", 900, 2)
    assert (use.key, use.arguments) == (key, {"order": "1"})


@pytest.mark.parametrize("told", ["ok", "unknown"])
async def test_without_consent_what_a_write_was_given_goes_once_its_end_is_known(
    desk: Desk, told: str
) -> None:
    """Until then staff need it; what it was and how it ended stays, and no wish is done twice."""
    desk.journal.write("started", profile="acme")
    desk.journal.write("consent", policy="ask", jurisdiction="US-CA", answer="refused")
    intent = Intent(
        call_id="c1", tool="cancel_order", subject="s", arguments={"order": WORDS},
        deadline_s=1, once_s=60,
    )  # fmt: skip
    begun = await desk.record.ledger.intend(intent)
    key: str = getattr(begun, "key", "")
    await desk.record.ledger.end(key, told)
    desk.journal.write(
        "tool", tool="cancel_order", outcome=told, duration_ms=9, key=key, withheld=True
    )
    await desk.file()
    assert ((await desk.call()).tools[0].arguments == {"order": WORDS}) is (told == "unknown")

    await desk.record.ledger.end(key, "ok", "found_done")
    use = (await desk.call()).tools[0]
    assert (use.tool, use.outcome, use.arguments) == ("cancel_order", told, {})
    assert isinstance(await desk.record.ledger.look(intent), AlreadyDone)


async def test_what_is_forgotten_does_not_come_back(desk: Desk) -> None:
    """Entries that come late, from a disk that was away, bring facts and nothing of the caller."""
    desk.journal.write("started", profile="acme", caller=CALLER)
    await desk.file()
    async with desk.record.engine.begin() as connection:
        await connection.execute(update(schema.call_keys).values(wrapped=DESTROYED))
    desk.journal.write("turn", speaker="caller", text=WORDS)
    desk.journal.write("tool", tool="t", outcome="ok", duration_ms=1, arguments={"order": WORDS})
    desk.journal.write("ended", outcome="completed")
    await desk.file()
    call = await desk.call()

    assert (call.caller, call.turns, call.outcome) == (None, [], CallOutcome.COMPLETED)
    assert call.tools[0].arguments == {}


@pytest.mark.parametrize("field", [{"profile": "p" * 500}, {"model": "a\0b"}, {"pid": 7}])
async def test_what_does_not_fit_a_column_keeps_no_call_out(
    desk: Desk, field: dict[str, Any]
) -> None:
    """A value that a database refuses would be tried for ever."""
    desk.journal.write("started", **{"profile": "acme", **field})
    desk.journal.write("turn", speaker="caller", text="a\0b")
    desk.journal.write("ended", outcome="completed", reason="r" * 1000)
    await desk.file()

    assert (await desk.call()).turns[0].text == "a\0b"


@pytest_asyncio.fixture(
    name="troubled", params=FAULTS, ids=[f"{where}-{fault.__name__}" for where, fault in FAULTS]
)
async def _troubled(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Desk, Fault, Postgres | None]]:
    where, fault = request.param
    server = request.getfixturevalue("crashing") if where == "postgresql" else None
    (tmp_path / "record").mkdir()
    access = in_postgres(server) if server else in_file(tmp_path / "record")
    async for desk in desk_on(access.model_copy(update={"spool": tmp_path / "spool"})):
        yield desk, fault, server


async def test_a_database_out_of_order_costs_neither_the_call_nor_its_record(
    troubled: tuple[Desk, Fault, Postgres | None],
) -> None:
    """Nobody waits for it, everything lies on the disk meanwhile, and is filed once it is back."""
    desk, fault, server = troubled
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
    pending: asyncio.Queue[int] = asyncio.Queue()
    filing.on_pending = lambda entries, _: pending.put_nowait(entries)
    desk.journal.write("started", profile="acme")
    filing.begin()
    with fault(desk.access, server):
        talk(desk.journal)
        async with asyncio.timeout(15):
            while await pending.get() == 0:
                pass
        on_disk = read_journal(desk.access.spool / "c1", desk.record.seals.keyring)
    async with asyncio.timeout(30):
        while await pending.get() > 0:
            pass
    assert await filing.close()

    assert len(on_disk) == 14
    assert [turn.text for turn in (await desk.call()).turns] == [WORDS, "Shipped."]


async def test_what_is_not_filed_by_the_end_of_a_call_stays_on_the_disk(
    troubled: tuple[Desk, Fault, Postgres | None],
) -> None:
    """The job does not hold its process for it; the parent files it later."""
    desk, fault, server = troubled
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)
    filing.begin()
    with fault(desk.access, server):
        talk(desk.journal)
        async with asyncio.timeout(8):
            whole = await filing.close()
        desk.journal.close()

    assert not whole
    assert len(read_journal(desk.access.spool / "c1", desk.record.seals.keyring)) == 13


async def test_what_memory_did_not_hold_is_left_for_the_parent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was away for long gets what is on the disk, not only what still waits."""
    monkeypatch.setattr("records.journal.MOST_WAITING", 2)
    talk(desk.journal)
    filing = Filing(desk.record.engine, desk.journal, desk.record.seals.records)

    assert not await filing.close()
    assert desk.journal.lost == 0
    desk.journal.close()
    adopted = adopt(desk.access.spool / "c1", SettingsKeyring(desk.access.key_bytes))
    await file_entries(desk.record.engine, adopted, desk.record.seals.records, alive=False)
    adopted.remove()
    assert [turn.speaker for turn in (await desk.call()).turns] == ["caller", "agent"]
