"""Voices by real synthesisers: sound of the asked rate, or a sentence with the fix."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from rehearsal.speech import FLITE_VOICES, CannotSpeak, speak

WORDS = "where is my order number four two seven one"


@pytest.mark.parametrize("voice", [*FLITE_VOICES, "es-en-us"])
@pytest.mark.parametrize("rate_hz", [8000, 24000])
async def test_a_voice_speaks_at_the_asked_rate(voice: str, rate_hz: int) -> None:
    """Two to five seconds of speech, whatever the synthesiser's own rate is."""
    pcm = await speak(WORDS, voice=voice, rate_hz=rate_hz)

    assert pcm.dtype == np.int16
    assert pcm.ndim == 1
    assert 2.0 < len(pcm) / rate_hz < 5.0
    assert np.abs(pcm).max() > 3000


async def test_voices_differ() -> None:
    """Callers are not all the same person."""
    said = [await speak(WORDS, voice=voice, rate_hz=8000) for voice in FLITE_VOICES]

    assert len({pcm.tobytes() for pcm in said}) == len(FLITE_VOICES)


async def test_the_same_words_sound_the_same() -> None:
    """A call that is played again is the same call."""
    first, second = [await speak(WORDS, voice="rms", rate_hz=8000) for _ in range(2)]

    assert np.array_equal(first, second)


@pytest.mark.parametrize("voice", ["rms", "es-en-us"])
@pytest.mark.parametrize("text", ["-h", "$(exit 3)", 'it\'s "quoted"; yes', "ä ö"])
async def test_words_are_never_taken_for_options(voice: str, text: str) -> None:
    """Whatever a script says is said, and nothing else is done with it."""
    assert len(await speak(text, voice=voice, rate_hz=8000)) > 800


async def test_a_voice_that_nobody_has_is_told_with_those_that_there_are() -> None:
    """A typo in a script."""
    with pytest.raises(CannotSpeak, match="no voice 'bob': choose rms, awb, kal16, slt or es-"):
        await speak(WORDS, voice="bob", rate_hz=8000)


async def test_a_language_that_espeak_does_not_have_is_told() -> None:
    """In the program's own words."""
    with pytest.raises(CannotSpeak, match="espeak-ng failed"):
        await speak(WORDS, voice="es-zz", rate_hz=8000)


async def test_a_missing_program_is_told_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `make setup` would have installed."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(CannotSpeak, match="flite is not installed: run `make setup`"):
        await speak(WORDS, voice="rms", rate_hz=8000)


async def test_a_synthesiser_that_is_interrupted_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that ends while it thinks of words."""
    told = tmp_path / "pid"
    os.mkfifo(told)
    slow = tmp_path / "flite"
    slow.write_text(f"#!/bin/sh\necho $$ > {told}\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    speaking = asyncio.create_task(speak(WORDS, voice="rms", rate_hz=8000))
    pid = int(await asyncio.to_thread(told.read_text))
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
