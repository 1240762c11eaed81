"""The model's voice: text in, sentences of PCM out, each as soon as it is made.

A sentence that was spoken before comes from memory. Called by `model.speaking`.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator

import numpy as np
import soxr
from numpy.typing import NDArray

from rehearsal.model.brain import Brain
from rehearsal.phone.g711 import RATE_HZ as PHONE_RATE_HZ
from rehearsal.phone.utterances import spoken
from rehearsal.speech import speak

RATE_HZ = 24_000
DEFAULT_VOICE = "slt"
REMEMBERED_SENTENCES = 512
# OpenAI's voices, by rough likeness; all of them are flite underneath.
_VOICES = {
    "alloy": "slt", "ash": "rms", "ballad": "awb", "cedar": "rms", "coral": "slt",
    "echo": "awb", "marin": "slt", "sage": "slt", "shimmer": "slt", "verse": "rms",
}  # fmt: skip

Pcm = NDArray[np.int16]


def voice_for(name: str) -> str:
    """The synthesiser's voice for a voice of the protocol; flite's own names pass."""
    return _VOICES.get(name, name if name in ("rms", "awb", "kal16", "slt") else DEFAULT_VOICE)


def sentences(text: str) -> list[str]:
    """`text` cut where a speaker would breathe, so that the first words come early."""
    parts = re.split(r"(?<=[.!?])\s+", text.strip())
    return [part for part in parts if part]


class Voice:
    """One synthesiser with a memory, shared by all sessions. `close` it when they are over."""

    def __init__(self) -> None:
        self._spoken: OrderedDict[tuple[str, str], Pcm] = OrderedDict()
        self._making: dict[tuple[str, str], asyncio.Task[Pcm]] = {}

    async def sentence(self, text: str, voice: str) -> Pcm:
        """One sentence as 24 kHz PCM, its silent edges cut to 20 ms before and 120 ms after."""
        key = (voice, text)
        if key in self._spoken:
            self._spoken.move_to_end(key)
            return self._spoken[key]
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key))
        # Whoever asked may be cut off; what is being made is finished and remembered.
        return await asyncio.shield(self._making[key])

    async def close(self) -> None:
        """Wait for what is being made: a synthesiser cut off would be left unreaped."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _make(self, key: tuple[str, str]) -> Pcm:
        voice, text = key
        try:
            pcm = await asyncio.to_thread(_trim, await speak(text, voice=voice, rate_hz=RATE_HZ))
        finally:
            del self._making[key]
        self._spoken[key] = pcm
        if len(self._spoken) > REMEMBERED_SENTENCES:
            self._spoken.popitem(last=False)
        return pcm

    async def say(self, text: str, voice: str) -> AsyncGenerator[tuple[str, Pcm], None]:
        """Sentence by sentence; the next is made while the present one is sent."""
        parts = sentences(text)
        following: asyncio.Task[Pcm] | None = None
        try:
            for index, part in enumerate(parts):
                pcm = await following if following else await self.sentence(part, voice)
                following = None
                if index + 1 < len(parts):
                    following = asyncio.create_task(self.sentence(parts[index + 1], voice))
                yield part, pcm
        finally:
            if following:
                following.cancel()


def _trim(pcm: Pcm) -> Pcm:
    """Cut what flite adds before and after: nearly 200 ms of silence that a caller would wait."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 200)
    if not len(loud):
        return pcm
    start = max(0, int(loud[0]) - RATE_HZ * 2 // 1000)
    return pcm[start : int(loud[-1]) + RATE_HZ * 120 // 1000]


def onset_ms(pcm: Pcm) -> float:
    """How far into the audio a caller first hears something, milliseconds.

    A voice may set in softly: an "f" has little below 4 kHz. Found as `phone.utterances` finds it
    in a call, in the telephone band: a measured gap is told from the voice's own softness by it.
    """
    heard = spoken(soxr.resample(pcm, RATE_HZ, PHONE_RATE_HZ))
    return round(heard[0].start_s * 1000, 1) if heard else 0.0


def constant_lines(brain: Brain) -> list[str]:
    """The sentences of a brain that never change."""
    lines = [brain.greeting, brain.silence, brain.while_waiting, *brain.not_understood]
    for state in brain.states.values():
        lines += [state.silence, *state.not_understood]
    for move in brain.every_move():
        lines += [move.say] if isinstance(move.say, str) else move.say
    return [part for line in lines for part in sentences(line) if "{" not in part]
