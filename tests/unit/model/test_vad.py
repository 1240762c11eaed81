"""The voice activity detector: voices begin and end turns, noise does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rehearsal.model.vad import Turned, Vad
from tests.unit.model.acting import hum, silence

Pcm = NDArray[np.int16]


def _turns(vad: Vad, *parts: Pcm, chunk: int = 480) -> list[Turned]:
    pcm = np.concatenate(parts)
    return [turn for at in range(0, len(pcm), chunk) for turn in vad.feed(pcm[at : at + chunk])]


@pytest.mark.parametrize("chunk", [160, 480, 2400, 7001])
def test_a_turn_is_found_wherever_the_chunks_are_cut(chunk: int) -> None:
    """Beginnings and ends do not depend on how the client cuts its audio."""
    turns = _turns(Vad(), silence(500), hum(1000), silence(900), chunk=chunk)

    assert [turn.kind for turn in turns] == ["started", "stopped"]
    assert abs(turns[0].at_ms - 500) <= 40
    assert abs(turns[1].at_ms - 1500) <= 60


@pytest.mark.parametrize("silence_ms", [200, 500, 800])
def test_the_silence_is_exactly_as_long_as_the_client_wants(silence_ms: int) -> None:
    """From the last voice to the end of the turn it is silence_duration_ms, in whole frames."""
    turns = _turns(Vad(silence_ms=silence_ms), silence(300), hum(600), silence(1200))

    assert turns[1].noticed_ms - turns[1].at_ms == silence_ms


def test_a_pause_shorter_than_the_silence_does_not_end_the_turn() -> None:
    """A caller may breathe."""
    turns = _turns(Vad(), silence(300), hum(500), silence(300), hum(500), silence(700))

    assert [turn.kind for turn in turns] == ["started", "stopped"]


def test_a_beginning_is_noticed_early() -> None:
    """Barge-in depends on it: 120 ms at most."""
    turns = _turns(Vad(), silence(500), hum(1000))

    assert turns[0].noticed_ms - 500 <= 120


@pytest.mark.parametrize("level", [3, 30, 300, 2000])
def test_steady_noise_is_not_speech(level: int) -> None:
    """Hiss of any loudness starts no turn, also when it sets in suddenly."""
    noise = np.random.default_rng(5).normal(0, level, 24 * 8000).astype(np.int16)

    assert _turns(Vad(), silence(500), noise) == []


def test_a_steady_tone_ends_by_itself() -> None:
    """A tone that does not move may start a turn but cannot hold it."""
    t = np.arange(24 * 6000) / 24_000
    tone = (3000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    turns = _turns(Vad(), silence(500), tone)

    assert [turn.kind for turn in turns] in ([], ["started", "stopped"])


def vowel(ms: int) -> Pcm:
    """A voice whose level does not move."""
    t = np.arange(24 * ms) / 24_000
    tone = np.sum([np.sin(2 * np.pi * 110 * k * t) / k for k in range(1, 16)], axis=0)
    pcm: Pcm = (4000 * tone).astype(np.int16)
    return pcm


@pytest.mark.parametrize("ms", [400, 800, 1600])
def test_a_long_even_vowel_is_speech_to_its_end(ms: int) -> None:
    """However even, a vowel is not the line's noise."""
    turns = _turns(Vad(), silence(500), vowel(ms), silence(700))

    assert [turn.kind for turn in turns] == ["started", "stopped"]
    assert abs(turns[1].at_ms - 500 - ms) <= 40


def test_an_even_hum_of_the_line_becomes_its_floor() -> None:
    """It may begin a turn, which ends within three seconds, and no other follows."""
    turns = _turns(Vad(), silence(500), vowel(9000))

    assert [turn.kind for turn in turns] == ["started", "stopped"]
    assert turns[1].noticed_ms - 500 <= 3000


def test_speech_is_found_in_noise() -> None:
    """A voice well above a loud line's noise is heard, and ends."""
    noise = np.random.default_rng(6).normal(0, 150, 24 * 4000)
    pcm = noise + np.concatenate([np.zeros(24 * 1500), hum(1000), np.zeros(24 * 1500)])
    turns = _turns(Vad(), pcm.astype(np.int16))

    assert [turn.kind for turn in turns] == ["started", "stopped"]


def test_a_click_does_not_hold_the_turn() -> None:
    """One loud frame in the silence after speech is not a voice."""
    click = np.full(480, 9000, dtype=np.int16)
    turns = _turns(Vad(), silence(300), hum(600), silence(300), click, silence(400))

    assert turns[1].noticed_ms - turns[1].at_ms == 500
    assert turns[1].at_ms < 1000


def test_a_higher_threshold_wants_a_louder_voice() -> None:
    """The client's threshold is honoured."""
    quiet = (hum(800) // 60).astype(np.int16)

    assert _turns(Vad(threshold=0.1), silence(500), quiet)
    assert not _turns(Vad(threshold=0.95), silence(500), quiet)
