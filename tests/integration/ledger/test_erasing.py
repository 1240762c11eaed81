"""Forgetting a caller: nothing of them is left anywhere, and that it was done is known."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import make_url, select, update

from records import CallOutcome, CallView, schema
from records.audit import first_broken, read
from records.call_keys import seals_of
from records.erasing import Erased, Eraser
from records.filing import file_entries
from records.journal import JOURNAL, Journal, begin
from records.keyring import SettingsKeyring
from records.ledger import Begun, InDoubt, Intent
from records.opened import Record, open_record
from records.products import write_product
from records.recording.files import WHOLE, name_of
from records.recording.storage import open_storage
from records.retention import DAY_S, Class, Expiry
from records.settings import RecordingStorage, RecordsAccess, Retention
from records.sounds import KeptSounds
from records.spool import Room
from records.upgrade import upgrade

CALLER, OTHER = "+15550001111", "+15550002222"
PLANTED = ("zebra pyjamas", "5550001111", "order-7788")


@dataclass
class FakeSounds:
    """Recordings that can be deleted, while their storage is there."""

    kept: set[str] = field(default_factory=set)
    away: bool = False

    async def delete(self, call_id: str, name: str) -> bool:
        """See `records.erasing.Sounds`."""
        if not self.away:
            self.kept.discard(name)
        return not self.away


@dataclass
class Archive:
    """A record with the calls of two callers, and what was made of them."""

    folder: Path
    access: RecordsAccess
    record: Record
    sounds: FakeSounds
    now: float = 2e9
    going_on: list[Journal] = field(default_factory=list)

    @property
    def eraser(self) -> Eraser:
        """Forgets callers."""
        spool = self.access.spool
        return Eraser(self.record.engine, self.record.seals, self.sounds, spool)

    def keeper(self, **days: int | None) -> Expiry:
        """Deletes by age."""
        retention = Retention.model_validate(days)
        return Expiry(
            self.record.engine, self.eraser, self.sounds, retention, clock=lambda: self.now
        )

    async def add(
        self, call_id: str, caller: str, *, ended: bool = True, ended_at: float = 1e9
    ) -> None:
        """A call with words, arguments, a write, a promise, a recording and a report."""
        keyring = SettingsKeyring(self.access.key_bytes)
        journal = begin(self.access.spool, keyring, call_id, room=Room(self.access.spool, 10**7))
        sealed = seals_of(self.access.key_bytes, journal.key)
        async with open_record(self.access, call=journal.key) as record:
            journal.write("started", profile="acme", caller=caller, sip_call_id="s", at=ended_at)
            journal.write("turn", speaker="caller", text="zebra pyjamas please")
            journal.write(
                "tool", tool="t", outcome="ok", duration_ms=1, arguments={"o": "order-7788"}
            )
            journal.write("recording", name=f"{call_id}.opus", began_at=ended_at)
            journal.write("recorded", sha256="00", bytes=1, seconds=1.0)
            begun = await record.ledger.intend(wish(call_id))
            assert isinstance(begun, Begun)
            await record.ledger.end(begun.key, "ok", result={"said": "zebra pyjamas"})
            words = {"number": caller, "about": "zebra pyjamas"}
            await record.follow_ups.open(call_id=call_id, kind="callback", words=words)
            if ended:
                journal.write("ended", outcome="completed", at=ended_at)
            await file_entries(record.engine, journal, sealed.records, alive=not ended)
        self.sounds.kept.add(f"{call_id}.opus")
        if ended:
            journal.remove()
        else:
            self.going_on.append(journal)
        await write_product(
            self.record.engine,
            self.record.seals.records,
            self.folder / f"{call_id}.html",
            b"zebra pyjamas 5550001111",
            kind="report",
            calls=[call_id],
            who="tests",
        )

    def begun(self, call_id: str, caller: str) -> Journal:
        """A call that lies in the spool alone."""
        keyring, room = SettingsKeyring(self.access.key_bytes), Room(self.access.spool, 10**7)
        journal = begin(self.access.spool, keyring, call_id, room=room)
        journal.write("started", profile="acme", caller=caller, sip_call_id="s")
        journal.write("turn", speaker="caller", text="zebra pyjamas please")
        return journal

    async def call(self, call_id: str) -> CallView | None:
        """As it is read."""
        return await self.record.reader.call(call_id)

    def found(self) -> Iterator[str]:
        """Every planted value that stands anywhere below the folder, in clear."""
        for place, _, files in os.walk(self.folder):
            for name in files:
                content = (Path(place) / name).read_bytes()
                yield from (f"{v} in {name}" for v in PLANTED if v.encode() in content)

    async def raw(self, value: bytes) -> bool:
        """Whether the database has these bytes somewhere, in a row or in a file of its own."""
        async with self.record.engine.connect() as connection:
            for table in schema.metadata.sorted_tables:
                for row in (await connection.execute(select(table))).all():
                    if any(isinstance(cell, bytes) and value in cell for cell in row):
                        return True
        url = make_url(self.access.url)
        if url.get_backend_name() == "sqlite":
            file = Path(url.database or "")
            pages = [file, file.with_name(f"{file.name}-wal")]
            return any(value in page.read_bytes() for page in pages if page.exists())
        return False


def journal_in(archive: Archive, call_id: str) -> Path:
    """Where a call's journal is, or was."""
    return archive.access.spool / call_id / JOURNAL


