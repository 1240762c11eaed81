"""WAV files of 16-bit PCM: how every recording, clip and voice of the rehearsal comes and goes."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class NotMono(Exception):
    """The file is no WAV of 16-bit mono; the message says what is wrong with it."""


def read(path: Path) -> tuple[NDArray[np.int16], int]:
    """The samples of a mono file and their rate in Hz.

    Raises:
        NotMono: it is missing, is no WAV, or holds something else.
    """
    try:
        with wave.open(str(path)) as file:
            shape = (file.getnchannels(), file.getsampwidth())
            rate_hz, frames = file.getframerate(), file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise NotMono(str(error)) from error
    if shape != (1, 2):
        raise NotMono("it must be 16-bit mono")
    return np.frombuffer(frames, dtype="<i2").astype(np.int16), rate_hz


def write(path: Path, samples: NDArray[np.int16], *, rate_hz: int) -> None:
    """Write `samples`: one row per moment, one column per channel; a flat array is mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
