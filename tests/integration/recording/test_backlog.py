"""Recordings reach the storage, however long it is away, and none is deleted before."""

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from records.ledger import NotKept
from records.recording.backlog import Backlog, Round, Stored, close_orphans, forget
from records.recording.files import CUT, PART, WHOLE, bytes_waiting, name_of, waiting
from records.recording.sealed import SealedWriter
from records.recording.storage import Storage, StorageAway, open_storage
from tests.integration.recording.s3 import S3

KEY = bytes(range(32))
SOON_S = 0.02
PATIENCE_S = 30.0


class Record:
    """What the record of calls is told."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self.out_of_order = False

    async def keep(self, stored: Stored) -> None:
        """Write it down, unless the database is out of order."""
        if self.out_of_order:
            raise NotKept("the database is away")
        self.stored.append(stored)


class Altering:
    """Loses the last byte of everything on its way to a storage."""

    def __init__(self, storage: Storage) -> None:
        self.get, self.delete, self.names = storage.get, storage.delete, storage.names
        self._storage = storage

    async def put(self, name: str, file: Path, sha256: str) -> None:
        """Store something else."""
        shorter = file.with_name("shorter")
        await asyncio.to_thread(shutil.copy, file, shorter)
        os.truncate(shorter, shorter.stat().st_size - 1)
        await self._storage.put(name, shorter, sha256)


@pytest.fixture
def record() -> Record:
    """A record that knows of nothing yet."""
    return Record()


def recorded(folder: Path, call_id: str, *, closed: bool = True) -> Path:
    """A recording that a job has left."""
    part = folder / f"{name_of(call_id)}{PART}"
    writer = SealedWriter(part, KEY, call_id)
    writer.write(b"sound of " + call_id.encode())
    if not closed:
        writer.abandon()
        return part
    writer.close()
    return part.rename(part.with_suffix(WHOLE))


async def test_a_recording_moves_into_the_storage(
    storage: Storage, waiting_folder: Path, record: Record
) -> None:
    """With the checksum that it had here, and then it is gone from here."""
    sound = recorded(waiting_folder, "one").read_bytes()
    done = await Backlog(waiting_folder, storage, keep=record.keep).round()

    assert await storage.get(name_of("one")) == sound
    (stored,) = record.stored
    assert stored.sha256 == hashlib.sha256(sound).hexdigest()
    assert (stored.name, stored.bytes, stored.whole) == (name_of("one"), len(sound), True)
    assert done == Round(stored=1, failed=0, waiting_bytes=0)
    assert waiting(waiting_folder) == []


async def test_a_storage_that_comes_back_gets_everything(
    s3: S3, tmp_path: Path, waiting_folder: Path, record: Record
) -> None:
    """While it is away recordings wait; each failure is told; none is lost or stored twice."""
    for number in range(3):
        recorded(waiting_folder, f"call-{number}")
    rounds: asyncio.Queue[Round] = asyncio.Queue()
    storage = open_storage(s3.settings(url=f"s3://sound/{tmp_path.name}", transfer_timeout_s=2.0))
    backlog = Backlog(waiting_folder, storage, keep=record.keep)
    s3.stop()
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        running = group.create_task(
            backlog.run(rounds.put_nowait, look_every_s=SOON_S, first_wait_s=SOON_S)
        )
        away = await rounds.get()
        assert (away.stored, away.failed) == (0, 1)
        assert away.waiting_bytes == bytes_waiting(waiting_folder)
        assert away.waiting_bytes
        await asyncio.to_thread(s3.start)
        while (latest := await rounds.get()).waiting_bytes:
            pass
        assert latest.failed == 0
        running.cancel()

    assert sorted(stored.name for stored in record.stored) == [
        name_of(f"call-{number}") for number in range(3)
    ]
    assert sorted([name async for name in storage.names()]) == [s.name for s in record.stored]


async def test_a_record_that_cannot_be_written_keeps_the_recording_here(
    storage: Storage, waiting_folder: Path, record: Record
) -> None:
    """A recording that no record knows would be found by nobody, and erased by nobody."""
    recorded(waiting_folder, "one")
    backlog = Backlog(waiting_folder, storage, keep=record.keep)
    record.out_of_order = True
    assert (await backlog.round()).failed == 1
    assert len(waiting(waiting_folder)) == 1

    record.out_of_order = False
    assert (await backlog.round()).stored == 1
    assert waiting(waiting_folder) == []


async def test_a_storage_that_alters_what_it_gets_does_not_get_rid_of_it_here(
    storage: Storage, waiting_folder: Path, record: Record
) -> None:
    """The file stays until the storage gives back the same."""
    recorded(waiting_folder, "one")

    done = await Backlog(waiting_folder, Altering(storage), keep=record.keep).round()

    assert (done.stored, done.failed, record.stored) == (0, 1, [])
    assert len(waiting(waiting_folder)) == 1


async def test_what_a_killed_job_left_is_stored_as_it_is(
    storage: Storage, waiting_folder: Path, record: Record
) -> None:
    """And the record learns that it has no end."""
    sound = recorded(waiting_folder, "killed", closed=False).read_bytes()
    await Backlog(waiting_folder, storage, keep=record.keep).round()

    assert [stored.whole for stored in record.stored] == [False]
    assert await storage.get(name_of("killed")) == sound


def test_a_recording_that_is_being_written_is_left_alone(waiting_folder: Path) -> None:
    """It is locked by its job, and orphaned only once the job is gone."""
    part = waiting_folder / f"{name_of('live')}{PART}"
    writer = SealedWriter(part, KEY, "live")
    assert close_orphans(waiting_folder) == 0
    writer.abandon()

    assert close_orphans(waiting_folder) == 1
    assert [file.suffix for file in waiting(waiting_folder)] == [CUT]


def test_a_job_that_dies_between_the_end_and_the_name_left_a_whole_one(
    waiting_folder: Path,
) -> None:
    """Whether there is an end is seen in the file."""
    SealedWriter(waiting_folder / f"{name_of('late')}{PART}", KEY, "late").close()
    close_orphans(waiting_folder)
    assert [file.suffix for file in waiting(waiting_folder)] == [WHOLE]


@pytest.mark.parametrize("closed", [True, False])
def test_an_erased_call_leaves_nothing_that_waits(waiting_folder: Path, closed: bool) -> None:
    """Others' recordings stay."""
    recorded(waiting_folder, "erased", closed=closed)
    other = recorded(waiting_folder, "other")

    assert forget(waiting_folder, "erased")
    assert not forget(waiting_folder, "erased")
    assert waiting(waiting_folder) == [other]


