"""Where a call is kept on its worker's own disk until the database has it.

A folder for each call, a file of sealed frames in it. The process that writes holds a lock on the
file, and the kernel lets go of it when that process dies: whoever gets the lock afterwards knows
that nobody else is at it. A disk that is full, gone or taken by others costs frames, never a call.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Callable
from pathlib import Path

# A quarter of an hour of talk is some 100 kB; a call in a loop must not fill the disk.
MOST_BYTES_OF_ONE = 16 * 1024 * 1024
# How much may be written before the folder is looked at again: others write into it too.
LOOK_EVERY_BYTES = 256 * 1024
_LENGTH = struct.Struct(">I")
# Whatever claims more is no length that was written here.
_LONGEST_FRAME = 4 * 1024 * 1024


class Busy(Exception):
    """Another process, alive, writes this file."""


class Room:
    """What all calls of one folder may have on the disk together, in bytes."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most = folder, most_bytes
        self._left = 0
        self._unseen = LOOK_EVERY_BYTES

    def take(self, size: int) -> bool:
        """Whether `size` more fits."""
        self._unseen += size
        if self._unseen >= LOOK_EVERY_BYTES:
            self._left = self._most - bytes_in(self._folder)
            self._unseen = 0
        self._left -= size
        return self._left >= 0


def bytes_in(folder: Path) -> int:
    """How much lies in `folder` and the folders in it; 0 if there is none."""
    found = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                found += bytes_in(Path(entry.path))
            else:
                found += entry.stat(follow_symlinks=False).st_size
    return found


class SpoolFile:
    """Appends frames to one file, each in one piece; for its owner's eyes only."""

    def __init__(self, file: Path, handle: int, size: int, room: Callable[[int], bool]) -> None:
        self.file = file
        self._handle: int | None = handle
        self._size, self._room = size, room

    @classmethod
    def begin(cls, file: Path, room: Callable[[int], bool] = lambda _: True) -> "SpoolFile":
        """A new file, with its folder.

        Raises:
            OSError: the disk does not take it.
        """
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return cls(file, handle, 0, room)

    @classmethod
    def adopt(cls, file: Path) -> tuple["SpoolFile", list[bytes]]:
        """A file whose writer is dead, to go on with; and its whole frames.

        Raises:
            Busy: its writer lives.
            OSError: it is not there any more, or cannot be read.
        """
        handle = os.open(file, os.O_WRONLY | os.O_APPEND)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had it before us may have finished it, and removed it, in the meantime.
            if os.fstat(handle).st_nlink == 0:
                raise FileNotFoundError(file.name)
            frames, size = read_frames(file)
            # What a kill has cut off would swallow the next frame.
            os.ftruncate(handle, size)
        except BlockingIOError as error:
            os.close(handle)
            raise Busy(f"{file.parent.name} is still being written") from error
        except OSError:
            os.close(handle)
            raise
        return cls(file, handle, size, lambda _: True), frames

    def append(self, frame: bytes) -> bool:
        """Whether `frame` is in the file now; then it outlives this process."""
        framed = _LENGTH.pack(len(frame)) + frame
        if self._handle is None or self._size + len(framed) > MOST_BYTES_OF_ONE:
            return False
        if not self._room(len(framed)):
            return False
        try:
            if os.write(self._handle, framed) < len(framed):
                os.ftruncate(self._handle, self._size)
                return False
        except OSError:
            return False
        self._size += len(framed)
        return True

    def remove(self) -> None:
        """Take the file away, and its folder if nothing else lies in it; closes."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)
            self.file.parent.rmdir()
        self.close()

    def close(self) -> None:
        """Let go of the file, and of its lock."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_held(file: Path) -> bool:
    """Whether its writer lives, or somebody has adopted it; also if it is gone."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def read_frames(file: Path) -> tuple[list[bytes], int]:
    """Every whole frame of a file, and how many bytes they take; what a kill cut off is left out.

    Raises:
        OSError: it cannot be read.
    """
    content = file.read_bytes()
    frames: list[bytes] = []
    begin = 0
    while begin + _LENGTH.size <= len(content):
        (length,) = _LENGTH.unpack_from(content, begin)
        end = begin + _LENGTH.size + length
        if length > _LONGEST_FRAME or end > len(content):
            break
        frames.append(content[begin + _LENGTH.size : end])
        begin = end
    return frames, begin
