"""Hears, while a call is up, when the other side starts and finishes speaking.

Pure. Fed with each packet's audio and, because a silent line may send none, with time. What a call
was really like is `measure`'s to say, from the whole recording.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from rehearsal.phone.events import OtherFinished, OtherStarted
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.loudness import QUIETEST_DBFS, levels, threshold
from rehearsal.speech import Pcm

FRAME_S = 0.01
SURE_FRAMES = 3
"""Loud frames, among the last five, that make a start: 30 ms, longer than any click."""
FLOOR_FRAMES = 300
"""3 s: what the quietest tenth of them holds is the line's noise."""

KNOWN_FRAMES = 100


@dataclass
class SpeechWatch:
    """Tells starts and ends of the other side's speech, on the timeline's seconds.

    `silence_s` is how long it must be quiet before it counts as finished.
    """

    silence_s: float = 0.7
    started_s: float | None = None
    """Since when the other side speaks; None while it does not."""
    _loud_until: float = 0.0
    _recent: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=5))
    _past: deque[float] = field(default_factory=lambda: deque(maxlen=FLOOR_FRAMES))

    def hear(self, pcm: Pcm, at_s: float) -> list[OtherStarted | OtherFinished]:
        """Take audio whose first sample is at `at_s`."""
        told: list[OtherStarted | OtherFinished] = []
        loudness = levels(pcm, int(RATE_HZ * FRAME_S))
        self._past.extend(loudness.tolist())
        # A call may open with speech: until a second has passed nothing is known of the noise.
        known = len(self._past) >= KNOWN_FRAMES
        line = threshold(float(np.percentile(self._past, 10)) if known else QUIETEST_DBFS)
        for frame, level in enumerate(loudness):
            begins = at_s + frame * FRAME_S
            loud = bool(level > line)
            self._recent.append((begins, loud))
            if loud and self.started_s is not None:
                self._loud_until = begins + FRAME_S
            starts = [when for when, was_loud in self._recent if was_loud]
            if self.started_s is None and len(starts) >= SURE_FRAMES:
                self.started_s, self._loud_until = starts[0], starts[-1] + FRAME_S
                told.append(OtherStarted(starts[0]))
        return told + self.tick(at_s + len(pcm) / RATE_HZ)

    def tick(self, now_s: float) -> list[OtherStarted | OtherFinished]:
        """Let time pass without audio."""
        if self.started_s is None or now_s - self._loud_until < self.silence_s:
            return []
        finished = OtherFinished(self.started_s, self._loud_until)
        self.started_s = None
        self._recent.clear()
        return [finished]
