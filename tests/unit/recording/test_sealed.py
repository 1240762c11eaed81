"""Recordings on disk: what is read is what was written, or the reader says why not."""

import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.recording import (
    Altered,
    RecordingError,
    Truncated,
    WrongKey,
    open_recording,
)
from records.recording.sealed import SealedWriter, is_whole

KEY = bytes(range(32))
CALL = "20261125T101500-0badcafe"
CHUNKS = st.lists(st.binary(min_size=1, max_size=60), min_size=2, max_size=6)
HEADER = 36


def sealed(chunks: list[bytes], *, ends: bool = True, call_id: str = CALL) -> bytes:
    """A file of so many chunks."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "one"
        writer = SealedWriter(file, KEY, call_id)
        for chunk in chunks:
            writer.write(chunk)
        if ends:
            writer.close()
        else:
            writer.abandon()
        return file.read_bytes()


def read(file: bytes, key: bytes = KEY, call_id: str = CALL) -> list[bytes]:
    """What is in it; raises like `open_recording`."""
    return list(open_recording(io.BytesIO(file), key, call_id))


def parts(file: bytes) -> list[bytes]:
    """Its chunks as they lie in it, the end among them."""
    found, at = [], HEADER
    while at < len(file):
        size = 4 + (int.from_bytes(file[at : at + 4]) & 0x7FFFFFFF)
        found.append(file[at : at + size])
        at += size
    return found


def refused(file: bytes) -> tuple[list[bytes], RecordingError]:
    """What is yielded before the reader refuses to go on, which it must; and why."""
    found: list[bytes] = []
    try:
        for chunk in open_recording(io.BytesIO(file), KEY, CALL):
            found.append(chunk)  # noqa: PERF402 - what came before the error is kept
    except RecordingError as error:
        return found, error
    raise AssertionError("the reader noticed nothing")


@given(CHUNKS)
def test_what_was_written_is_read(chunks: list[bytes]) -> None:
    """Every chunk comes back, in order, and nothing of it can be seen in the file."""
    file = sealed(chunks)

    assert read(file) == chunks
    assert not any(chunk in file for chunk in chunks if len(chunk) > 8)


@given(CHUNKS, st.data())
def test_a_cut_file_is_read_up_to_its_last_whole_chunk(
    chunks: list[bytes], data: st.DataObject
) -> None:
    """Wherever it is cut, what is there is yielded, and the reader says that the end is missing."""
    file = sealed(chunks)
    cut = data.draw(st.integers(HEADER, len(file) - 1))
    whole, at = 0, HEADER
    for part in parts(file):
        at += len(part)
        whole += at <= cut

    found, error = refused(file[:cut])

    assert found == chunks[:whole]
    assert isinstance(error, Truncated)


@given(CHUNKS, st.data())
def test_no_changed_bit_goes_unnoticed(chunks: list[bytes], data: st.DataObject) -> None:
    """One bit anywhere is noticed, and nothing that was not written is ever yielded."""
    file = bytearray(sealed(chunks))
    bit = data.draw(st.integers(0, len(file) * 8 - 1))
    file[bit // 8] ^= 1 << bit % 8

    found, _ = refused(bytes(file))

    assert found == chunks[: len(found)]


@given(CHUNKS, st.data())
def test_chunks_cannot_change_places(chunks: list[bytes], data: st.DataObject) -> None:
    """Chunks that are left out, doubled or moved are noticed."""
    file = sealed(chunks)
    whole = parts(file)
    order = data.draw(
        st.lists(st.sampled_from(range(len(whole))), min_size=1, max_size=8).filter(
            lambda order: order != list(range(len(whole)))
        )
    )
    with pytest.raises(RecordingError):
        read(file[:HEADER] + b"".join(whole[number] for number in order))


def test_a_chunk_of_another_recording_of_the_call_does_not_fit() -> None:
    """Each file has a key of its own, also under one key of a call."""
    one, other = sealed([b"one", b"two"]), sealed([b"uno", b"due"])
    with pytest.raises(Altered):
        read(one[:HEADER] + parts(other)[0] + b"".join(parts(one)[1:]))


@pytest.mark.parametrize(("key", "call_id"), [(bytes(32), CALL), (KEY, "another call")])
def test_a_wrong_key_is_told_at_once(key: bytes, call_id: str) -> None:
    """Whoever has the wrong key, or the wrong call, hears of it before anything is read."""
    with pytest.raises(WrongKey):
        open_recording(io.BytesIO(sealed([b"one"])), key, call_id)


def test_sound_behind_the_end_is_noticed() -> None:
    """Nothing can be added to a file that was closed."""
    file = sealed([b"one"])
    with pytest.raises(Altered, match="behind the end"):
        read(file + parts(file)[0])


@pytest.mark.parametrize("size", [0, 3, HEADER - 1])
def test_a_file_that_holds_nothing_yet_is_truncated(size: int) -> None:
    """A job may be killed before its first chunk."""
    with pytest.raises(Truncated):
        open_recording(io.BytesIO(sealed([b"one"])[:size]), KEY, CALL)


def test_whether_there_is_an_end_is_seen_without_the_key(tmp_path: Path) -> None:
    """The parent of a killed job has no key, and tells closed recordings from cut ones."""
    closed, cut = tmp_path / "closed", tmp_path / "cut"
    closed.write_bytes(sealed([b"one", b"two"]))
    cut.write_bytes(sealed([b"one", b"two"], ends=False))

    assert is_whole(closed)
    assert not is_whole(cut)


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    """Sealed or not, a recording is nobody else's."""
    SealedWriter(tmp_path / "one", KEY, CALL).close()
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    """A call id that comes twice is a mistake, and costs no recording."""
    SealedWriter(tmp_path / "one", KEY, CALL).close()
    with pytest.raises(FileExistsError):
        SealedWriter(tmp_path / "one", KEY, CALL)


def test_each_chunk_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill can fall between chunks only, never into one."""
    sizes: list[int] = []
    write = os.write

    def counted(file: int, data: bytes) -> int:
        sizes.append(len(data))
        return write(file, data)

    writer = SealedWriter(tmp_path / "one", KEY, CALL)
    monkeypatch.setattr(os, "write", counted)
    writer.write(b"x" * 4000)
    monkeypatch.undo()
    writer.close()

    assert sizes == [4 + 12 + 4000 + 16]