def wish(call_id: str) -> Intent:
    """A write that the caller asked for."""
    return Intent(
        call_id=call_id, tool="cancel_order", subject=call_id,
        arguments={"order": "order-7788"}, deadline_s=1, once_s=1e9,
    )  # fmt: skip


@pytest_asyncio.fixture(name="archive")
async def _archive(access: RecordsAccess, tmp_path: Path) -> AsyncIterator[Archive]:
    access = access.model_copy(update={"spool": tmp_path / "spool"})
    await upgrade(access)
    async with open_record(access) as record:
        archive = Archive(tmp_path, access, record, FakeSounds())
        await archive.add("c1", CALLER)
        await archive.add("c2", CALLER)
        await archive.add("c3", OTHER)
        yield archive
        for journal in archive.going_on:
            journal.close()


async def test_nothing_of_a_forgotten_caller_is_left(archive: Archive) -> None:
    """Rows, keys, sound, files: of their calls, and of nobody else's."""
    (archive.folder / "c3.html").unlink()
    assert list(archive.found())
    async with archive.record.engine.connect() as connection:
        keys = schema.call_keys.c
        of_c1 = select(keys.wrapped).where(keys.call_id == "c1")
        wrapped: bytes = (await connection.execute(of_c1)).scalar_one()
    assert await archive.raw(wrapped)
    erased = await archive.eraser.erase_caller(CALLER, who="officer")

    assert (erased.calls, erased.files, erased.whole) == (2, 2, True)
    assert list(archive.found()) == []
    assert not await archive.raw(wrapped)
    assert archive.sounds.kept == {"c3.opus"}
    call, other = await archive.call("c1"), await archive.call("c3")
    assert call is not None
    assert (call.caller, call.turns, call.recording, call.sip_call_id) == (None, [], None, "")
    assert all(use.arguments == {} for use in call.tools)
    assert call.erased_at is not None
    assert (call.outcome, len(call.tools)) == (CallOutcome.COMPLETED, 2)
    assert other is not None
    assert other.turns[0].text == "zebra pyjamas please"
    assert [f.words for f in await archive.record.follow_ups.all(done=True)] == [
        *(None, None),
        {"number": OTHER, "about": "zebra pyjamas"},
    ]


async def test_whoever_is_forgotten_is_found_no_more(archive: Archive) -> None:
    """Also not by the digest of their number; a second wish finds nothing to do."""
    await archive.eraser.erase_caller(CALLER, who="officer")

    assert (await archive.eraser.erase_caller(CALLER, who="officer")).calls == 0


