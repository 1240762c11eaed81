"""Both kinds of storage keep what they are given, and say so when they do not."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from records.recording.storage import NotStored, Storage, StorageAway, open_storage
from records.settings import RecordingStorage
from tests.integration.recording.s3 import S3

NAME = "20261125T101500-0badcafe.opus.sealed"
SOUND = bytes(range(256)) * 400


def checksum(data: bytes) -> str:
    """What the record keeps of it."""
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A recording on this machine's disk."""
    file = tmp_path / "file"
    file.write_bytes(SOUND)
    return file


async def names(storage: Storage) -> list[str]:
    """Everything in it."""
    return [name async for name in storage.names()]


async def test_what_was_put_is_got(storage: Storage, file: Path) -> None:
    """Byte by byte, and found by name."""
    await storage.put(NAME, file, checksum(SOUND))

    assert await storage.get(NAME) == SOUND
    assert await names(storage) == [NAME]


async def test_putting_twice_is_putting_once(storage: Storage, file: Path) -> None:
    """A parent that died after it had stored one stores it again."""
    await storage.put(NAME, file, checksum(SOUND))
    await storage.put(NAME, file, checksum(SOUND))
    assert await names(storage) == [NAME]


async def test_another_checksum_is_noticed(storage: Storage, file: Path) -> None:
    """What the storage gives back must be what the job had written."""
    with pytest.raises(StorageAway, match="something else"):
        await storage.put(NAME, file, checksum(b"what was written"))


async def test_what_was_deleted_is_gone(storage: Storage, file: Path) -> None:
    """Also if it was gone before: erasure may be asked for twice."""
    await storage.put(NAME, file, checksum(SOUND))
    await storage.delete(NAME)
    await storage.delete(NAME)

    assert await names(storage) == []
    with pytest.raises(NotStored):
        await storage.get(NAME)


async def test_a_recording_of_many_megabytes_arrives_whole(storage: Storage, file: Path) -> None:
    """It is sent in parts."""
    sound = SOUND * 120
    await asyncio.to_thread(file.write_bytes, sound)
    await storage.put(NAME, file, checksum(sound))
    assert checksum(await storage.get(NAME)) == checksum(sound)


async def test_a_folder_lets_in_its_owner_alone(tmp_path: Path) -> None:
    """Sealed or not."""
    open_storage(RecordingStorage(url=str(tmp_path / "one" / "recordings")))
    assert (tmp_path / "one" / "recordings").stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With the setting that names it."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageAway, match="FRONTDESK_RECORDINGS_URL"):
        open_storage(RecordingStorage(url=str(tmp_path / "file" / "recordings")))


async def test_a_folder_that_is_away_is_not_made_anew(tmp_path: Path, file: Path) -> None:
    """Its disk is not mounted: what is put in its place is lost, what is in it is not deleted."""
    storage = open_storage(RecordingStorage(url=str(tmp_path / "recordings")))
    away = (tmp_path / "recordings").rename(tmp_path / "away")
    for asked in (storage.put(NAME, file, checksum(SOUND)), storage.delete(NAME), names(storage)):
        with pytest.raises(StorageAway, match="FRONTDESK_RECORDINGS_URL"):
            await asked
    assert not (tmp_path / "recordings").exists()
    away.rename(tmp_path / "recordings")
    await storage.put(NAME, file, checksum(SOUND))

    assert await names(storage) == [NAME]


async def test_a_server_that_is_away_is_told_with_the_fix(s3: S3, file: Path) -> None:
    """Within its timeouts, and without its secret."""
    storage = open_storage(s3.settings())
    s3.stop()
    with pytest.raises(StorageAway, match="FRONTDESK_RECORDINGS_URL") as told:
        await storage.put(NAME, file, checksum(SOUND))
    assert "not-a-secret" not in str(told.value)


async def test_a_bucket_that_is_not_there_is_told(s3: S3, file: Path) -> None:
    """It is no missing recording but a storage that keeps nothing."""
    storage = open_storage(s3.settings(url="s3://nowhere/calls"))
    with pytest.raises(StorageAway, match="bucket"):
        await storage.put(NAME, file, checksum(SOUND))
