"""Measuring made speech whose times are known."""

import numpy as np
import pytest

from rehearsal.phone.measure import BargeIn, Gap, barge_ins, dead_air, gaps
from rehearsal.phone.utterances import Spoken, spoken
from tests.unit.phone.voices import line

TOLERANCE_S = 0.010
TRUTH = [Spoken(0.503, 1.711), Spoken(2.5, 2.9), Spoken(3.3071, 6.0), Spoken(7.0009, 7.25)]


@pytest.mark.parametrize("floor_dbfs", [-90.0, -62.0, -52.0])
@pytest.mark.parametrize("seed", range(8))
def test_speech_is_found_within_ten_milliseconds(seed: int, floor_dbfs: float) -> None:
    """Start and end of each utterance, on silent, quiet and noisy lines."""
    rng = np.random.default_rng(seed)
    found = spoken(line(TRUTH, seconds=8.0, rng=rng, floor_dbfs=floor_dbfs))

    assert len(found) == len(TRUTH), found
    errors = np.abs(np.array(found) - np.array(TRUTH))
    assert errors.max() <= TOLERANCE_S, errors


def test_a_loud_line_is_no_speech() -> None:
    """Steady noise, however long, is the floor."""
    rng = np.random.default_rng(1)

    assert spoken(line([], seconds=5, rng=rng, floor_dbfs=-48)) == []
    assert spoken(np.zeros(40_000, np.int16)) == []
    assert spoken(np.zeros(10, np.int16)) == []


def test_speech_without_a_pause_is_speech() -> None:
    """A recording that is nothing but voice has no floor to hide it."""
    truth = [Spoken(0.0, 4.0)]
    found = spoken(line(truth, seconds=4.0, rng=np.random.default_rng(2)))

    assert np.abs(np.array(found) - np.array(truth)).max() <= TOLERANCE_S


def test_clicks_are_dropped() -> None:
    """A sound of a few milliseconds is no speech."""
    pcm = np.zeros(16_000, np.int16)
    pcm[8000:8080] = 9000

    assert spoken(pcm) == []


def test_a_gap_is_what_the_caller_waits() -> None:
    """From the end of each thing said to the answer, if one came before the caller spoke again."""
    caller = [Spoken(1, 2), Spoken(5, 6), Spoken(7, 8), Spoken(10, 11)]
    agent = [Spoken(0.2, 0.8), Spoken(2.4, 4), Spoken(8.7, 9.5)]

    assert gaps(caller, agent) == [Gap(2, 2.4), Gap(8, 8.7)]
    assert gaps(caller, agent)[0].seconds == pytest.approx(0.4)


def test_an_agent_that_talks_over_the_end_has_not_answered() -> None:
    """Only speech that begins after the caller's end answers it."""
    assert gaps([Spoken(1, 2)], [Spoken(0, 2.2), Spoken(2.9, 4)]) == [Gap(2, 2.9)]


def test_a_barge_in_ends_when_the_agent_is_silent() -> None:
    """From the caller's start to the end of the speech it interrupted."""
    agent = [Spoken(0, 3.4), Spoken(5, 6), Spoken(8, 9)]
    caller = [Spoken(3, 4), Spoken(6.5, 7), Spoken(8.05, 8.5)]

    assert barge_ins(caller, agent) == [BargeIn(3, 3.4)]


def test_dead_air_is_when_nobody_speaks() -> None:
    """Long silences between, before and after speech of either side; short ones not."""
    spoke = [Spoken(4, 5), Spoken(4.5, 6), Spoken(8, 9)]

    assert dead_air(spoke, start_s=0.5, end_s=13) == [Spoken(0.5, 4), Spoken(9, 13)]
    assert dead_air([], start_s=0, end_s=2.9) == []
