"""Which of the agent's sound is heard on a telephone, and when it begins."""

import numpy as np
import pytest

from agent.audible import APART_S, Sound, Sounding, audible

CHUNK_S = 0.01
RATE_HZ = 24_000
NEVER = float("-inf")


def tone(hz: float = 440.0, dbfs: float = -20.0) -> bytes:
    """10 ms of a tone of this level."""
    at = np.arange(round(RATE_HZ * CHUNK_S)) / RATE_HZ
    peak = 32768 * 10 ** (dbfs / 20) * np.sqrt(2)
    return bytes((peak * np.sin(2 * np.pi * hz * at)).astype(np.int16).tobytes())


SILENCE = bytes(len(tone()))


def begun(voice: Sounding, chunks: str, at: float = 0.0) -> list[Sound]:
    """The sounds that begin in chunks of 10 ms: `#` is loud."""
    found = [
        voice.hear(tone() if chunk == "#" else SILENCE, at + n * CHUNK_S, CHUNK_S)
        for n, chunk in enumerate(chunks)
    ]
    return [sound for sound in found if sound is not None]


@pytest.mark.parametrize(
    ("pcm", "heard"),
    [
        (tone(dbfs=-40), True),
        (tone(dbfs=-50), False),
        (SILENCE, False),
        (b"", False),
        # No telephone lets it through.
        (tone(hz=8000.0, dbfs=-20), False),
    ],
)
def test_what_a_telephone_lets_through_and_is_louder_than_its_noise_is_heard(
    pcm: bytes, heard: bool
) -> None:
    """Silence that a model sends is no answer yet."""
    assert audible(pcm) is heard


def test_sound_begins_with_its_first_loud_chunk() -> None:
    """Also when it takes some more to be sure of it."""
    (sound,) = begun(Sounding(), "..###", at=5.0)

    assert (round(sound.began_at, 2), sound.after) == (5.02, NEVER)


def test_a_click_is_no_voice() -> None:
    """Nor is what rounding makes of silence."""
    assert begun(Sounding(), "..##..........#...........") == []


def test_pauses_of_a_voice_are_its_own() -> None:
    """What follows soon goes on; what follows later begins anew, and says when it was quiet."""
    voice, pause = Sounding(), round(APART_S / CHUNK_S)
    begun(voice, "####")

    assert begun(voice, "." * (pause - 5) + "###", at=0.04) == []
    ended_at = voice.ended_at
    assert begun(voice, "###", at=3.0) == [Sound(3.0, ended_at)]
