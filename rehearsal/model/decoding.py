"""One utterance through pocketsphinx, and the decision whether it was in the grammar at all.

A grammar search always finds its best path, also in speech about the weather. What tells is how
well that path sounds: the mean acoustic score of its words relative to the best that the model
could have given to each frame (`compallsen` makes it that). Below LEAST_SCORE nothing was heard.
Runs in the recogniser's processes, called through `model.hearing`.
"""

import math
import re
import time
from dataclasses import dataclass

import numpy as np
import pocketsphinx
import soxr
from numpy.typing import NDArray

# Natural log per 10 ms frame. Measured through 8 kHz mu-law, see docs/rehearsal-model.md: of what
# is in a grammar about 98 % scores higher, of what is outside about 97 % lower.
LEAST_SCORE = -5.75
LEAST_RMS = 40.0
"""Of a 20 ms frame of 16-bit samples: -58 dB below full scale."""

_FILLERS = frozenset({"<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)"})
# pocketsphinx keeps scores of a grammar search divided by 1024 (its SENSCR_SHIFT).
_SCORE_SCALE = 1024
# The acoustic model knows 16 kHz speech. A telephone cuts off the hiss of S and TH, and these are
# what the rest sounds like to it: they halve the errors of digit strings.
_TELEPHONE = {
    "six": ("F IH K S", "TH IH K S", "HH IH K S"),
    "four": ("F AO ER", "F AA R"),
    "thank": ("F AE NG K", "HH AE NG K", "AE NG K"),
    "thanks": ("F AE NG K S", "HH AE NG K S", "AE NG K"),
}


@dataclass(frozen=True)
class Heard:
    """`text` is None when nothing of the grammar was said; `score` is natural log per frame."""

    text: str | None
    score: float
    decode_ms: float


class _Decoder:
    """The models of one process; loaded once, grammars kept by their text."""

    def __init__(self) -> None:
        self.sphinx = pocketsphinx.Decoder(
            hmm=pocketsphinx.get_model_path("en-us/en-us"),
            dict=pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"),
            lm=None,
            loglevel="FATAL",
            compallsen=True,
            bestpath=False,
            lw=2.0,
            # Narrower beams lose weak beginnings: "thanks, goodbye" became a number.
            beam=1e-60,
            pbeam=1e-60,
            wbeam=1e-40,
        )
        self._grammars: dict[str, str] = {}
        for word, sounds in _TELEPHONE.items():
            for sound in sounds:
                self._add_sound(word, sound)

    def use(self, jsgf: str) -> None:
        name = self._grammars.get(jsgf)
        if name is None:
            name = self._grammars[jsgf] = f"g{len(self._grammars)}"
            self.sphinx.add_jsgf_string(name, jsgf)
        self.sphinx.activate_search(name)

    def knows(self, word: str) -> bool:
        return self.sphinx.lookup_word(word) is not None

    def _add_sound(self, word: str, sound: str) -> None:
        place = 2
        while self.knows(f"{word}({place})"):
            place += 1
        self.sphinx.add_word(f"{word}({place})", sound, True)


_loaded: list[_Decoder] = []


def load() -> None:
    """Load the models of this process."""
    if not _loaded:
        _loaded.append(_Decoder())


def unknown_words(words: frozenset[str]) -> list[str]:
    """The words that the dictionary lacks; a grammar with one of them hears nothing at all."""
    load()
    return sorted(word for word in words if not _loaded[0].knows(word))


def decode(pcm_24k: bytes, jsgf: str) -> Heard:
    """Hear one utterance of 24 kHz PCM16 within `jsgf`."""
    load()
    begun = time.perf_counter()
    pcm = np.frombuffer(pcm_24k, np.int16)
    if not _holds_sound(pcm):
        return Heard(None, -math.inf, 0.0)
    audio: NDArray[np.int16] = soxr.resample(pcm, 24_000, 16_000)
    decoder = _loaded[0]
    decoder.use(jsgf)
    words = _search(decoder.sphinx, audio)
    score = _score(words)
    text = " ".join(re.sub(r"\(\d+\)$", "", word.text) for word in words)
    decode_ms = (time.perf_counter() - begun) * 1000
    return Heard(text if words and score >= LEAST_SCORE else None, score, decode_ms)


def _holds_sound(pcm: NDArray[np.int16]) -> bool:
    """Whether some frames stand out; in digital silence the search finds words at random."""
    frames = pcm[: len(pcm) // 480 * 480].reshape(-1, 480).astype(np.float64)
    return int(np.sum(np.sqrt(np.mean(frames**2, axis=1)) > LEAST_RMS)) >= 4


@dataclass(frozen=True)
class _Spoken:
    text: str
    frames: int
    score: float


def _search(sphinx: pocketsphinx.Decoder, audio: NDArray[np.int16]) -> list[_Spoken]:
    sphinx.start_utt()
    sphinx.process_raw(audio.tobytes(), full_utt=True)
    sphinx.end_utt()
    if sphinx.hyp() is None:
        return []
    return [
        # The binding gives the scaled score as a probability.
        _Spoken(s.word, s.end_frame - s.start_frame + 1, math.log(max(s.ascore, 1e-300)))
        for s in sphinx.seg()
        if s.word not in _FILLERS
    ]


def _score(words: list[_Spoken]) -> float:
    frames = sum(word.frames for word in words)
    return _SCORE_SCALE * sum(word.score for word in words) / frames if frames else -math.inf
