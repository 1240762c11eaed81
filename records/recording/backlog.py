"""Takes recordings from this machine's disk into storage, for as long as that takes.

Runs in the worker's parent. Nothing is deleted here before the storage has it with the right
checksum and whoever keeps the record knows it. What the disk holds is bounded at its other end: a
job begins no recording while too much waits (`records.recording.writing`).
"""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog

from records.ledger import NotKept
from records.recording.files import CUT, PART, WHOLE, bytes_waiting, locked, name_of, waiting
from records.recording.sealed import is_whole
from records.recording.storage import Storage, StorageAway

# A recording is stored within so long after its call.
LOOK_EVERY_S = 5.0
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0

log = structlog.get_logger(__name__)


class Stored(NamedTuple):
    """A recording that the storage has now."""

    name: str
    bytes: int
    sha256: str
    whole: bool
    """False: its job was killed, and the recording has no end."""
    stored_at: float
    """Seconds since 1970."""


@dataclass
class Round:
    """What one round has done. `stored` and `failed` are to be counted."""

    stored: int = 0
    failed: int = 0
    waiting_bytes: int | None = None
    """What is left to do. None: the disk cannot be read."""


class Backlog:
    """The recordings in `folder` on their way. `keep` writes into the record that one is stored.

    A recording is deleted here once `keep` has returned; after NotKept it is stored once more.
    """

    def __init__(
        self, folder: Path, storage: Storage, *, keep: Callable[[Stored], Awaitable[None]]
    ) -> None:
        self._folder, self._storage, self._keep = folder, storage, keep

    async def run(
        self,
        on_round: Callable[[Round], None],
        *,
        look_every_s: float = LOOK_EVERY_S,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        """Round after round, for ever; after a failure each wait is twice the one before."""
        wait_s = first_wait_s
        while True:
            done = await self.round()
            on_round(done)
            if done.failed:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                wait_s = first_wait_s
                await asyncio.sleep(look_every_s)

    async def round(self) -> Round:
        """Store what can be stored, oldest first; the first failure ends the round."""
        done = Round()
        try:
            await asyncio.to_thread(close_orphans, self._folder)
            for file in await asyncio.to_thread(waiting, self._folder):
                if file.suffix != PART:
                    done.stored += await self._store(file)
        except StorageAway as error:
            done.failed = 1
            log.error("recordings wait on this machine", error=str(error))  # noqa: TRY400
        except NotKept as error:
            done.failed = 1
            log.warning("a recording is stored, its record does not know it yet", error=str(error))
        except OSError as error:
            done.failed = 1
            log.error(  # noqa: TRY400 - the operator needs the sentence
                "recordings cannot be read: check the disk of FRONTDESK_RECORDINGS_WAITING",
                error=error.strerror or str(error),
            )
        with contextlib.suppress(OSError):
            done.waiting_bytes = await asyncio.to_thread(bytes_waiting, self._folder)
        return done

    async def _store(self, file: Path) -> bool:
        with locked(file) as ours:
            if not ours:
                return False
            size, sha256 = await asyncio.to_thread(_checksum, file)
            await self._storage.put(file.stem, file, sha256)
            whole = file.suffix == WHOLE
            await self._keep(Stored(file.stem, size, sha256, whole, stored_at=time.time()))
            await asyncio.to_thread(file.unlink)
            return True


def close_orphans(folder: Path) -> int:
    """Give up the recordings of dead jobs as they are, to be stored; how many there were.

    Raises:
        OSError: the folder cannot be read or written.
    """
    found = 0
    for file in waiting(folder):
        if file.suffix == PART:
            with locked(file) as ours:
                if ours:
                    # A job may die between the end and the new name.
                    file.rename(file.with_suffix(WHOLE if is_whole(file) else CUT))
                    found += 1
    return found


def forget(folder: Path, call_id: str) -> bool:
    """Delete what waits of a call that is erased, also while it is written; whether there was any.

    Raises:
        OSError: it cannot be deleted.
    """
    found = [folder / f"{name_of(call_id)}{suffix}" for suffix in (PART, WHOLE, CUT)]
    there = [file for file in found if file.exists()]
    for file in there:
        file.unlink(missing_ok=True)
    return bool(there)


def _checksum(file: Path) -> tuple[int, str]:
    with file.open("rb") as sealed:
        return file.stat().st_size, hashlib.file_digest(sealed, "sha256").hexdigest()
