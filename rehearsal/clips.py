"""Speaks the worker's fixed clips anew, after their words were changed (`make clips`).

The worker ships WAV files because it must speak when nothing else can; a business replaces them by
its own recordings. Silence around the words is cut: a caller would only wait for it.
"""

from pathlib import Path

import soxr
from pydantic import BaseModel, ConfigDict

from configs import load
from rehearsal import wav
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.loudness import bounds
from rehearsal.settings import REPO
from rehearsal.speech import Pcm, speak

CLIPS = REPO / "agent" / "clips"
CLIP_RATE_HZ = 24_000
VOICE = "slt"


class Words(BaseModel):
    """`clips.yaml`: what each clip says."""

    model_config = ConfigDict(extra="forbid")

    clips: dict[str, str]


async def speak_clips(folder: Path) -> list[Path]:
    """Write one WAV for each entry of `clips.yaml` in `folder` (16-bit mono, 24 kHz).

    Raises:
        ConfigError: the file is missing or wrong.
        CannotSpeak: flite is missing.
    """
    written = []
    for name, text in load(folder / "clips.yaml", Words).clips.items():
        spoken = _without_silence(await speak(text, voice=VOICE, rate_hz=CLIP_RATE_HZ))
        file = folder / f"{name}.wav"
        wav.write(file, spoken, rate_hz=CLIP_RATE_HZ)
        written.append(file)
    return written


def _without_silence(pcm: Pcm) -> Pcm:
    start, end = bounds(soxr.resample(pcm, CLIP_RATE_HZ, RATE_HZ))
    factor = CLIP_RATE_HZ // RATE_HZ
    return pcm[start * factor : end * factor]
