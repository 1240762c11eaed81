"""`make call` as a newcomer runs it, with a stack of its own, alone on this machine."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.floor import FLOOR

SHOWN_WITHIN_S = 90.0


@dataclass(frozen=True)
class Shown:
    """What it printed and left."""

    output: str
    exit_code: int | None
    runs: Path


async def make_call(runs: Path) -> Shown:
    """The shortest call there is, with everything of it in `runs`."""
    async with FLOOR.start(), asyncio.timeout(SHOWN_WITHIN_S):
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rehearsal", "call", "not_in_service"),
            env={**os.environ, "FRONTDESK_RUN_FOLDER": str(runs)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = (await command.communicate())[0].decode()
    return Shown(output, command.returncode, runs)
