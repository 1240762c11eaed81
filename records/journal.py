"""The journal of a call: one sealed entry for each thing that happened, written as it happens.

A job that is killed leaves everything up to its last moment on the worker's disk, and whoever comes
next goes on from there. The database gets the entries a moment behind the call, or once it is there
again (`records.filing`). Nothing on the disk can be read without the key of the record.
"""

import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.keyring import CallKey, Keyring, known_key, new_key
from records.sealing import Unreadable
from records.spool import Room, SpoolFile, read_frames

JOURNAL = "journal.sealed"
# What neither disk nor database takes is kept in memory until then.
MOST_WAITING = 5000


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `at`: seconds since 1970; `number` counts a call's from 0."""

    number: int
    kind: str
    at: float
    fields: dict[str, Any]


class Journal:
    """The entries of one call, on their way from the call to the disk and to the database.

    `lost` counts those that are nowhere any more: no disk took them, and more were waiting for the
    database than are kept in memory.
    """

    def __init__(
        self,
        key: CallKey,
        file: SpoolFile | None,
        entries: Sequence[Entry] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self.lost = 0
        self.waiting = list(entries)
        """What nobody has filed yet, oldest first."""
        self.only_on_disk = 0
        """Entries that did not fit into `waiting`: whoever adopts the journal files them."""
        self.on_entry: Callable[[], None] = lambda: None
        self._file, self._clock = file, clock
        self._next = entries[-1].number + 1 if entries else 0

    @property
    def call_id(self) -> str:
        """Whose journal it is."""
        return self.key.call_id

    def write(self, kind: str, *, at: float | None = None, **fields: Any) -> int:
        """Note one thing that happened; `fields` as JSON has them. Its number in this journal."""
        entry = Entry(self._next, kind, self._clock() if at is None else at, fields)
        self._next += 1
        on_disk = self._file is not None and self._file.append(_sealed(self.key, entry))
        if len(self.waiting) < MOST_WAITING:
            self.waiting.append(entry)
        elif on_disk:
            self.only_on_disk += 1
        else:
            self.lost += 1
        self.on_entry()
        return entry.number

    def filed(self, entries: int) -> None:
        """The first `entries` of `waiting` are in the database."""
        del self.waiting[:entries]

    def close(self) -> None:
        """Nothing more is written. What was not filed stays on the disk for whoever adopts it."""
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """Everything is filed: leave nothing on this machine; closes."""
        if self._file is not None:
            self._file.remove()


def begin(
    folder: Path,
    keyring: Keyring,
    call_id: str,
    *,
    room: Room,
    clock: Callable[[], float] = time.time,
) -> Journal:
    """The journal of a call that begins, in a folder of its own in `folder`."""
    key = new_key(keyring, call_id)
    try:
        file = SpoolFile.begin(folder / call_id / JOURNAL, room.take)
    except OSError:
        # The database may take everything all the same.
        return Journal(key, None, clock=clock)
    file.append(_header(key))
    return Journal(key, file, clock=clock)


def adopt(folder: Path, keyring: Keyring, clock: Callable[[], float] = time.time) -> Journal:
    """The journal in a call's `folder` whose job is dead, to go on with; all of it is `waiting`.

    Raises:
        Busy: its job lives, or somebody else goes on with it.
        Unreadable: it was sealed with another key, or has no beginning.
        OSError: it is not there, or cannot be read.
    """
    file, frames = SpoolFile.adopt(folder / JOURNAL)
    try:
        key, entries = _opened(frames, keyring)
    except (Unreadable, ValueError, KeyError) as error:
        file.close()
        raise Unreadable(str(error)) from error
    return Journal(key, file, entries, clock)


def read_journal(folder: Path, keyring: Keyring) -> list[Entry]:
    """What a call's `folder` holds so far, also while it is being written.

    Raises:
        Unreadable, OSError: see `adopt`.
    """
    return _opened(read_frames(folder / JOURNAL)[0], keyring)[1]


def _header(key: CallKey) -> bytes:
    wrapped = base64.b64encode(key.wrapped).decode()
    return json.dumps({"call_id": key.call_id, "key": wrapped}).encode()


def _sealed(key: CallKey, entry: Entry) -> bytes:
    value = {"kind": entry.kind, "at": entry.at, "fields": entry.fields}
    number = entry.number.to_bytes(4, "big")
    return number + key.seal.seal(value, place=_place(key.call_id, entry.number))


def _opened(frames: Sequence[bytes], keyring: Keyring) -> tuple[CallKey, list[Entry]]:
    if not frames:
        raise Unreadable("the journal has no beginning")
    header = json.loads(frames[0])
    key = known_key(keyring, header["call_id"], base64.b64decode(header["key"]))
    entries = []
    for frame in frames[1:]:
        number = int.from_bytes(frame[:4], "big")
        value = key.seal.open(frame[4:], place=_place(key.call_id, number))
        entries.append(Entry(number, value["kind"], value["at"], value["fields"]))
    return key, entries


def _place(call_id: str, number: int) -> str:
    return f"{call_id} entry {number}"
