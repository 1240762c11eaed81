"""One utterance through pocketsphinx, and the decision whether it was in the grammar at all.

A grammar search always finds its best path, also in speech about the weather. Two measures tell:
the mean acoustic score of the grammar's words against the best that the acoustic model could
have given (`compallsen`), and, when that is doubtful, how far the words lie from what a
large-vocabulary search hears in the same audio, in phones. Runs in the recogniser's processes.
"""

import math
import re
import time
from dataclasses import dataclass

import numpy as np
import pocketsphinx
import soxr
from numpy.typing import NDArray

# Natural-log acoustic score per 10 ms frame of speech; measured, see docs/rehearsal-model.md.
CLEARLY_IN = -4.6
CLEARLY_OUT = -6.6
# Phone edits per phone of the grammar's words.
FARTHEST = 0.5

_FILLERS = frozenset({"<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)"})
_MODEL = {"hmm": "en-us/en-us", "dict": "en-us/cmudict-en-us.dict"}


@dataclass(frozen=True)
class Heard:
    """`text` is None when nothing of the grammar was said; `score` is per frame, for tuning."""

    text: str | None
    score: float
    distance: float | None
    decode_ms: float


class _Decoders:
    """The models of one process; loaded once, grammars kept by their text."""

    def __init__(self) -> None:
        paths = {key: pocketsphinx.get_model_path(name) for key, name in _MODEL.items()}
        quiet = {"loglevel": "FATAL", "bestpath": False}
        self.strict = pocketsphinx.Decoder(
            **paths, **quiet, lm=None, compallsen=True, lw=2.0, beam=1e-40, pbeam=1e-40, wbeam=1e-25
        )
        self.free = pocketsphinx.Decoder(
            **paths, **quiet, lm=pocketsphinx.get_model_path("en-us/en-us.lm.bin"), fwdflat=False
        )
        self._grammars: dict[str, str] = {}

    def use(self, jsgf: str) -> None:
        name = self._grammars.get(jsgf)
        if name is None:
            name = self._grammars[jsgf] = f"g{len(self._grammars)}"
            self.strict.add_jsgf_string(name, jsgf)
        self.strict.activate_search(name)


_loaded: list[_Decoders] = []


def load() -> None:
    """Load the models of this process."""
    if not _loaded:
        _loaded.append(_Decoders())


def ready() -> bool:
    """Whether `load` has run in this process."""
    return bool(_loaded)


def decode(pcm_24k: bytes, jsgf: str) -> Heard:
    """Hear one utterance of 24 kHz PCM16 within `jsgf`."""
    load()
    begun = time.perf_counter()
    audio: NDArray[np.int16] = soxr.resample(np.frombuffer(pcm_24k, np.int16), 24_000, 16_000)
    decoders = _loaded[0]
    decoders.use(jsgf)
    words = _search(decoders.strict, audio)
    text = _plain(words)
    score = _score(words)
    distance: float | None = None
    accepted = bool(text) and score >= CLEARLY_OUT
    if accepted and score < CLEARLY_IN:
        distance = _distance(decoders.free, words, _search(decoders.free, audio))
        accepted = distance <= FARTHEST
    decode_ms = (time.perf_counter() - begun) * 1000
    return Heard(text if accepted else None, score, distance, decode_ms)


@dataclass(frozen=True)
class _Spoken:
    word: str
    frames: int
    score: float


def _search(decoder: pocketsphinx.Decoder, audio: NDArray[np.int16]) -> list[_Spoken]:
    decoder.start_utt()
    decoder.process_raw(audio.tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        # The binding gives the score as a probability, which underflows for long words.
        _Spoken(s.word, s.end_frame - s.start_frame + 1, math.log(max(s.ascore, 1e-300)))
        for s in decoder.seg()
        if s.word not in _FILLERS
    ]


def _score(words: list[_Spoken]) -> float:
    frames = sum(word.frames for word in words)
    return sum(word.score for word in words) / frames if frames else -math.inf


def _plain(words: list[_Spoken]) -> str:
    return " ".join(re.sub(r"\(\d+\)$", "", word.word) for word in words)


def _distance(decoder: pocketsphinx.Decoder, strict: list[_Spoken], free: list[_Spoken]) -> float:
    wanted, heard = _phones(decoder, strict), _phones(decoder, free)
    return _edits(wanted, heard) / max(len(wanted), 1)


def _phones(decoder: pocketsphinx.Decoder, words: list[_Spoken]) -> list[str]:
    return [p for word in words for p in (decoder.lookup_word(word.word) or "").split()]


def _edits(left: list[str], right: list[str]) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
