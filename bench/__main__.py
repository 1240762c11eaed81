"""`python -m bench`: measure calls on the caller's leg and say which promises they keep.

Prints JSON on stdout, progress and a table for people on stderr; exit 0 only if every figure is
met. A quiet machine matters: nothing else should run. `bench/__init__.py` says what each figure
means.
"""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import contest, machine, rivals
from bench.figures import figures, spread
from bench.gate import gate_cost
from bench.kept import kept_cost
from bench.samples import Cost, Samples
from bench.scrape import scrape_cost
from bench.table import table
from rehearsal.settings import StackSettings
from rehearsal.stack import Stack, StackError, folders
from setup.doing import CannotSetUp

CALL_S = 21.0
PROFILES = Path(__file__).parent / "profiles"

app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def bench(
    # One more than promised: a call during which the machine was too slow for the phone is lost.
    calls: Annotated[int, typer.Option(min=1, help="Calls to our worker.")] = 21,
    peer_calls: Annotated[int, typer.Option(min=0, help="Calls to each peer; 0: no peers.")] = 3,
    shows_table: Annotated[
        bool | None,
        typer.Option("--table/--no-table", help="A table on stderr; by default on a terminal."),
    ] = None,
) -> None:
    """Make the calls and print the figures."""
    began, load_before = time.monotonic(), machine.load()
    try:
        samples, cost = _run(calls, peer_calls)
    except (CannotSetUp, StackError) as reason:
        _say(str(reason))
        raise typer.Exit(1) from reason
    ours = samples.pop(contest.OURS)
    _say("what keeping a call adds to it (about 45 s)")
    kept = asyncio.run(kept_cost(ours.record)) if ours.record else None
    scrapes = scrape_cost()
    minutes = (time.monotonic() - began) / 60
    found = figures(ours, samples, cost, minutes=minutes, scrapes=scrapes, kept=kept)
    document = {
        "figures": [figure.model_dump() for figure in found],
        "ours": spread(ours),
        "kept": kept and kept.model_dump(),
        "scrape_ms": [round(scrape.ms, 2) for scrape in scrapes],
        "peers": {name: spread(theirs) for name, theirs in samples.items()},
        "code": machine.revision(),
        "machine": machine.machine(load_before),
    }
    print(json.dumps(document, indent=2))
    if sys.stderr.isatty() if shows_table is None else shows_table:
        Console(stderr=True).print(table(found))
    raise typer.Exit(0 if all(figure.met for figure in found) else 1)


def _run(calls: int, peer_calls: int) -> tuple[dict[str, Samples], Cost]:
    order = contest.in_turns(calls, rivals.NAMES, peer_calls)
    _say(f"{len(order)} calls, about {len(order) * CALL_S / 60:.0f} min")
    if gone := folders.thin(StackSettings().run_folder):
        _say(f"removed {gone} old run folders; the newest {folders.KEPT} stay")
    if peer_calls:
        rivals.install()
    return asyncio.run(_measure(order))


async def _measure(order: list[str]) -> tuple[dict[str, Samples], Cost]:
    script = contest.talk()
    async with AsyncExitStack() as standing:
        stack = await standing.enter_async_context(
            Stack.start(brain=script.brain, profiles=PROFILES)
        )
        contestants: dict[str, contest.Contestant] = {
            contest.OURS: partial(contest.take_ours, stack, script)
        }
        if set(order) & set(rivals.NAMES):
            contestants |= await standing.enter_async_context(rivals.standing(stack, script))
        ledger = partial(contest.latest_session, stack)
        found = await stack.unless_dies(contest.measured(contestants, order, ledger, _say))
        return found, await gate_cost(stack)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    app()
