"""A recording as it is written: the right sound on the right side, whatever the disk does."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from records.recording import Gap
from records.recording.files import CUT, PART, WHOLE, name_of, waiting
from records.recording.opus import recorded_s
from records.recording.timeline import HOLD_S
from records.recording.writing import Writing
from tests.integration.recording.sound import (
    AGENT_HZ,
    CALL,
    CALLER_HZ,
    KEY,
    broken_off,
    frame,
    kept_sound,
    loud_spans,
    pitch,
    sound_of,
    talk,
)

STEP = 25


def begun(folder: Path, gaps: list[Gap], *, most_backlog_bytes: int = 10**9) -> Writing:
    """A recording that begins."""
    return Writing(
        folder,
        CALL,
        KEY,
        began_at=1000.0,
        most_backlog_bytes=most_backlog_bytes,
        told=gaps.append,
    )


def spoken(writing: Writing, seconds: float, *, began: float = 0.0) -> None:
    """The caller talks in each second's first half, the agent in its second one."""
    for number, at in talk(seconds):
        if at % 1 < 0.5:
            writing.heard("caller", frame(number, CALLER_HZ), began + at + 0.01)
        else:
            writing.heard("voice", frame(number, AGENT_HZ), began + at + 0.01)
        if number % STEP == STEP - 1:
            writing.work(began + at + 0.01)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB, mounted for the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    with suppress(OSError):
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["umount", str(folder)], check=True)
            return
    pytest.skip("only root may mount a small disk, and some containers let nobody")


def test_the_caller_is_left_and_the_agent_right(tmp_path: Path) -> None:
    """Each on their side alone, at the pitch they spoke in, within 10 ms of when they did."""
    gaps: list[Gap] = []
    writing = begun(tmp_path, gaps)
    spoken(writing, 6.0)
    kept = writing.close(6.0)
    assert kept
    sound = kept_sound(tmp_path, kept)

    assert (kept.seconds, kept.began_at, kept.whole, gaps) == (6.0, 1000.0, True, [])
    assert len(sound) == 6 * 24_000
    for side, begins, hertz in ((0, 0.0, CALLER_HZ), (1, 0.5, AGENT_HZ)):
        spans = loud_spans(sound, side)
        assert len(spans) == 6
        for second, (began, ended) in enumerate(spans):
            assert began == pytest.approx(second + begins, abs=0.01)
            assert ended == pytest.approx(second + begins + 0.5, abs=0.015)
            assert pitch(sound, side, began, ended) == pytest.approx(hertz, abs=5)


def test_a_card_is_not_in_the_file(tmp_path: Path) -> None:
    """A turn that turned out to hold a card number is silent in what is decoded."""
    gaps: list[Gap] = []
    writing = begun(tmp_path, gaps)
    writing.timeline.turn_began(2.0, "card")
    spoken(writing, 8.0)
    writing.timeline.turn_over("card", 4.0, "card_heard")
    kept = writing.close(8.0)
    assert kept
    sound = kept_sound(tmp_path, kept)

    assert [(gap.reason, gap.began_at < 2.0, gap.ended_at > 4.0) for gap in gaps] == [
        ("card_heard", True, True)
    ]
    (gap,) = gaps
    for side in (0, 1):
        inside = [s for s in loud_spans(sound, side) if s[1] > 1.5 and s[0] < 4.25]
        assert all(s[1] <= gap.began_at + 0.02 or s[0] >= gap.ended_at - 0.02 for s in inside)


def test_what_a_killed_job_leaves_can_be_played(tmp_path: Path) -> None:
    """Up to the last whole chunk, which is as old as the hold and a second or two more."""
    writing = begun(tmp_path, [])
    spoken(writing, 10.0)
    left = broken_off(tmp_path / f"{name_of(CALL)}{PART}")
    writing.close(10.0)

    sound = sound_of(left)
    assert len(sound) / 24_000 >= 10.0 - HOLD_S - 2.5
    assert recorded_s([left]) == pytest.approx(len(sound) / 24_000, abs=0.01)
    assert pitch(sound, 0, 0.1, 0.4) == pytest.approx(CALLER_HZ, abs=5)


def test_a_full_disk_ends_the_recording_and_not_the_call(full_disk: Path) -> None:
    """What was written is kept and readable, and the gap says from where on nothing is."""
    gaps: list[Gap] = []
    writing = begun(full_disk, gaps)
    spoken(writing, 90.0)
    kept = writing.close(90.0)
    assert kept
    (file,) = waiting(full_disk)

    # Its end may fit into what is left of the last block.
    assert kept.whole == (file.suffix == WHOLE)
    sound = kept_sound(full_disk, kept) if kept.whole else sound_of(broken_off(file))
    assert gaps == [Gap(kept.seconds, 90.0, "storage")]
    assert 5 < kept.seconds < 60
    assert len(sound) / 24_000 == pytest.approx(kept.seconds, abs=0.1)


def test_a_disk_that_has_room_again_in_time_loses_nothing(full_disk: Path) -> None:
    """For half a minute what it does not take is kept in memory."""
    gaps: list[Gap] = []
    filling = full_disk / "filling"
    with suppress(OSError):
        filling.write_bytes(bytes(56 * 1024))
    writing = begun(full_disk, gaps)
    spoken(writing, 10.0)
    filling.unlink()
    spoken(writing, 2.0, began=10.0)
    kept = writing.close(12.0)
    assert kept

    assert gaps == []
    assert len(loud_spans(kept_sound(full_disk, kept), 0)) == 12


def test_a_folder_that_cannot_be_made_costs_the_recording_only(tmp_path: Path) -> None:
    """Nothing is kept, and the gap is the whole call."""
    (tmp_path / "file").touch()
    gaps: list[Gap] = []
    writing = begun(tmp_path / "file" / "folder", gaps)
    spoken(writing, 2.0)

    assert writing.close(2.0) is None
    assert gaps == [Gap(0.0, 2.0, "storage")]


def test_too_much_that_waits_refuses_a_new_recording(tmp_path: Path) -> None:
    """What waits is untouched, and the new call's record says why it was not recorded."""
    old = tmp_path / f"{name_of('an-older-call')}{CUT}"
    old.write_bytes(bytes(1000))
    gaps: list[Gap] = []
    writing = begun(tmp_path, gaps, most_backlog_bytes=1000)
    spoken(writing, 1.0)

    assert writing.close(1.0) is None
    assert gaps == [Gap(0.0, 1.0, "backlog_full")]
    assert waiting(tmp_path) == [old]


def test_a_recording_that_was_discarded_leaves_nothing(tmp_path: Path) -> None:
    """The caller refused after all."""
    writing = begun(tmp_path, [])
    spoken(writing, 6.0)
    writing.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_long_call_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    """What is held stays within the hold, however long the call is."""
    writing, most = begun(tmp_path, []), 0
    silence = bytes(4800)
    for tenth in range(3000):
        writing.heard("caller", silence, (tenth + 1) / 10)
        if tenth % 5 == 4:
            writing.work((tenth + 1) / 10)
            most = max(most, writing.timeline.held_bytes)
    kept = writing.close(300.0)

    assert kept
    assert kept.seconds == 300.0
    assert most <= (HOLD_S + 2) * 24_000 * 4
    assert (tmp_path / f"{kept.name}{WHOLE}").exists()