async def test_that_it_was_done_is_known_and_cannot_be_denied(archive: Archive) -> None:
    """The audit has a line for it, without the caller, that nobody alters unseen."""
    await archive.eraser.erase_caller(CALLER, who="officer")
    engine, seal = archive.record.engine, archive.record.seals.records
    last = (await read(engine))[-1]

    assert (last.who, last.did) == ("officer", "erase")
    assert "2 calls, 2 files" in last.what
    assert "5550001111" not in last.what
    assert await first_broken(engine, seal) is None
    async with engine.begin() as connection:
        altered = update(schema.audit).where(schema.audit.c.number == 1)
        await connection.execute(altered.values(who="nobody"))
    assert await first_broken(engine, seal) == 1


async def test_a_call_that_goes_on_is_told_and_left(archive: Archive) -> None:
    """Its job would write on; whoever asked hears of it."""
    await archive.add("c4", CALLER, ended=False)
    erased = await archive.eraser.erase_caller(CALLER, who="officer")

    assert (erased.calls, erased.in_progress, erased.whole) == (2, ["c4"], False)
    call = await archive.call("c4")
    assert call is not None
    assert call.caller == CALLER


async def test_a_storage_that_is_away_is_made_up_for(archive: Archive) -> None:
    """The sound cannot be opened any more, and is deleted once it can be reached."""
    archive.sounds.away = True
    erased = await archive.eraser.erase_caller(CALLER, who="officer")
    assert (erased.sounds_left, erased.whole) == (2, False)
    archive.sounds.away = False

    assert await archive.eraser.delete_sounds() == 0
    assert archive.sounds.kept == {"c3.opus"}


async def test_a_file_that_cannot_be_deleted_holds_up_nothing_else(archive: Archive) -> None:
    """Words, keys and sound go, the audit has its line, and whoever asked hears of the file."""
    file = archive.folder / "c1.html"
    file.unlink()
    file.mkdir()
    erased = await archive.eraser.erase_caller(CALLER, who="officer")

    assert (erased.calls, erased.files, erased.whole) == (2, 1, False)
    assert [left.startswith(str(file)) for left in erased.files_left] == [True]
    assert archive.sounds.kept == {"c3.opus"}
    assert (await read(archive.record.engine))[-1].did == "erase"
    file.rmdir()
    await archive.eraser.delete_files()
    assert await archive.eraser.erase(["c1"], why="wish", who="officer") == Erased(calls=1)


async def test_a_file_on_another_machine_is_told_and_waits_for_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That there is none of that name here says nothing."""
    monkeypatch.setattr("records.erasing.here", lambda: "elsewhere")
    erased = await archive.eraser.erase_caller(CALLER, who="officer")
    assert (erased.files, len(erased.files_left)) == (0, 2)
    assert (archive.folder / "c1.html").exists()
    monkeypatch.undo()
    archive.now = 1e9 + DAY_S

    await archive.keeper().retain()
    assert not (archive.folder / "c1.html").exists()
    assert list(archive.found()) == ["zebra pyjamas in c3.html", "5550001111 in c3.html"]


async def test_what_would_be_no_file_is_not_noted(archive: Archive) -> None:
    """A folder in its place, or none to put it in: an erasure would find it later."""
    for path in (archive.folder, archive.folder / "nowhere" / "c1.html"):
        with pytest.raises(OSError, match="irectory"):
            await write_product(
                archive.record.engine, archive.record.seals.records, path, b"",
                kind="report", calls=["c3"], who="tests",
            )  # fmt: skip
    erased = await archive.eraser.erase(["c3"], why="wish", who="officer")
    assert (erased.files, erased.files_left) == (1, [])


async def test_a_disk_that_does_not_let_go_of_a_recording_is_as_a_storage_that_is_away(
    tmp_path: Path,
) -> None:
    """It is told and tried again, and holds up nothing else of an erasure."""
    storage = open_storage(RecordingStorage(url=str(tmp_path / "recordings")))
    sounds, file = KeptSounds(storage, tmp_path), tmp_path / f"{name_of('c1')}{WHOLE}"
    file.mkdir()
    assert not await sounds.delete("c1", name_of("c1"))
    file.rmdir()

    assert await sounds.delete("c1", name_of("c1"))


async def test_a_write_in_doubt_is_still_found_by_its_key(archive: Archive) -> None:
    """What became of it must be found out, for the office's sake; what it said is gone."""
    intent = wish("c1")
    intent = Intent(**{**vars(intent), "subject": "in doubt"})
    begun = await archive.record.ledger.intend(intent)
    assert isinstance(begun, Begun)
    await archive.record.ledger.end(begun.key, "unknown")
    await archive.eraser.erase_caller(CALLER, who="officer")

    assert isinstance(await archive.record.ledger.look(intent), InDoubt)
    assert await archive.record.ledger.end(begun.key, "ok", "found_done", {"said": "zebra pyjamas"})
    call = await archive.call("c1")
    assert call is not None
    assert [use.arguments for use in call.tools] == [{}, {}, {}]


