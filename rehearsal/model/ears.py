"""The caller's audio: kept, divided into turns, and decoded before the turn is over.

Decoding starts in the pause after the last word, while the VAD still waits to be sure; unless the
caller goes on, the words are there when it is. Called by `model.session`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rehearsal.model.decoding import Heard
from rehearsal.model.grammar import Grammar
from rehearsal.model.hearing import Hearing
from rehearsal.model.vad import RATE_HZ, Turned, Vad

Pcm = NDArray[np.int16]
Spawn = Callable[[Coroutine[Any, Any, Heard]], "asyncio.Task[Heard]"]
# A recogniser wants some of the line's silence on both sides of the words.
BEFORE_MS = 250
AFTER_MS = 140
_KEPT_MS = 6_000
NOTHING = Heard(text=None, score=float("-inf"), decode_ms=0.0)
SILENCE = np.zeros(0, np.int16)


@dataclass(frozen=True)
class Utterance:
    """One turn's audio and the words in it, once they are known."""

    pcm: Pcm
    words: "asyncio.Task[Heard]"
    seconds: float


class Ears:
    """One session's input audio."""

    def __init__(self, hearing: Hearing, spawn: Spawn, grammar: Callable[[], Grammar]) -> None:
        self.vad = Vad()
        self._hearing = hearing
        self._spawn = spawn
        self._grammar = grammar
        self._audio: list[Pcm] = []
        self._first_ms = 0.0
        self._end_ms = 0.0
        self._spoke_ms: int | None = None
        self._buffer_ms = 0.0
        self._guess: tuple[int, Utterance] | None = None
        self._told: Utterance | None = None

    @property
    def buffered_ms(self) -> float:
        """Audio since the last commit or clear."""
        return self._end_ms - self._buffer_ms

    def feed(self, pcm: Pcm) -> list[Turned]:
        """Hear more; returns where speech began and ended."""
        self._audio.append(pcm)
        self._end_ms += len(pcm) * 1000 / RATE_HZ
        turned = self.vad.feed(pcm)
        for turn in turned:
            if turn.kind == "started" and self._spoke_ms is None:
                self._spoke_ms = turn.at_ms
        self._guess_ahead()
        if self._spoke_ms is None:
            self._forget_before(self._end_ms - _KEPT_MS)
        return turned

    def be_told(self, text: str, seconds: float) -> None:
        """The words of the turn that ends next, which nobody speaks."""
        words = Heard(text=text, score=0.0, decode_ms=0.0)
        self._told = Utterance(SILENCE, self._spawn(_words(words)), seconds)

    def take(self) -> Utterance:
        """The turn that has just ended; what comes next belongs to the next one."""
        if self._told is not None:
            utterance, self._told = self._told, None
        elif self._spoke_ms is None:
            utterance = Utterance(SILENCE, self._spawn(_words(NOTHING)), 0.0)
        elif self._guess and self._guess[0] == self.vad.last_voice_ms:
            utterance = self._guess[1]
        else:
            utterance = self._decode(self._spoke_ms)
        self.clear()
        return utterance

    def again(self, utterances: list[Utterance]) -> "asyncio.Task[Heard]":
        """Decode several turns as one: the caller paused in the middle of a number."""
        pcm = np.concatenate([utterance.pcm for utterance in utterances])
        return self._spawn(self._hearing.hear(pcm, self._grammar()))

    def clear(self) -> None:
        """Forget what was heard so far."""
        if self._guess:
            self._guess = None
        self._spoke_ms = None
        self._buffer_ms = self._end_ms
        self._forget_before(self._end_ms - _KEPT_MS)

    def _guess_ahead(self) -> None:
        vad = self.vad
        if not vad.speaking or self._spoke_ms is None or vad.silent_ms < AFTER_MS:
            return
        if self._guess is None or self._guess[0] != vad.last_voice_ms:
            if self._guess:
                # The caller went on: the words so far will be decoded again with the rest.
                self._guess[1].words.cancel()
            self._guess = (vad.last_voice_ms, self._decode(self._spoke_ms))

    def _decode(self, start_ms: int) -> Utterance:
        pcm = self._cut(start_ms - BEFORE_MS, self.vad.last_voice_ms + AFTER_MS)
        words = self._spawn(self._hearing.hear(pcm, self._grammar()))
        return Utterance(pcm, words, len(pcm) / RATE_HZ)

    def _cut(self, from_ms: float, to_ms: float) -> Pcm:
        whole = np.concatenate(self._audio)
        first = max(0, round((from_ms - self._first_ms) * RATE_HZ / 1000))
        last = max(first, round((to_ms - self._first_ms) * RATE_HZ / 1000))
        return whole[first:last]

    def _forget_before(self, at_ms: float) -> None:
        while self._audio:
            first_ms = len(self._audio[0]) * 1000 / RATE_HZ
            if self._first_ms + first_ms > at_ms:
                return
            self._first_ms += first_ms
            del self._audio[0]


async def _words(heard: Heard) -> Heard:
    return heard
