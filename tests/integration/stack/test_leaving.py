"""However the process that holds a stack goes, nothing of the stack is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stack.groups import gone

GONE_WITHIN_S = 20.0
HOLDER = """
import asyncio, sys
from pathlib import Path
from rehearsal.stack import SERVERS, Stack

async def main():
    async with Stack.start(Path(sys.argv[1]), parts=SERVERS) as stack:
        print(*(stack.pid(part) for part in SERVERS), flush=True)
        await stack.died

asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds a stack, in a session of its own like a terminal's."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left(holder: "subprocess.Popen[str]", how: signal.Signals) -> None:
    """Ctrl-C ends it in order; a holder that is killed outright has its guard."""
    assert holder.stdout is not None
    groups = [int(pid) for pid in holder.stdout.readline().split()]
    assert len(groups) == 3

    os.killpg(holder.pid, how)

    holder.wait(GONE_WITHIN_S)
    assert gone(*groups)
