"""The record as a person at a terminal has it open: with its sound, and with who they are.

For `python -m records`. Whatever is wrong comes out as one sentence that names the fix.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from records import audit
from records.call_keys import wrapped_of
from records.erasing import Eraser
from records.keyring import known_key
from records.opened import Record, open_record
from records.products import Kind, write_product
from records.recording.storage import StorageAway, open_storage
from records.retention import Expiry
from records.sealing import Unreadable
from records.settings import RecordingStorage, RecordsAccess, Retention
from records.sounds import KeptSounds, NoSound
from records.store import look
from records.view import CallView


@dataclass(frozen=True)
class Desk:
    """What the commands work on. All methods may raise `records.ledger.NotKept`."""

    record: Record
    sounds: KeptSounds
    eraser: Eraser
    expiry: Expiry
    who: str

    async def sound(self, call: CallView) -> bytes:
        """The recording of a call as Ogg Opus.

        Raises:
            NoSound: there is none, or it cannot be had; the message says why.
        """
        if call.erased_at is not None:
            raise NoSound("the call was erased")
        if call.recording is None:
            raise NoSound("the call was not recorded")
        call_id = call.call_id
        wrapped = await look(self.record.engine, lambda c: wrapped_of(c, call_id))
        try:
            key = known_key(self.record.seals.keyring, call_id, wrapped or b"")
        except Unreadable as error:
            raise NoSound(str(error)) from error
        return await self.sounds.get(call.recording.name, key.key, call_id)

    async def looked(self, did: str, what: str) -> None:
        """Note in the audit that somebody looked at something."""
        seal = self.record.seals.records
        await audit.audited(
            self.record.engine, seal, audit.nothing, who=self.who, did=did, what=what
        )

    async def write(self, file: Path, content: bytes, kind: Kind, calls: list[str]) -> None:
        """Write a file that tells of calls; see `records.products`."""
        seal = self.record.seals.records
        await write_product(
            self.record.engine, seal, file, content, kind=kind, calls=calls, who=self.who
        )


@asynccontextmanager
async def open_desk(
    access: RecordsAccess, storage: RecordingStorage, retention: Retention, *, who: str
) -> AsyncIterator[Desk]:
    """The record of `access`, which must be ours.

    Raises:
        NotKept: it belongs to another key, or is out of order.
        StorageAway: the storage of recordings cannot be set up.
    """
    sounds = KeptSounds(open_storage(storage), storage.waiting)
    async with open_record(access, own=True) as record:
        eraser = Eraser(record.engine, record.seals, sounds, access.spool)
        expiry = Expiry(record.engine, eraser, sounds, retention)
        yield Desk(record, sounds, eraser, expiry, who)


__all__ = ["Desk", "StorageAway", "open_desk"]
