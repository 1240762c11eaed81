"""When frames were heard: what comes late and in heaps is put where it belongs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.recording.arrivals import LOOK_AHEAD_S, TOLERANCE_S, Arrivals
from records.recording.opus import RATE_HZ

FRAME_S = 0.01
FRAME = round(FRAME_S * RATE_HZ)


def frame(number: int) -> bytes:
    """A frame that tells its number in each sample."""
    return np.full(FRAME, number, np.int16).tobytes()


def placed(arrivals: Arrivals, until: float = float("inf")) -> list[tuple[float, int, int]]:
    """Runs as their beginning in seconds, their first frame's number, and their frames."""
    return [
        (run.begin / RATE_HZ, int(run.sound[0]), len(run.sound) // FRAME)
        for run in arrivals.settled(until)
    ]


def test_a_steady_voice_is_one_run() -> None:
    """Frames in time lie where they were heard: a frame's length before they arrived."""
    arrivals = Arrivals()
    for number in range(100):
        arrivals.add(frame(number), 5.0 + (number + 1) * FRAME_S)
    assert placed(arrivals) == [(5.0, 0, 100)]


def test_what_waited_for_this_machine_is_put_back_in_time() -> None:
    """The event loop stood still for 0.25 s: what then comes at once was heard one by one."""
    arrivals = Arrivals()
    for number in range(100):
        at = (number + 1) * FRAME_S
        arrivals.add(frame(number), 0.55 if 0.30 < at < 0.55 else at)
    assert placed(arrivals) == [(0.0, 0, 100)]


def test_a_hole_is_silence() -> None:
    """A voice that was not sent for a second leaves a second of silence."""
    arrivals = Arrivals()
    for number in range(50):
        arrivals.add(frame(number), (number + 1) * FRAME_S)
    for number in range(50, 100):
        arrivals.add(frame(number), 1.0 + (number + 1) * FRAME_S)
    assert placed(arrivals) == [(0.0, 0, 50), (1.5, 50, 50)]


def test_a_moment_is_kept_back() -> None:
    """What arrived just now may have been heard earlier, which what follows will tell."""
    arrivals = Arrivals()
    for number in range(100):
        arrivals.add(frame(number), (number + 1) * FRAME_S)
    assert placed(arrivals, until=0.505 + LOOK_AHEAD_S) == [(0.0, 0, 50)]


@given(st.lists(st.tuples(st.floats(0.02, 0.5), st.floats(0, LOOK_AHEAD_S - 0.05)), max_size=12))
def test_pauses_of_this_machine_lose_and_move_nothing(pauses: list[tuple[float, float]]) -> None:
    """However often it stands still: every sample, in its place."""
    arrivals, runs, standing, at = Arrivals(), [], [], 0.0
    for apart, lasting in pauses:
        standing.append((at + apart, at + apart + lasting))
        at += apart + lasting
    for number in range(600):
        due = (number + 1) * FRAME_S
        at = next((end for begin, end in standing if begin < due < end), due)
        arrivals.add(frame(number), at)
        if number % 25 == 0:
            runs += arrivals.settled(at)
    runs += arrivals.settled(float("inf"))

    sound = np.concatenate([run.sound for run in runs])
    assert len(sound) == 600 * FRAME
    for run in runs:
        should = int(run.sound[0]) * FRAME
        assert run.begin == pytest.approx(should, abs=TOLERANCE_S * RATE_HZ)


@pytest.mark.parametrize("drift", [0.9999, 1.0001])
def test_a_clock_that_runs_apart_is_followed(drift: float) -> None:
    """After an hour on a clock that is 0.01% off, a voice is 0.36 s away, yet in its place."""
    arrivals, runs = Arrivals(), []
    for number in range(60_000):
        at = (number + 1) * FRAME_S * drift
        arrivals.add(frame(number % 1000), at)
        if number % 100 == 99:
            runs += arrivals.settled(at)
    runs += arrivals.settled(float("inf"))
    end = runs[-1].begin + len(runs[-1].sound)
    assert end / RATE_HZ == pytest.approx(600 * drift, abs=2 * TOLERANCE_S)


def test_sound_from_before_the_recording_is_left_out() -> None:
    """What was heard before the caller agreed is not placed."""
    arrivals = Arrivals()
    for number in range(10):
        arrivals.add(frame(number), (number - 4) * FRAME_S)
    assert placed(arrivals) == [(0.0, 5, 5)]
