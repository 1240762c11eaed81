"""The recogniser: audio and a grammar in, the words or nothing out.

Decoding holds Python's lock for up to 300 ms, so it runs in processes of its own, loaded before
the first call. What lies outside the grammar is refused, see `model.decoding`. Called by
`model.session`.
"""

import asyncio
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rehearsal.model import decoding
from rehearsal.model.decoding import Heard
from rehearsal.model.grammar import Grammar

Pcm = NDArray[np.int16]
HEARING_TIMEOUT_S = 20.0
LOADING_TIMEOUT_S = 60.0


class CannotHear(Exception):
    """The script has words that the recogniser does not know; the message names them."""


class Hearing(Protocol):
    """Whatever can hear."""

    async def hear(self, pcm: Pcm, grammar: Grammar) -> Heard:
        """The words in 24 kHz `pcm`, or none."""

    async def learn(self, words: frozenset[str]) -> None:
        """Make sure that these words can be heard.

        Raises:
            CannotHear: some have no known pronunciation.
        """


@dataclass(frozen=True)
class Recogniser:
    """pocketsphinx in processes of its own."""

    _pool: ProcessPoolExecutor

    async def hear(self, pcm: Pcm, grammar: Grammar) -> Heard:
        """Decode one utterance.

        Raises:
            TimeoutError: no process was free for HEARING_TIMEOUT_S.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(HEARING_TIMEOUT_S):
            return await loop.run_in_executor(
                self._pool, decoding.decode, pcm.tobytes(), grammar.jsgf
            )

    async def learn(self, words: frozenset[str]) -> None:
        """See `Hearing.learn`."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(HEARING_TIMEOUT_S):
            unknown = await loop.run_in_executor(self._pool, decoding.unknown_words, words)
        if unknown:
            raise CannotHear(f"no pronunciation is known for {', '.join(unknown)}: use other words")


def _begin() -> None:
    """Start one recogniser process: it ends with its parent, however that ends."""
    # Ctrl-C reaches the whole group; the parent ends its recognisers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent.sentinel,), daemon=True).start()
    decoding.load()


def _die_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(0)


@contextlib.asynccontextmanager
async def open_recogniser(processes: int) -> AsyncIterator[Recogniser]:
    """Start `processes` decoders and wait until they have their models."""
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
    )
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOADING_TIMEOUT_S):
            # The pool starts a process for each task that finds none idle, so all load now.
            loading = [loop.run_in_executor(pool, decoding.load) for _ in range(processes)]
            await asyncio.gather(*loading)
        yield Recogniser(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
