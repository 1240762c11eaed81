"""Where audio lies: by timestamp, anchored on arrival."""

import wave
from pathlib import Path

import numpy as np
import pytest

from rehearsal.phone.timeline import Timeline
from rehearsal.speech import Pcm

SOURCE = 7


def piece(number: int) -> Pcm:
    """160 samples that say which packet they are."""
    return np.full(160, number + 1, dtype=np.int16)


def hear(timeline: Timeline, number: int, *, late_s: float = 0.0, origin: int = 1000) -> None:
    """Packet `number` of a stream whose first was due at 1 s."""
    timeline.add_heard(
        1.0 + number * 0.02 + late_s,
        timestamp=(origin + number * 160) & 0xFFFFFFFF,
        ssrc=SOURCE,
        pcm=piece(number),
    )


def expected(numbers: list[int | None]) -> Pcm:
    """A second of silence, then these packets; None is a gap."""
    parts = [np.zeros(160, np.int16) if n is None else piece(n) for n in numbers]
    return np.concatenate([np.zeros(8000, np.int16), *parts])


def test_audio_lies_at_its_arrival() -> None:
    """What came a second after the INVITE starts at sample 8000."""
    timeline = Timeline(0.0)
    for number in range(4):
        hear(timeline, number)

    assert np.array_equal(timeline.render().heard, expected([0, 1, 2, 3]))


def test_jitter_does_not_move_audio() -> None:
    """Packets held up on the way lie where they would have been."""
    timeline = Timeline(0.0)
    for number, late_s in enumerate([0.013, 0.0, 0.019, 0.04, 0.02, 0.0, 0.011]):
        hear(timeline, number, late_s=late_s)

    assert np.array_equal(timeline.render().heard, expected([0, 1, 2, 3, 4, 5, 6]))


def test_lost_packets_are_silence() -> None:
    """A gap in the timestamps is a gap in the audio."""
    timeline = Timeline(0.0)
    for number in (0, 1, 4):
        hear(timeline, number)

    assert np.array_equal(timeline.render().heard, expected([0, 1, None, None, 4]))


def test_order_and_repeats_do_not_matter() -> None:
    """A packet overtaken by another lies before it, and one heard twice lies once."""
    timeline = Timeline(0.0)
    hear(timeline, 0)
    hear(timeline, 2)
    hear(timeline, 1, late_s=0.021)
    hear(timeline, 1, late_s=0.022)
    hear(timeline, 3)

    assert timeline.repeated == 1
    assert np.count_nonzero(timeline.render().heard) == 4 * 160
    assert list(timeline.render().heard[-640::160]) == [1, 2, 3, 4]


def test_a_timestamp_may_wrap() -> None:
    """Audio goes on where the 32 bits end."""
    timeline = Timeline(0.0)
    for number in range(4):
        hear(timeline, number, origin=0xFFFFFFFF - 200)

    assert np.array_equal(timeline.render().heard, expected([0, 1, 2, 3]))


@pytest.mark.parametrize("jump", [160 * 5000, -160 * 5000, 12_345_678])
def test_a_new_timestamp_base_is_anchored_on_arrival(jump: int) -> None:
    """A sender that restarts its timestamps, as after a re-INVITE, is heard without a gap."""
    timeline = Timeline(0.0)
    for number in range(6):
        hear(timeline, number, origin=0x80000000 + (jump if number >= 3 else 0))

    assert np.array_equal(timeline.render().heard, expected([0, 1, 2, 3, 4, 5]))


def test_a_new_source_is_anchored_on_arrival() -> None:
    """Another SSRC brings another timestamp base and no gap."""
    timeline = Timeline(0.0)
    for number in range(6):
        ssrc, timestamp = (1, 160 * number) if number < 3 else (2, 99 + 160 * number)
        timeline.add_heard(1 + number * 0.02, timestamp=timestamp, ssrc=ssrc, pcm=piece(number))

    assert np.array_equal(timeline.render().heard, expected([0, 1, 2, 3, 4, 5]))


def test_a_sender_that_paused_stays_late() -> None:
    """When a sender stops for 100 ms without counting it, what follows lies 100 ms later."""
    timeline = Timeline(0.0)
    for number in range(60):
        hear(timeline, number, late_s=0.1 if number >= 30 else 0.0)

    heard = timeline.render().heard
    assert heard[8000 + 30 * 160 - 1] == 30
    assert not heard[8000 + 30 * 160 : 8000 + 35 * 160].any()
    assert heard[8000 + 35 * 160] == 31


def test_a_stall_of_ours_moves_nothing() -> None:
    """Packets that waited in the socket for 300 ms lie where they were due."""
    timeline = Timeline(0.0)
    for number in range(60):
        hear(timeline, number, late_s=max(0.0, 0.3 - (number - 20) * 0.02) * (number >= 20))

    assert np.array_equal(timeline.render().heard, expected(list(range(60))))


def test_both_directions_share_a_wav(tmp_path: Path) -> None:
    """Left is what was sent, right what was heard, equally long."""
    timeline = Timeline(100.0)
    timeline.add_sent(100.5, piece(41))
    timeline.add_heard(101.0, timestamp=0, ssrc=1, pcm=piece(42))
    timeline.save(tmp_path / "call.wav")

    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 8160)
        both = np.frombuffer(file.readframes(8160), "<i2").reshape(-1, 2)
    assert (both[4000, 0], both[8000, 1], both[8000, 0]) == (42, 43, 0)
