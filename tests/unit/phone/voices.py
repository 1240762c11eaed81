"""Made speech whose true times are known: syllables of a buzzing voice over a noisy line."""

import numpy as np

from rehearsal.phone.g711 import PCMU
from rehearsal.phone.utterances import Spoken
from rehearsal.speech import Pcm


def buzz(seconds: float, *, rng: np.random.Generator, dbfs: float = -22.0) -> Pcm:
    """A vowel-like sound with 3 ms edges, words of 0.15-0.4 s and pauses of at most 0.2 s."""
    count = round(seconds * 8000)
    at = np.arange(count) / 8000
    pitch = rng.uniform(90, 220)
    tones = sum(np.sin(2 * np.pi * pitch * n * at + rng.uniform(0, 6)) / n for n in range(1, 12))
    envelope = np.ones(count)
    here = rng.uniform(0.15, 0.4)
    while here < seconds - 0.4:
        pause = rng.uniform(0.03, 0.2)
        envelope[int(here * 8000) : int((here + pause) * 8000)] = 0
        here += pause + rng.uniform(0.15, 0.4)
    envelope[:24] *= np.linspace(0, 1, 24)
    envelope[-24:] *= np.linspace(1, 0, 24)
    sound = np.asarray(tones) * envelope
    sound *= 32768 * 10 ** (dbfs / 20) / np.sqrt(np.mean(sound**2))
    return np.clip(sound, -32768, 32767).astype(np.int16)


def line(
    truth: list[Spoken], *, seconds: float, rng: np.random.Generator, floor_dbfs: float = -62.0
) -> Pcm:
    """A line with a voice at these times, through mu-law."""
    mixed = rng.normal(0, 32768 * 10 ** (floor_dbfs / 20), round(seconds * 8000))
    for start, end in truth:
        voice = buzz(end - start, rng=rng)
        mixed[round(start * 8000) : round(start * 8000) + len(voice)] += voice
    pcm = np.clip(mixed, -32768, 32767).astype(np.int16)
    return PCMU.decode(PCMU.encode(pcm))
