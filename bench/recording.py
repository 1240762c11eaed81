"""What recording adds to a call: processor time and memory, with and without it at the same time.

Two processes hear the same synthetic call in real time, frame by frame as a job does, and only one
records it. `recording_cost` starts them and compares; `python -m bench.recording` prints it. A job
has livekit-agents loaded, and with it the encoder's library, so both load it.
"""

import asyncio
import importlib
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from pydantic import BaseModel

from agent.recorder import Recorder
from records.recording.opus import RATE_HZ

CALL_S = 30.0
# Encoder and buffers are there, and have done their first work.
WARM_UP_S = 6.0
FRAME_S = 0.01
FRAME_BYTES = round(FRAME_S * RATE_HZ) * 2
MARGIN_S = 60.0

app = typer.Typer(add_completion=False, help=__doc__)


class RecordingCost(BaseModel):
    """What recording adds to one call."""

    cores: float
    """Seconds of processor time for each second of the call."""
    pss_mb: float
    kbit_per_s: float
    """What it writes."""


class Taken(BaseModel):
    """What one of the two processes took."""

    cpu_s: float
    pss_mb: float
    bytes: int


async def recording_cost(call_s: float = CALL_S) -> RecordingCost:
    """Have one process record and another one not, and compare them; takes `call_s` and a start."""
    without, recording = await asyncio.gather(_taken(call_s, False), _taken(call_s, True))
    return RecordingCost(
        cores=round((recording.cpu_s - without.cpu_s) / call_s, 4),
        pss_mb=round(recording.pss_mb - without.pss_mb, 1),
        kbit_per_s=round(recording.bytes * 8 / (call_s + WARM_UP_S) / 1000, 1),
    )


@app.command()
def main(
    call_s: Annotated[float, typer.Option(min=1, help="Length of the call in seconds.")] = CALL_S,
    only: Annotated[str, typer.Option(hidden=True, help="Be one of the two processes.")] = "",
) -> None:
    """Print what recording adds to a call, as JSON."""
    if only:
        # What a job inherits, the encoder's library among it.
        importlib.import_module("livekit.agents")
        found: BaseModel = asyncio.run(_take_part(call_s, records=only == "recording"))
    else:
        found = asyncio.run(recording_cost(call_s))
    typer.echo(found.model_dump_json())


async def _taken(call_s: float, records: bool) -> Taken:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.recording",
        f"--call-s={call_s}",
        f"--only={'recording' if records else 'without'}",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(call_s + WARM_UP_S + MARGIN_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Taken.model_validate(json.loads(said))


async def _take_part(call_s: float, *, records: bool) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(
            "bench",
            secrets.token_bytes(32),
            Path(folder),
            most_backlog_bytes=10**9,
            on_gap=lambda gap: sys.exit(f"a gap in a measured recording: {gap.reason}"),
        )
        if records:
            recorder.start()
        caller, agent = speech(1), speech(2)
        await _talk(recorder, caller, agent, WARM_UP_S)
        began = time.process_time()
        await _talk(recorder, caller, agent, call_s)
        cpu_s, used_mb = time.process_time() - began, pss_mb()
        kept = await recorder.close()
        return Taken(cpu_s=cpu_s, pss_mb=used_mb, bytes=kept.bytes if kept else 0)


async def _talk(
    recorder: Recorder, caller: list[bytes], agent: list[bytes], seconds: float
) -> None:
    """Both sides in frames of 10 ms, in real time; what is late comes in a heap, as in a call."""
    began = time.monotonic()
    for number in range(round(seconds / FRAME_S)):
        due = began + number * FRAME_S
        if (wait_s := due - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        recorder.caller_heard(caller[number % len(caller)], time.monotonic())
        recorder.agent_sent(agent[number % len(agent)], due)


def speech(seed: int) -> list[bytes]:
    """Half a minute in which a voice, like speech in its spectrum, talks half of the time."""
    random = np.random.default_rng(seed)
    at = np.arange(30 * RATE_HZ) / RATE_HZ
    pitch = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * at + seed)) / RATE_HZ
    voice = sum(np.sin(harmonic * pitch) / harmonic for harmonic in range(1, 20))
    syllables = np.sin(2 * np.pi * 3 * at) > -0.3
    talks = np.sin(2 * np.pi * 0.15 * at + seed * np.pi) > 0
    loud = voice * syllables * talks * 3000 + random.standard_normal(len(at)) * 40
    pcm = loud.astype(np.int16).tobytes()
    return [pcm[begin : begin + FRAME_BYTES] for begin in range(0, len(pcm), FRAME_BYTES)]


def pss_mb() -> float:
    """This process's share of memory."""
    lines = Path(f"/proc/{os.getpid()}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    app()
