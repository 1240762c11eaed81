"""A caller for the scripted model: real voices through a telephone's band, codec and noise."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import numpy as np
import soxr
from numpy.typing import NDArray

from rehearsal.model import Logger, ModelServer, ModelSettings, serve
from rehearsal.speech import speak

Pcm = NDArray[np.int16]
WAIT_S = 20.0
NOISE_RMS = 20.0
"""Comfort noise of about -64 dB below full scale."""

TOOLS = [
    {
        "type": "function",
        "name": name,
        "description": name,
        "parameters": {
            "type": "object",
            "properties": {argument: {"type": "string"}},
            "required": [argument],
            "additionalProperties": False,
        },
    }
    for name, argument in (
        ("look_up_order", "order"),
        ("cancel_order", "order"),
        ("verify_caller", "zip_code"),
    )
]


@contextlib.asynccontextmanager
async def serving(**settings: object) -> AsyncIterator[ModelServer]:
    """A server on a free port with one recogniser."""
    wanted = ModelSettings(_env_file=None, hearers=1).model_copy(update=settings)
    with Logger(Path("/dev/null")) as logger:
        async with serve(wanted, logger) as server:
            yield server


@contextlib.asynccontextmanager
async def controlling(server: ModelServer) -> AsyncIterator[httpx.AsyncClient]:
    """The control API."""
    url = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as client:
        yield client


async def telephone(text: str, voice: str, *, seed: int, after_ms: int = 0) -> Pcm:
    """`text` as it arrives over a telephone: 8 kHz, mu-law, on a noise floor; 24 kHz PCM."""
    said = (await speak(text, voice=voice, rate_hz=8000)).astype(np.float64) * 0.5
    line = np.concatenate([np.zeros(2400), said, np.zeros(1600 + 8 * after_ms)])
    line += np.random.default_rng(seed).normal(0, NOISE_RMS, len(line))
    pcm: Pcm = soxr.resample(_mu_law(np.clip(line, -32768, 32767)), 8000, 24_000)
    return pcm


def noise(ms: int, *, seed: int, rms: float = NOISE_RMS) -> Pcm:
    """Nothing but the line's noise."""
    return np.random.default_rng(seed).normal(0, rms, 24 * ms).astype(np.int16)


async def send(append: Callable[[str], Awaitable[object]], pcm: Pcm, *, pace: float = 4.0) -> None:
    """Send audio in 20 ms pieces, `pace` times faster than real time."""
    async for piece in pieces(pcm, pace=pace):
        await append(base64.b64encode(piece.tobytes()).decode())


async def pieces(pcm: Pcm, *, pace: float) -> AsyncIterator[Pcm]:
    """20 ms pieces, `pace` times faster than real time."""
    for at in range(0, len(pcm), 480):
        yield pcm[at : at + 480]
        await asyncio.sleep(0.02 / pace)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a state of the server that no event tells."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)


def _mu_law(samples: NDArray[np.float64]) -> Pcm:
    """There and back through 8-bit mu-law."""
    scaled = samples / 32768
    squeezed = np.sign(scaled) * np.log1p(255 * np.abs(scaled)) / np.log1p(255)
    coded = np.round((squeezed + 1) / 2 * 255) / 255 * 2 - 1
    pcm: Pcm = (np.sign(coded) * ((256 ** np.abs(coded)) - 1) / 255 * 32767).astype(np.int16)
    return pcm
