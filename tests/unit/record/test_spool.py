"""The spool: what is in it outlives its writer, and a disk that takes nothing costs no call."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.spool import MOST_BYTES_OF_ONE, Busy, Room, SpoolFile, bytes_in, read_frames


def test_whoever_comes_while_the_writer_lives_is_sent_away(tmp_path: Path) -> None:
    """And gets it once the writer is gone, with every frame."""
    file = SpoolFile.begin(tmp_path / "c1" / "f")
    assert file.append(b"one")
    with pytest.raises(Busy):
        SpoolFile.adopt(file.file)
    file.close()
    adopted, frames = SpoolFile.adopt(file.file)

    assert adopted.append(b"two")
    assert (frames, read_frames(file.file)[0]) == ([b"one"], [b"one", b"two"])


def test_what_was_removed_meanwhile_is_nobodys_any_more(tmp_path: Path) -> None:
    """Two parents may look at the same moment; one finishes it."""
    file = SpoolFile.begin(tmp_path / "c1" / "f")
    file.remove()

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        SpoolFile.adopt(file.file)


@given(frames=st.lists(st.binary(max_size=40), max_size=6), cut=st.integers(0, 60))
def test_of_a_file_that_was_cut_every_whole_frame_is_read(frames: list[bytes], cut: int) -> None:
    """A kill may strike between any two bytes; what comes after it is not swallowed."""
    file = _file_of(frames)
    size = file.stat().st_size
    os.truncate(file, max(0, size - cut))
    adopted, whole = SpoolFile.adopt(file)
    adopted.append(b"after")
    adopted.close()

    assert whole == frames[: len(whole)]
    assert read_frames(file)[0] == [*whole, b"after"]
    file.unlink()


def _file_of(frames: list[bytes]) -> Path:
    folder = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - hypothesis has no tmp_path
    file = folder / f"frontdesk-spool-{os.getpid()}"
    file.unlink(missing_ok=True)
    spool = SpoolFile.begin(file)
    for frame in frames:
        spool.append(frame)
    spool.close()
    return file


def test_no_call_takes_more_than_its_share(tmp_path: Path) -> None:
    """A call in a loop must not fill the disk."""
    file = SpoolFile.begin(tmp_path / "c1" / "f")
    big = bytes(MOST_BYTES_OF_ONE // 4)

    assert [file.append(big) for _ in range(5)] == [True, True, True, False, False]
    assert file.append(b"small")


def test_all_calls_together_have_a_bound(tmp_path: Path) -> None:
    """What others have written in the meantime counts too."""
    room = Room(tmp_path, 1_000_000)
    file = SpoolFile.begin(tmp_path / "c1" / "f", room.take)
    assert file.append(bytes(300_000))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "f").write_bytes(bytes(600_000))

    assert not file.append(bytes(300_000))
    assert bytes_in(tmp_path) < 1_000_000


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    """Sealed or not, it is nobody else's business."""
    file = SpoolFile.begin(tmp_path / "c1" / "f")

    assert oct(file.file.stat().st_mode)[-3:] == "600"
    assert oct(file.file.parent.stat().st_mode)[-3:] == "700"


def test_what_is_no_length_ends_the_reading(tmp_path: Path) -> None:
    """Whatever is in a file, reading it neither fails nor takes the machine's memory."""
    (tmp_path / "f").write_bytes(b"\xff" * 64)

    assert read_frames(tmp_path / "f") == ([], 0)
