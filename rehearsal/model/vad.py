"""When the caller speaks: an energy detector that knows noise from voice.

The noise floor follows the line, so comfort noise is silence; what is loud but even (a fan, hiss,
a steady tone) is not speech, since its level does not move. Vowels may be as even, but they end:
what sounds voiced has to stay even for longer. Called by `model.session` with every chunk of audio.
Pure: all times are milliseconds of audio since the session began.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 24_000
FRAME_MS = 20
_FRAME = RATE_HZ * FRAME_MS // 1000
_LOWEST_DB = -70.0
_STEADY_FRAMES = 20
# "nine nine nine nine" is even for 1040 ms in a caller's voice; no words are for twice as long.
_STEADY_VOICED_FRAMES = 100
_STEADY_DB = 1.2
# White noise has a flatness of about 0.56, the voiced frames that every word holds below 0.3.
_FLAT = 0.4
_ONSET_VOICED = 3
_ONSET_FRAMES = 6

Pcm = NDArray[np.int16]


@dataclass(frozen=True)
class Turned:
    """Speech began or ended. `at_ms` is where, `noticed_ms` when the detector could tell."""

    kind: Literal["started", "stopped"]
    at_ms: int
    noticed_ms: int


class Vad:
    """Tells beginnings and ends of speech in a stream of 24 kHz mono PCM."""

    def __init__(self, *, threshold: float = 0.5, silence_ms: int = 500) -> None:
        self.tune(threshold=threshold, silence_ms=silence_ms)
        self.speaking = False
        self.now_ms = 0
        self.last_voice_ms = 0
        self._rest = np.zeros(0, dtype=np.int16)
        self._floor_db: float | None = None
        self._levels: deque[float] = deque(maxlen=_STEADY_VOICED_FRAMES)
        self._flatness: deque[float] = deque(maxlen=_STEADY_FRAMES)
        self._onset: deque[bool] = deque(maxlen=_ONSET_FRAMES)
        self._was_active = False

    def tune(self, *, threshold: float, silence_ms: int) -> None:
        """Set sensitivity (0 to 1, as the protocol has it) and the silence that ends speech."""
        self._margin_db = 6.0 + 12.0 * threshold
        self._least_db = -62.0 + 24.0 * threshold
        self._silence_ms = silence_ms

    @property
    def silent_ms(self) -> int:
        """How long it has been silent since the last voice."""
        return self.now_ms - self.last_voice_ms

    def feed(self, pcm: Pcm) -> list[Turned]:
        """Hear more audio, of any length."""
        samples = np.concatenate([self._rest, pcm])
        whole = len(samples) // _FRAME * _FRAME
        self._rest = samples[whole:]
        turned: list[Turned] = []
        for frame in samples[:whole].reshape(-1, _FRAME).astype(np.float64):
            self.now_ms += FRAME_MS
            turned += self._hear(frame)
        return turned

    def _hear(self, frame: NDArray[np.float64]) -> list[Turned]:
        level = 10 * float(np.log10(np.mean(frame**2) / 32768**2 + 1e-12))
        self._levels.append(level)
        self._flatness.append(_flatness(frame))
        self._follow(level)
        floor = self._floor_db if self._floor_db is not None else level
        gate = max(floor + self._margin_db, self._least_db)
        if self.speaking:
            return self._end(active=level > gate - 4)
        self._onset.append(level > gate and self._flatness[-1] < _FLAT)
        if sum(self._onset) < _ONSET_VOICED:
            return []
        began = self.now_ms - FRAME_MS * (len(self._onset) - list(self._onset).index(True))
        self.speaking, self.last_voice_ms, self._was_active = True, self.now_ms, True
        self._onset.clear()
        return [Turned("started", began, self.now_ms)]

    def _end(self, *, active: bool) -> list[Turned]:
        # One loud frame alone is a click, not a voice: it must not hold the turn open.
        if active and self._was_active:
            self.last_voice_ms = self.now_ms
        self._was_active = active
        if self.silent_ms < self._silence_ms:
            return []
        self.speaking = False
        return [Turned("stopped", self.last_voice_ms, self.now_ms)]

    def _follow(self, level: float) -> None:
        """Follow the noise: at once to what is even, quickly down, slowly up and not in speech."""
        voiced = self.speaking and float(np.mean(self._flatness)) < _FLAT
        frames = _STEADY_VOICED_FRAMES if voiced else _STEADY_FRAMES
        recent = list(self._levels)[-frames:]
        even = len(recent) == frames and float(np.std(recent)) < _STEADY_DB
        if self._floor_db is None:
            self._floor_db = min(level, -40.0)
        elif even:
            self._floor_db = float(np.mean(recent))
        elif level < self._floor_db:
            self._floor_db += 0.3 * (level - self._floor_db)
        elif not self.speaking:
            self._floor_db += min(0.05, level - self._floor_db)
        self._floor_db = max(self._floor_db, _LOWEST_DB)


def _flatness(frame: NDArray[np.float64]) -> float:
    """Geometric over arithmetic mean of the power spectrum in the telephone band."""
    power = np.abs(np.fft.rfft(frame * np.hanning(len(frame))))[4:68] ** 2 + 1e-9
    return float(np.exp(np.mean(np.log(power))) / np.mean(power))
