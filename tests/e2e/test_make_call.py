"""`make call` as a newcomer runs it: one command, its lines, its files and its exit code."""

import asyncio
import os
import sys
from pathlib import Path

from tests.e2e.floor import FLOOR

SHOWN_WITHIN_S = 90.0
WAV_HEADER_BYTES = 44


async def test_a_call_is_shown_in_plain_lines_and_succeeds(tmp_path: Path) -> None:
    """Without a terminal: no colours, what happened in its order, where everything lies."""
    async with FLOOR.start(), asyncio.timeout(SHOWN_WITHIN_S):
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rehearsal", "call", "not_in_service"),
            env={**os.environ, "FRONTDESK_RUN_FOLDER": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = (await command.communicate())[0].decode()

    assert command.returncode == 0, output
    assert "\x1b" not in output
    happened = ["ringing", "answered", "you have dialled", "ended", "got what they called for"]
    places = [output.find(words) for words in happened]
    assert places == sorted(places), output
    assert -1 not in places, output
    assert str(leg(tmp_path)) in output


def leg(runs: Path) -> Path:
    """The caller's leg of the only run, which has sound in it."""
    (wav,) = runs.glob("*/caller-leg.wav")
    assert wav.stat().st_size > WAV_HEADER_BYTES
    return wav
