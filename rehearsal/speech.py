"""Voices for callers and for the scripted model: text in, PCM out, by flite or espeak-ng.

Both programs are real synthesisers started as processes, so an utterance costs tens of
milliseconds and no Python thread. Voices named `es-...` are espeak-ng's, all others flite's.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from rehearsal import wav

ESPEAK = "es-"
FLITE_VOICES = ("rms", "awb", "kal16", "slt")
SPEAKING_TIMEOUT_S = 20.0

Pcm: TypeAlias = NDArray[np.int16]


class CannotSpeak(Exception):
    """No synthesiser made audio of this text; the message names program and fix."""


async def speak(text: str, *, voice: str, rate_hz: int) -> Pcm:
    """Say `text` (English) as 16-bit mono PCM at `rate_hz`.

    Raises:
        CannotSpeak: the voice is unknown, or the program is missing or failed.
    """
    with tempfile.TemporaryDirectory(prefix="frontdesk-speech-") as folder:
        file = Path(folder) / "said.wav"
        await _run(_command(text, voice, file))
        samples, source_hz = await asyncio.to_thread(wav.read, file)
    return at_rate(samples, source_hz, rate_hz)


def at_rate(samples: Pcm, source_hz: int, rate_hz: int) -> Pcm:
    """Resample PCM, if its rate is another."""
    if source_hz == rate_hz:
        return samples
    resampled: Pcm = soxr.resample(samples, source_hz, rate_hz)
    return resampled


def _command(text: str, voice: str, file: Path) -> list[str]:
    if voice.startswith(ESPEAK):
        return ["espeak-ng", "-v", voice.removeprefix(ESPEAK), "-w", str(file), "--", text]
    if voice not in FLITE_VOICES:
        raise CannotSpeak(f"no voice {voice!r}: choose {', '.join(FLITE_VOICES)} or es-<language>")
    return ["flite", "-voice", voice, "-o", str(file), "-t", text]


async def _run(command: list[str]) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise CannotSpeak(f"{command[0]} is not installed: run `make setup`") from error
    try:
        async with asyncio.timeout(SPEAKING_TIMEOUT_S):
            _, complaint = await process.communicate()
    except TimeoutError as error:
        raise CannotSpeak(f"{command[0]} did not finish in {SPEAKING_TIMEOUT_S} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            # Cancelled here or not, a killed synthesiser is gone in no time.
            await asyncio.shield(process.wait())
    if process.returncode:
        raise CannotSpeak(f"{command[0]} failed: {complaint.decode(errors='replace').strip()}")
