"""Recordings on this machine's disk: how they are named while they are written, and after it.

`NAME.part` is being written, and locked as long as its job lives. `NAME.whole` was closed,
`NAME.cut` belonged to a job that was killed; both wait for the storage, where they are called NAME.
Written by `records.recording.writing` in jobs, emptied by `records.recording.backlog` in their
parent.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PART, WHOLE, CUT = ".part", ".whole", ".cut"
# Says which format is in it: `records.recording.sealed` around Ogg Opus.
_ENDING = ".opus.sealed"


class Kept(NamedTuple):
    """A recording that was written to the disk, and waits for the storage."""

    name: str
    """What it will be called there."""
    began_at: float
    """Seconds since 1970 of its first sample."""
    seconds: float
    bytes: int
    sha256: str
    whole: bool
    """False if the disk took no end: the parent finds it as that of a killed job."""


def name_of(call_id: str) -> str:
    """What the recording of a call is called in the storage."""
    return f"{call_id}{_ENDING}"


def call_of(name: str) -> str:
    """Whose recording is called so."""
    return name.removesuffix(_ENDING)


def waiting(folder: Path) -> list[Path]:
    """Everything of ours in `folder`, oldest first; none where there is no folder yet.

    Raises:
        OSError: the folder cannot be read.
    """
    if not folder.exists():
        return []
    found = [file for file in folder.iterdir() if file.suffix in (PART, WHOLE, CUT)]
    return sorted(found, key=lambda file: file.name)


def bytes_waiting(folder: Path) -> int:
    """What all of them take together."""
    return sum(_size(file) for file in waiting(folder))


@contextmanager
def locked(file: Path) -> Iterator[bool]:
    """Whether `file` is there and nobody else has it; then it is ours for the block."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who had it before us may have stored it, or given it another name.
        yield file.exists()
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
