"""What the phone says: clips queued one after another over a floor of comfort noise.

Pure. Media asks for the next 20 ms; a clip knows sample by sample when it began and ended. The
floor is there because digital silence confuses speech recognisers, and no real line has it.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rehearsal.phone.g711 import RATE_HZ
from rehearsal.speech import Pcm

FLOOR_DBFS = -62.0


@dataclass
class Utterance:
    """One clip on its way. Times are the clock's, None until they come.

    `on_done` is called once, when its last sample was sent or it was cut short.
    """

    pcm: Pcm
    on_done: Callable[["Utterance"], None]
    started: float | None = None
    ended: float | None = None
    sent: int = 0

    @property
    def whole(self) -> bool:
        """Whether every sample of it was sent."""
        return self.sent == len(self.pcm)


class Mouth:
    """Makes the samples a phone sends. `seed` decides the noise, `floor_dbfs` its RMS level."""

    def __init__(self, seed: int, floor_dbfs: float = FLOOR_DBFS) -> None:
        self._noise = np.random.default_rng(seed)
        self._floor = 32768 * 10 ** (floor_dbfs / 20)
        self._queue: deque[Utterance] = deque()

    def say(self, utterance: Utterance) -> None:
        """Queue a clip at 8 kHz behind those before it."""
        self._queue.append(utterance)

    @property
    def waiting_s(self) -> float:
        """How long what is queued will take."""
        return sum(len(u.pcm) - u.sent for u in self._queue) / RATE_HZ

    def hush(self, at: float) -> None:
        """Cut short what is being said and drop what waits."""
        while self._queue:
            self._finish(self._queue[0], at)

    def next(self, samples: int, at: float) -> Pcm:
        """Make the next samples, the first of which is sent at the clock's time `at`."""
        mixed = self._noise.normal(0.0, self._floor, samples)
        filled = 0
        while self._queue and filled < samples:
            current = self._queue[0]
            if current.started is None:
                current.started = at + filled / RATE_HZ
            piece = current.pcm[current.sent : current.sent + samples - filled]
            mixed[filled : filled + len(piece)] += piece
            current.sent += len(piece)
            filled += len(piece)
            if current.whole:
                self._finish(current, at + filled / RATE_HZ)
        return np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)

    def _finish(self, utterance: Utterance, at: float) -> None:
        self._queue.popleft()
        utterance.ended = at
        utterance.on_done(utterance)
