"""Makes the measured calls: the same caller, the same model, one contestant after the other."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bench.samples import Samples
from configs import load
from records import CallFile
from rehearsal.phone.call import CallFailed
from rehearsal.phone.caller import run_caller
from rehearsal.phone.measure import measure
from rehearsal.rehearse import CallScript, play
from rehearsal.stack import Stack

CALLS = Path(__file__).parent / "calls"
BRAIN = CALLS / "brain.yaml"
HTTP_TIMEOUT_S = 5.0

Progress = Callable[[str], None]


def talk() -> CallScript:
    """The call that everybody takes."""
    return load(CALLS / "talk.yaml", CallScript)


async def measure_ours(stack: Stack, calls: int, told: Progress) -> Samples:
    """`calls` calls to our worker."""
    samples = Samples()
    script = talk()
    for n in range(1, calls + 1):
        played = await play(stack, script)
        if not played.met:
            samples.failed += 1
            told(f"call {n}: {'; '.join(f.says for f in played.findings if not f.met)}")
        samples.add(
            played.measures,
            began_at=_wall(played.result.call.timeline.t0),
            model_turns=await _last_session(stack),
            metrics_ms=_metrics(played.record),
        )
        told(f"ours: call {n} of {calls}, {len(samples.turns)} turns")
    return samples


async def measure_peer(stack: Stack, name: str, number: str, calls: int, told: Progress) -> Samples:
    """`calls` calls to a peer that answers `number`."""
    samples = Samples()
    part = talk().caller
    for n in range(1, calls + 1):
        try:
            result = await run_caller(part, proxy=stack.sip_address, dial=number)
        except CallFailed as error:
            samples.failed += 1
            told(f"{name}: call {n} failed: {error}")
            continue
        samples.add(
            measure(result.call),
            began_at=_wall(result.call.timeline.t0),
            model_turns=await _last_session(stack),
        )
        told(f"{name}: call {n} of {calls}, {len(samples.turns)} turns")
    return samples


def _wall(monotonic: float) -> float:
    """A time of the event loop's clock as seconds since 1970."""
    return time.time() - (time.monotonic() - monotonic)


def _metrics(record: CallFile | None) -> list[tuple[float, float]]:
    turns = record.turns if record else []
    return [(turn.at, turn.response_ms) for turn in turns if turn.response_ms is not None]


async def _last_session(stack: Stack) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=False) as client:
        answer = await client.get(f"{stack.model_url}/rehearsal/sessions")
        sessions = answer.raise_for_status().json()["sessions"]
        turns: list[dict[str, Any]] = sessions[-1]["turns"]
        return turns
