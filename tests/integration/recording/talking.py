"""A process that records a call in real time until it is killed: `python -m` with a folder."""

import asyncio
import sys
import time
from pathlib import Path

from agent.recorder import Recorder
from tests.integration.recording.sound import AGENT_HZ, CALL, CALLER_HZ, FRAME_S, KEY, frame


async def talk(folder: Path) -> None:
    """Both sides talk, frame by frame, for ever."""
    recorder = Recorder(CALL, KEY, folder, most_backlog_bytes=10**9, on_gap=print)
    recorder.start()
    began, number = time.monotonic(), 0
    while True:
        due = began + number * FRAME_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        recorder.caller_heard(frame(number, CALLER_HZ), due + FRAME_S)
        recorder.agent_sent(frame(number, AGENT_HZ), due)
        number += 1


if __name__ == "__main__":
    asyncio.run(talk(Path(sys.argv[1])))
