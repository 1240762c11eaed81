"""Hearing, while it happens, when the other side speaks."""

import numpy as np
import pytest

from rehearsal.phone.detect import SpeechWatch
from rehearsal.phone.events import OtherFinished, OtherStarted
from rehearsal.phone.utterances import Spoken
from tests.unit.phone.voices import line

Told = list[tuple[float, OtherStarted | OtherFinished]]


def listen(watch: SpeechWatch, pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Told:
    """Feed packet after packet; each event with the time it was told."""
    told: Told = []
    for at in range(0, len(pcm), 160):
        events = watch.hear(pcm[at : at + 160], at / 8000)
        told += [((at + 160) / 8000, event) for event in events]
    return told


@pytest.mark.parametrize("seed", range(5))
def test_starts_and_ends_are_told_soon_and_right(seed: int) -> None:
    """A start within 80 ms, an end after the silence, both dated to 25 ms."""
    truth = [Spoken(0.0, 1.5), Spoken(3.1, 5.0)]
    pcm = line(truth, seconds=7, rng=np.random.default_rng(seed))
    told = listen(SpeechWatch(silence_s=0.7), pcm)

    assert [type(event) for _, event in told] == [OtherStarted, OtherFinished] * 2
    for (started_at, started), (ended_at, ended), true in zip(
        told[::2], told[1::2], truth, strict=True
    ):
        assert started.at_s == pytest.approx(true.start_s, abs=0.025)
        assert ended.at_s == pytest.approx(true.end_s, abs=0.025)
        assert started_at - true.start_s <= 0.08
        assert 0.69 <= ended_at - true.end_s <= 0.75


def test_pauses_between_words_are_no_end() -> None:
    """With a longer patience two utterances are one."""
    pcm = line([Spoken(0.5, 1.5), Spoken(2.0, 3.0)], seconds=5, rng=np.random.default_rng(3))

    assert len(listen(SpeechWatch(silence_s=0.9), pcm)) == 2
    assert len(listen(SpeechWatch(silence_s=0.3), pcm)) == 4


def test_time_without_packets_is_silence() -> None:
    """A sender that stops sending has finished speaking."""
    watch = SpeechWatch(silence_s=0.7)
    listen(watch, line([Spoken(0, 1)], seconds=1, rng=np.random.default_rng(4)))

    assert watch.tick(1.6) == []
    assert isinstance(watch.tick(1.75)[0], OtherFinished)
    assert watch.tick(5) == []


def test_a_click_is_no_start() -> None:
    """10 ms of anything is not speech."""
    pcm = np.zeros(8000, np.int16)
    pcm[4000:4080] = 12_000

    assert listen(SpeechWatch(), pcm) == []
