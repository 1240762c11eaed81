"""Tones to send, and how much of one is in what was heard."""

from pathlib import Path

import numpy as np

from rehearsal import wav
from rehearsal.speech import Pcm

LEVEL = 8000


def tone(hz: float, seconds: float) -> Pcm:
    """A sine of amplitude `LEVEL`."""
    at = np.arange(round(seconds * 8000)) / 8000
    return (LEVEL * np.sin(2 * np.pi * hz * at)).astype(np.int16)


def share(pcm: Pcm, hz: float) -> float:
    """Amplitude of `hz` over `LEVEL` in the loudest quarter second, by Goertzel's sum."""
    size = 2000
    turn = np.exp(-2j * np.pi * hz * np.arange(size) / 8000)
    starts = range(0, max(1, len(pcm) - size), size // 4)
    found = [abs(np.sum(pcm[s : s + size] * turn[: len(pcm[s : s + size])])) for s in starts]
    return float(max(found, default=0.0) * 2 / size / LEVEL)


def write(path: Path, pcm: Pcm) -> Path:
    """Write a mono WAV at 8 kHz."""
    wav.write(path, pcm, rate_hz=8000)
    return path


def read(path: Path) -> Pcm:
    """Read a mono WAV."""
    return wav.read(path)[0]