async def test_what_a_dead_job_left_is_taken_too(archive: Archive) -> None:
    """A journal that was filed and could not be removed is still on the disk, with its key."""
    left = archive.access.spool / "c1" / JOURNAL
    left.parent.mkdir(parents=True)
    left.write_bytes(b"\0\0\0\1x")
    await archive.eraser.erase_caller(CALLER, who="officer")

    assert not left.parent.exists()


async def test_a_call_that_the_database_never_saw_is_forgotten_too(archive: Archive) -> None:
    """Its job died while the database was down: only this machine's spool knows of it."""
    journal = archive.begun("unfiled", CALLER)
    other = archive.begun("not theirs", OTHER)
    journal.close()
    other.close()
    erased = await archive.eraser.erase_caller(CALLER, who="officer")

    assert (erased.calls, erased.whole) == (3, True)
    assert not journal_in(archive, "unfiled").exists()
    assert journal_in(archive, "not theirs").exists()
    call = await archive.call("unfiled")
    assert call is not None
    assert (call.outcome, call.caller, call.turns) == (CallOutcome.LOST, None, [])


async def test_a_call_that_the_database_does_not_see_yet_is_told(archive: Archive) -> None:
    """It goes on, with the database down when it began."""
    archive.going_on.append(archive.begun("unfiled", CALLER))

    assert (await archive.eraser.erase_caller(CALLER, who="officer")).in_progress == ["unfiled"]


async def test_each_class_goes_at_its_own_age(archive: Archive) -> None:
    """Sound first, then words, then facts; what is younger stays."""
    archive.now = 1e9 + 10 * DAY_S
    await archive.add("young", OTHER, ended_at=archive.now - DAY_S)
    await archive.add("going on", OTHER, ended=False)
    assert await archive.keeper(sound_days=20, words_days=20).retain() == {
        Class.SOUND: 0, Class.WORDS: 0, Class.FACTS: 0,
    }  # fmt: skip
    found = await archive.keeper(sound_days=5, words_days=20, facts_days=30).retain()
    assert (found[Class.SOUND], found[Class.WORDS], found[Class.FACTS]) == (3, 0, 0)
    found = await archive.keeper(sound_days=5, words_days=9, facts_days=30).retain()
    assert (found[Class.SOUND], found[Class.WORDS], found[Class.FACTS]) == (0, 3, 0)
    found = await archive.keeper(sound_days=5, words_days=9, facts_days=9).retain()

    assert found[Class.FACTS] == 3
    assert [await archive.call(c) for c in ("c1", "c2", "c3")] == [None] * 3
    young = await archive.call("young")
    assert young is not None
    assert young.turns
    assert archive.sounds.kept == {"young.opus", "going on.opus"}


async def test_for_ever_is_for_ever(archive: Archive) -> None:
    """An age that is not set deletes nothing."""
    found = await archive.keeper(sound_days=None, words_days=None, facts_days=None).retain()

    assert sum(found.values()) == 0
