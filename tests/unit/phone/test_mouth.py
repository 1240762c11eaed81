"""What the phone says, sample by sample."""

import numpy as np
import pytest

from rehearsal.phone.loudness import levels, trimmed
from rehearsal.phone.mouth import Mouth, Utterance


def test_the_line_is_never_digitally_silent() -> None:
    """With nothing to say there is noise at its level, the same for the same seed."""
    first, again, other = (Mouth(seed).next(8000, 0.0) for seed in (1, 1, 2))

    assert levels(first, 8000)[0] == pytest.approx(-62, abs=0.5)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_clips_follow_each_other_without_a_gap() -> None:
    """Each knows when its own first and last sample were sent."""
    done: list[Utterance] = []
    mouth = Mouth(0, floor_dbfs=-200)
    for level in (1000, 2000):
        mouth.say(Utterance(np.full(200, level, np.int16), done.append))
    sent = np.concatenate([mouth.next(160, 10 + n * 0.02) for n in range(3)])

    assert list(sent[[0, 199, 200, 399, 400]]) == [1000, 1000, 2000, 2000, 0]
    times = [time for u in done for time in (u.started, u.ended)]
    assert times == pytest.approx([10, 10.025, 10.025, 10.05])


def test_hushing_cuts_short_and_says_so() -> None:
    """What was not sent is not claimed."""
    done: list[Utterance] = []
    mouth = Mouth(0)
    mouth.say(Utterance(np.ones(800, np.int16), done.append))
    mouth.next(160, 1.0)
    mouth.hush(1.02)

    assert [(u.whole, u.ended) for u in done] == [(False, 1.02)]
    assert mouth.waiting_s == 0


def test_a_loud_clip_does_not_wrap() -> None:
    """Noise on top of full scale is clipped."""
    mouth = Mouth(0, floor_dbfs=-20)
    mouth.say(Utterance(np.full(160, 32767, np.int16), lambda _: None))

    assert mouth.next(160, 0.0).min() > 0


def test_trimming_leaves_the_sound() -> None:
    """Silence around a clip goes, within it stays."""
    clip = np.zeros(8000, np.int16)
    clip[1600:2400] = clip[4000:4800] = 5000

    assert len(trimmed(clip)) == 3200
    assert len(trimmed(np.zeros(100, np.int16))) == 0
