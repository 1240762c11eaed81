"""Where recordings are kept for good: a folder, or storage that speaks S3.

Reached through obstore, which does both. Used by `records.recording.backlog`, and by whoever plays
or erases a recording. Names are those of `records.recording.files.name_of`; what is stored is
sealed already. Nothing counts as stored before it was read back and has the right checksum.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from records.settings import RecordingStorage

if TYPE_CHECKING:
    from obstore.store import S3Config

# The library's own tries, within the timeout of a transfer; after them the backlog waits longer.
_RETRIES = 2


class StorageAway(Exception):
    """The storage cannot be reached, refuses us, or does not keep what it is given."""


class NotStored(Exception):
    """The storage has no recording of that name."""


class Storage(Protocol):
    """What keeps recordings. All of it raises StorageAway."""

    async def put(self, name: str, file: Path, sha256: str) -> None:
        """Store `file` under `name`, in the place of what is there; returns once it is right."""

    async def get(self, name: str) -> bytes:
        """A recording as it was stored. Raises NotStored."""

    async def delete(self, name: str) -> None:
        """Have no recording of that name; there may be none before."""

    def names(self) -> AsyncIterator[str]:
        """Everything that is stored."""


def open_storage(settings: RecordingStorage) -> Storage:
    """The storage that the settings name; it is not reached yet.

    Raises:
        StorageAway: the folder cannot be made, or the address is none.
    """
    with _told(f"check FRONTDESK_RECORDINGS_URL={settings.url}"):
        if settings.url.startswith("s3://"):
            return _Objects(_s3(settings), settings)
        folder = Path(settings.url).resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _Objects(LocalStore(folder), settings, folder)


def _s3(settings: RecordingStorage) -> S3Store:
    secret = settings.secret_access_key
    given = {
        "endpoint": settings.endpoint,
        "region": settings.region,
        "access_key_id": settings.access_key_id,
        "secret_access_key": secret and secret.get_secret_value(),
    }
    timeout = timedelta(seconds=settings.transfer_timeout_s)
    return S3Store.from_url(
        settings.url,
        config=cast("S3Config", {key: value for key, value in given.items() if value}),
        client_options={
            "connect_timeout": timedelta(seconds=settings.connect_timeout_s),
            "timeout": timeout,
            # Only where the operator wrote http: a storage on this machine or in this cluster.
            "allow_http": (settings.endpoint or "").startswith("http://"),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": timeout},
    )


class _Objects:
    def __init__(
        self, store: LocalStore | S3Store, settings: RecordingStorage, folder: Path | None = None
    ) -> None:
        self._store, self._folder = store, folder
        self._timeout_s = settings.transfer_timeout_s
        self._fix = (
            "check that the folder FRONTDESK_RECORDINGS_URL can be written and has room"
            if folder
            else "check FRONTDESK_RECORDINGS_URL, its endpoint and keys, and that the bucket exists"
        )

    async def put(self, name: str, file: Path, sha256: str) -> None:
        try:
            with _told(self._fix):
                async with asyncio.timeout(self._timeout_s):
                    found = await self._put_and_read(name, file)
        except NotStored as error:
            raise StorageAway(f"the storage does not keep what it is given; {self._fix}") from error
        if found != sha256:
            raise StorageAway(
                f"the storage gave back something else than it was given; {self._fix}"
            )

    async def _put_and_read(self, name: str, file: Path) -> str:
        await self._is_there()
        await obstore.put_async(self._store, name, file)
        if self._folder:
            await asyncio.to_thread(_on_disk, self._folder / name)
        found = hashlib.sha256()
        async for part in (await obstore.get_async(self._store, name)).stream():
            found.update(part)
        return found.hexdigest()

    async def get(self, name: str) -> bytes:
        with _told(self._fix):
            async with asyncio.timeout(self._timeout_s):
                return bytes(await (await obstore.get_async(self._store, name)).bytes_async())

    async def delete(self, name: str) -> None:
        try:
            with _told(self._fix):
                async with asyncio.timeout(self._timeout_s):
                    await self._is_there()
                    await obstore.delete_async(self._store, name)
        except NotStored:
            return

    async def names(self) -> AsyncIterator[str]:
        with _told(self._fix):
            await self._is_there()
            listed = obstore.list(self._store)
            while True:
                async with asyncio.timeout(self._timeout_s):
                    page = await anext(aiter(listed), None)
                if page is None:
                    return
                for found in page:
                    yield found["path"]

    async def _is_there(self) -> None:
        """Of a folder whose disk is away nothing is stored, deleted or told to be gone.

        The library would make a new one in its place, or find nothing in it to delete.
        """
        if self._folder and not await asyncio.to_thread(self._folder.is_dir):
            raise NotADirectoryError("the folder is not there")


@contextmanager
def _told(fix: str) -> Iterator[None]:
    """What the library raises, as what the operator can do about it."""
    try:
        yield
    except TimeoutError as error:
        raise StorageAway(f"the storage of recordings does not answer; {fix}") from error
    except FileNotFoundError as error:
        raise NotStored("there is no such recording") from error
    except (BaseError, OSError, ValueError) as error:
        raise StorageAway(f"the storage of recordings is away: {_reason(error)}; {fix}") from error


def _reason(error: Exception) -> str:
    """Its kind, and no more of it than one line: the rest is the library's inner life."""
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}, {first[0]}" if first else type(error).__name__


def _on_disk(file: Path) -> None:
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
