"""The sound of calls wherever it is: in the storage, or on this machine on its way there.

For whoever listens to a call, puts it on a page, or has to destroy it.
"""

import asyncio
import io
from pathlib import Path

from records.recording.backlog import forget
from records.recording.files import CUT, WHOLE
from records.recording.sealed import Altered, Truncated, WrongKey, open_recording
from records.recording.storage import NotStored, Storage, StorageAway


class NoSound(Exception):
    """There is no sound to be had; the message says why."""


class KeptSounds:
    """Recordings in `storage`, and those in `waiting` that have not got there yet."""

    def __init__(self, storage: Storage, waiting: Path) -> None:
        self._storage, self._waiting = storage, waiting

    async def get(self, name: str, key: bytes, call_id: str) -> bytes:
        """A recording as Ogg Opus, stereo.

        Raises:
            NoSound: it is nowhere, its storage is away, or it cannot be opened.
        """
        sealed = await asyncio.to_thread(self._on_this_machine, name)
        if sealed is None:
            try:
                sealed = await self._storage.get(name)
            except NotStored as error:
                raise NoSound("its recording is on another machine, or gone") from error
            except StorageAway as error:
                raise NoSound(str(error)) from error
        return await asyncio.to_thread(_opened, sealed, key, call_id)

    async def delete(self, call_id: str, name: str) -> bool:
        """Have no recording of that name; False if the storage is away, or this machine's disk
        does not let go of it."""
        try:
            await self._storage.delete(name)
            await asyncio.to_thread(forget, self._waiting, call_id)
        except (StorageAway, OSError):
            return False
        return True

    def _on_this_machine(self, name: str) -> bytes | None:
        for suffix in (WHOLE, CUT):
            try:
                return (self._waiting / f"{name}{suffix}").read_bytes()
            except FileNotFoundError:
                continue
        return None


def _opened(sealed: bytes, key: bytes, call_id: str) -> bytes:
    found: list[bytes] = []
    try:
        for part in open_recording(io.BytesIO(sealed), key, call_id):
            found.append(part)  # noqa: PERF402 - what came before an error counts
    except (WrongKey, Altered) as error:
        raise NoSound(str(error)) from error
    except Truncated:
        # Its job was killed: what there is can be heard.
        pass
    return b"".join(found)