async def test_two_parents_of_a_machine_do_not_fight(
    storage: Storage, waiting_folder: Path, record: Record
) -> None:
    """Each recording is told to the record at least once, and no round fails."""
    for number in range(4):
        recorded(waiting_folder, f"call-{number}")
    backlogs = [Backlog(waiting_folder, storage, keep=record.keep) for _ in range(2)]
    async with asyncio.TaskGroup() as group:
        rounds = [group.create_task(backlog.round()) for backlog in backlogs]

    assert sum(round_.result().failed for round_ in rounds) == 0
    assert sorted(stored.name for stored in record.stored) == [
        name_of(f"call-{number}") for number in range(4)
    ]


async def test_a_disk_that_cannot_be_read_is_a_failure_and_not_the_end(
    storage: Storage, tmp_path: Path, record: Record
) -> None:
    """The parent tries again, for ever."""
    (tmp_path / "file").touch()
    done = await Backlog(tmp_path / "file", storage, keep=record.keep).round()
    assert (done.failed, done.waiting_bytes) == (1, None)


async def test_storage_that_is_away_names_itself(s3: S3) -> None:
    """An operator reads which setting to look at."""
    s3.stop()
    with pytest.raises(StorageAway, match="FRONTDESK_RECORDINGS_URL"):
        await open_storage(s3.settings()).get("anything")
