"""`python -m bench`: measure calls on the caller's leg and say which promises they keep.

Prints JSON on stdout, progress with the remaining time on stderr; exit 0 only if every figure is
met. A quiet machine matters: nothing else should run.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from bench import contest, rivals
from bench.figures import PATH_MS, figures, percentile
from bench.samples import Samples
from rehearsal.stack import Stack, StackError

CALL_S = 27.0
app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def bench(
    calls: Annotated[int, typer.Option(help="Calls to our worker.")] = 20,
    peer_calls: Annotated[int, typer.Option(help="Calls to each peer; 0 leaves them out.")] = 3,
) -> None:
    """Make the calls and print the figures."""
    try:
        ours, peers = asyncio.run(_measure(calls, peer_calls))
    except (StackError, rivals.PeerFailed) as reason:
        print(reason, file=sys.stderr)
        raise typer.Exit(1) from reason
    found = figures(ours, peers, path_ms=PATH_MS, least_calls=min(calls, 20))
    print(
        json.dumps(
            {
                "figures": [figure.model_dump() for figure in found],
                "ours": _spread(ours),
                "peers": {name: _spread(samples) for name, samples in peers.items()},
                "machine": {"cores": os.cpu_count(), "load_1_min": round(os.getloadavg()[0], 2)},
            },
            indent=2,
        )
    )
    raise typer.Exit(0 if all(figure.met for figure in found) else 1)


async def _measure(calls: int, peer_calls: int) -> tuple[Samples, dict[str, Samples]]:
    began, total = time.monotonic(), (calls + 2 * peer_calls) * CALL_S + 20

    def told(what: str) -> None:
        left = max(0.0, total - (time.monotonic() - began))
        print(f"{what}; about {left / 60:.0f} min left", file=sys.stderr, flush=True)

    if peer_calls:
        told("installing the peers")
        await rivals.install()
    profiles = Path(__file__).parent / "profiles"
    async with Stack.start(brain=contest.BRAIN, profiles=profiles) as stack:
        ours = await contest.measure_ours(stack, calls, told)
        peers = await _peers(stack, peer_calls, told) if peer_calls else {}
        return ours, peers


async def _peers(stack: Stack, calls: int, told: contest.Progress) -> dict[str, Samples]:
    await rivals.lead_numbers(stack)
    vanilla, pipecat = "livekit_agents", "pipecat"
    async with rivals.livekit_worker(stack):
        number = rivals.NUMBERS[vanilla]
        found = {vanilla: await contest.measure_peer(stack, vanilla, number, calls, told)}
    bots = Samples()
    for _ in range(calls):
        # The bot greets its first caller only, so every call gets a new one.
        async with rivals.pipecat_bot(stack):
            bots += await contest.measure_peer(stack, pipecat, rivals.NUMBERS[pipecat], 1, told)
    return {**found, pipecat: bots}


def _spread(samples: Samples) -> dict[str, object]:
    def of(values: list[float]) -> dict[str, float | None]:
        return {f"p{q}": percentile(values, q) for q in (5, 50, 95)}

    return {
        "calls": samples.calls,
        "failed": samples.failed,
        "turns": len(samples.turns),
        "invite_to_200_ms": of(samples.answer_ms),
        "200_to_first_audio_ms": of(samples.greeting_ms),
        "gap_ms": of([turn.gap_ms for turn in samples.turns]),
        "overhead_ms": of([turn.overhead_ms for turn in samples.turns]),
        "metric_ms": of([t.metric_ms for t in samples.turns if t.metric_ms is not None]),
        "barge_in_stop_ms": of(samples.stop_ms),
    }


if __name__ == "__main__":
    app()
