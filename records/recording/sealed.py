"""A stream that only its key reads, on disk chunk by chunk while the call goes on.

`records.recording.writing` writes about a chunk a second; `open_recording` is how everybody reads.
A process that is killed leaves every whole chunk. Nothing here knows what is in a chunk.

A file begins with MAGIC, 16 random bytes of salt and a proof of 16 bytes. Salt, call id and the
call's key make a key for this file alone, and the proof, by which a wrong key is told from an
altered chunk. A chunk is a word of four bytes (the highest bit: this is the last one; the rest: how
many bytes follow), a random nonce of 12 bytes and AES-GCM's output. Call, number and "last" are
its associated data, so that chunks cannot be left out, moved, repeated or taken from another call.
A nonce is random and never used twice, also where a chunk could not be written and is sealed again.
"""

import errno
import fcntl
import hashlib
import hmac
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"FDR1"
_SALT_BYTES = _PROOF_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_OVERHEAD_BYTES = _NONCE_BYTES + _TAG_BYTES
_HEADER_BYTES = len(MAGIC) + _SALT_BYTES + _PROOF_BYTES
_CLOSED = -1
_WORD = struct.Struct(">I")
_LAST = 1 << 31
# A second of sound has about 4 KB; what could not be written for half a minute comes as one.
MOST_CHUNK_BYTES = 1 << 20


class RecordingError(Exception):
    """A recording cannot be read to its end; the message says why."""


class WrongKey(RecordingError):
    """It was sealed with another key or for another call, or is no recording."""


class Altered(RecordingError):
    """Somebody changed, moved or added a chunk; what was yielded before it is genuine."""


class Truncated(RecordingError):
    """It has no end: its job was killed, or something was cut off. What was yielded is genuine."""


class SealedWriter:
    """Writes one file, locked for as long as its process lives. Belongs to one thread."""

    def __init__(self, path: Path, key: bytes, call_id: str) -> None:
        """Begin a new file that only its owner may read.

        Raises:
            OSError: it is there already, or cannot be written.
        """
        salt = os.urandom(_SALT_BYTES)
        self._call_id = call_id
        self._sealing, proof = _keys(key, salt, call_id)
        self._number = 0
        self._digest = hashlib.sha256()
        self.size = 0
        """Bytes of whole chunks in the file."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(path, flags, 0o600)
        try:
            # Tells others whether somebody still writes; falls with the process.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._append(MAGIC + salt + proof)
        except OSError:
            os.close(self._file)
            raise

    @property
    def sha256(self) -> str:
        """The checksum of the file as it is."""
        return self._digest.hexdigest()

    def write(self, plain: bytes) -> None:
        """Append one chunk of at most MOST_CHUNK_BYTES, by one write.

        Raises:
            OSError: it cannot be written. The file ends with the chunk before it; the same bytes
                may be tried again.
        """
        self._write(plain, last=False)

    def close(self) -> None:
        """Write the end, have all of it on the disk, and unlock.

        Raises:
            OSError: the end cannot be written; the file is closed all the same, and truncated.
        """
        try:
            self._write(b"", last=True)
            os.fdatasync(self._file)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file as it is, without an end; once it is closed, nothing."""
        # Its number may be another file's by now.
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)

    def _write(self, plain: bytes, *, last: bool) -> None:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._sealing.encrypt(nonce, plain, _place(self._call_id, self._number, last=last))
        size = len(nonce) + len(sealed)
        self._append(_WORD.pack(size | (_LAST if last else 0)) + nonce + sealed)
        self._number += 1

    def _append(self, chunk: bytes) -> None:
        taken = 0
        try:
            taken = os.write(self._file, chunk)
        finally:
            if taken < len(chunk):
                os.ftruncate(self._file, self.size)
        if taken < len(chunk):
            raise OSError(errno.ENOSPC, "the disk took a part of a chunk only")
        self.size += len(chunk)
        self._digest.update(chunk)


def open_recording(source: Path | BinaryIO, key: bytes, call_id: str) -> Iterator[bytes]:
    """What was sealed for `call_id`, chunk by chunk; a file given as a path is closed at the end.

    Raises:
        WrongKey: at once.
        Altered: where a chunk is not what was written.
        Truncated: after the last whole chunk of a file without an end.
        OSError: the file cannot be read.
    """
    file = source.open("rb") if isinstance(source, Path) else source
    try:
        opening = _opening(file.read(_HEADER_BYTES), key, call_id)
    except RecordingError:
        if isinstance(source, Path):
            file.close()
        raise
    return _opened(file, opening, call_id, closes=isinstance(source, Path))


def is_whole(path: Path) -> bool:
    """Whether the file has an end, as far as that can be seen without its key."""
    with path.open("rb") as file:
        file.seek(_HEADER_BYTES)
        left = os.fstat(file.fileno()).st_size - _HEADER_BYTES
        while left >= _WORD.size:
            size, last = _read_word(file.read(_WORD.size))
            left -= _WORD.size + size
            if last:
                return left == 0
            file.seek(size, os.SEEK_CUR)
    return False


def _opening(header: bytes, key: bytes, call_id: str) -> AESGCM:
    if not header.startswith(MAGIC[: len(header)]):
        raise WrongKey("this is no recording")
    if len(header) < _HEADER_BYTES:
        raise Truncated("the recording ends before its first chunk")
    salt = header[len(MAGIC) : len(MAGIC) + _SALT_BYTES]
    opening, proof = _keys(key, salt, call_id)
    if not hmac.compare_digest(proof, header[-_PROOF_BYTES:]):
        raise WrongKey(f"the recording is not of {call_id}, or has another key")
    return opening


def _opened(file: BinaryIO, opening: AESGCM, call_id: str, *, closes: bool) -> Iterator[bytes]:
    try:
        number, last = 0, False
        while not last:
            word = file.read(_WORD.size)
            if len(word) < _WORD.size:
                raise Truncated(f"the recording has no end after chunk {number}")
            size, last = _read_word(word)
            if not _OVERHEAD_BYTES <= size <= MOST_CHUNK_BYTES + _OVERHEAD_BYTES:
                raise Altered(f"chunk {number} is not as it was written")
            chunk = file.read(size)
            if len(chunk) < size:
                raise Truncated(f"the recording ends within chunk {number}")
            nonce, sealed = chunk[:_NONCE_BYTES], chunk[_NONCE_BYTES:]
            try:
                plain = opening.decrypt(nonce, sealed, _place(call_id, number, last=last))
            except InvalidTag:
                raise Altered(f"chunk {number} is not as it was written") from None
            number += 1
            if plain:
                yield plain
        if file.read(1):
            raise Altered("something stands behind the end of the recording")
    finally:
        if closes:
            file.close()


def _read_word(word: bytes) -> tuple[int, bool]:
    """How many bytes follow, and whether they are the last ones."""
    number: int = _WORD.unpack(word)[0]
    return number & ~_LAST, bool(number & _LAST)


def _place(call_id: str, number: int, *, last: bool) -> bytes:
    return f"{number} {'last' if last else 'more'} {call_id}".encode()


def _keys(key: bytes, salt: bytes, call_id: str) -> tuple[AESGCM, bytes]:
    """What seals one file, and the proof that it does."""
    info = b"frontdesk recording " + call_id.encode()
    made = HKDF(algorithm=SHA256(), length=32 + _PROOF_BYTES, salt=salt, info=info).derive(key)
    return AESGCM(made[:32]), made[32:]
