"""Calls as tones: what was said is heard again in what was kept."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from records.recording import Kept, Truncated, open_recording
from records.recording.files import WHOLE
from records.recording.opus import RATE_HZ, Sound, decoded

KEY = bytes(range(32))
CALL = "20261125T101500-0badcafe"
FRAME_S = 0.01
FRAME = round(FRAME_S * RATE_HZ)
CALLER_HZ, AGENT_HZ = 440, 1000
# What an encoder makes of silence and of the other side is far below.
LOUD = 1500
PATIENCE_S = 60.0


def frame(number: int, hertz: int) -> bytes:
    """One frame of an endless tone."""
    at = np.arange(number * FRAME, (number + 1) * FRAME) / RATE_HZ
    return (np.sin(2 * np.pi * hertz * at) * 8000).astype(np.int16).tobytes()


def kept_sound(folder: Path, kept: Kept, key: bytes = KEY, call_id: str = CALL) -> Sound:
    """What was recorded, of shape (n, 2), out of the file that waits for the storage."""
    return sound_of(b"".join(open_recording(folder / f"{kept.name}{WHOLE}", key, call_id)))


def sound_of(ogg: bytes) -> Sound:
    """The sound of an Ogg Opus file."""
    return np.concatenate(list(decoded(io.BytesIO(ogg))))


def broken_off(file: Path, key: bytes = KEY, call_id: str = CALL) -> bytes:
    """What can be read of a file that must have no end."""
    parts: list[bytes] = []
    try:
        for part in open_recording(file, key, call_id):
            parts.append(part)  # noqa: PERF402 - what came before the error is kept
    except Truncated:
        return b"".join(parts)
    raise AssertionError("the recording has an end")


def loud_spans(sound: Sound, side: int) -> list[tuple[float, float]]:
    """Where one side is loud, in seconds, to within 5 ms."""
    step = RATE_HZ // 200
    whole = sound[: len(sound) // step * step, side].astype(int)
    loud = (np.abs(whole).reshape(-1, step).max(axis=1) > LOUD).astype(int)
    edges = np.diff(loud, prepend=0, append=0)
    begins, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    return [(float(b) / 200, float(e) / 200) for b, e in zip(begins, ends, strict=True)]


def pitch(sound: Sound, side: int, began_at: float, ended_at: float) -> float:
    """The loudest frequency of one side within a span, in hertz."""
    part = sound[round(began_at * RATE_HZ) : round(ended_at * RATE_HZ), side]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(part)


def talk(seconds: float) -> Iterator[tuple[int, float]]:
    """The numbers of frames, and when each of them begins."""
    for number in range(round(seconds / FRAME_S)):
        yield number, number * FRAME_S


def grown(file: Path, size: int) -> None:
    """Return once another process has written so many bytes."""
    deadline = time.monotonic() + PATIENCE_S
    while not file.exists() or file.stat().st_size < size:
        if time.monotonic() > deadline:
            raise TimeoutError("nothing is recorded")
        time.sleep(0.05)
