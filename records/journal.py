"""The journal of a call: one sealed entry for each thing that happened, written as it happens.

A job that is killed leaves everything up to its last moment on the worker's disk, and whoever comes
next goes on from there. The database gets the entries a moment behind the call, or once it is there
again (`records.filing`). Nothing on the disk can be read without the key of the record.
"""

import base64
import contextlib
import json
import math
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

    `lost` counts those that are nowhere any more: no disk took them, and the call ended before the
    database did, or more were waiting for it than are kept in memory.

    Args:
        mended: opens the file once more if there was none, or raises OSError.
    """

    def __init__(
        self,
        key: CallKey,
        file: SpoolFile | None,
        entries: Sequence[Entry] = (),
        clock: Callable[[], float] = time.time,
        mended: Callable[[], SpoolFile | None] = lambda: None,
    ) -> None:
        self.key = key
        self.lost = 0
        self.waiting = list(entries)
        """What nobody has filed yet, oldest first, as far as it is in memory."""
        self.on_entry: Callable[[], None] = lambda: None
        self._file, self._clock, self._mended = file, clock, mended
        self._next = entries[-1].number + 1 if entries else 0
        self._on_no_disk: set[int] = set()
        self._on_disk_alone = 0
        self._alone_since = math.inf

    @property
    def call_id(self) -> str:
        """Whose journal it is."""
        return self.key.call_id

    def write(self, kind: str, *, at: float | None = None, **fields: Any) -> int:
        """Note one thing that happened; `fields` as JSON has them. Its number in this journal."""
        entry = Entry(self._next, kind, self._clock() if at is None else at, fields)
        self._next += 1
        on_disk = self._append(entry)
        if len(self.waiting) < MOST_WAITING:
            self.waiting.append(entry)
            if not on_disk:
                self._on_no_disk.add(entry.number)
        elif on_disk:
            self._on_disk_alone += 1
            self._alone_since = min(self._alone_since, entry.at)
        else:
            self.lost += 1
        self.on_entry()
        return entry.number

    @property
    def unfiled(self) -> int:
        """How many entries the database does not have; more than wait if memory was full.

        Those that lie on the disk alone are filed by whoever adopts the journal.
        """
        return len(self.waiting) + self._on_disk_alone

    @property
    def unfiled_since(self) -> float:
        """When the oldest of them was written, seconds since 1970; now if there is none."""
        if not self.unfiled:
            return self._clock()
        return min([self._alone_since, *(entry.at for entry in self.waiting[:1])])

    def filed(self, entries: int) -> None:
        """The first `entries` of `waiting` are in the database."""
        self._on_no_disk.difference_update(entry.number for entry in self.waiting[:entries])
        del self.waiting[:entries]

    def close(self) -> None:
        """Nothing more is written. What was not filed stays on the disk for whoever adopts it.

        What no disk took before is tried once more; then it is lost.
        """
        if self._on_no_disk and self._file is None:
            with contextlib.suppress(OSError):
                self._file = self._mended()
        for entry in self.waiting:
            if entry.number in self._on_no_disk and not self._append(entry):
                self.lost += 1
        self._on_no_disk.clear()
        if self._file is not None:
            self._file.close()

    def remove(self) -> None:
        """Everything is filed: leave nothing on this machine; closes."""
        if self._file is not None:
            self._file.remove()

    def _append(self, entry: Entry) -> bool:
        return self._file is not None and self._file.append(_sealed(self.key, entry))


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

    def opened() -> SpoolFile | None:
        file = SpoolFile.begin(folder / call_id / JOURNAL, room.take)
        if file.append(_header(key)):
            return file
        # Nobody could ever open what came after a beginning that is not there.
        file.remove()
        return None

    file = None
    # The database may take everything all the same.
    with contextlib.suppress(OSError):
        file = opened()
    return Journal(key, file, clock=clock, mended=opened)


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
    # What a full disk took only at the end of the call stands behind what came after it.
    return key, sorted(entries, key=lambda entry: entry.number)


def _place(call_id: str, number: int) -> str:
    return f"{call_id} entry {number}"
