"""Makes the measured calls: the same caller, the same model, the contestants taking turns.

A call that fails is counted and said, and the next one is made.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.samples import Samples
from records import CallView
from rehearsal.phone.call import CallFailed
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.phone.measure import measure
from rehearsal.rehearse import CallScript, load_script, play
from rehearsal.rehearse.agreement import agreement, wall
from rehearsal.stack import Stack, StackError

HTTP_TIMEOUT_S = 5.0
OURS = "ours"


@dataclass(frozen=True)
class Taken:
    """One call that was made: `record` is the worker's own, None for peers; `complaint` says what
    did not go as the script has it, empty for nothing."""

    result: CallerResult
    record: CallView | None = None
    complaint: str = ""


Contestant = Callable[[], Awaitable[Taken]]
"""Takes one call; whatever it needs for that it starts and ends itself."""
Ledger = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
"""The turns of the model's latest session."""


def talk() -> CallScript:
    """The call that everybody takes."""
    return load_script(str(Path(__file__).parent / "calls" / "talk.yaml"))


async def take_ours(stack: Stack, script: CallScript) -> Taken:
    """One call to our worker."""
    played = await play(stack, script)
    unmet = [finding.says for finding in played.findings if not finding.met]
    gave_up = [played.result.gave_up] if played.result.gave_up else []
    return Taken(played.result, played.record, "; ".join(gave_up + unmet))


async def take_peers(stack: Stack, script: CallScript, number: str) -> Taken:
    """One call to the peer that answers `number`."""
    result = await run_caller(script.caller, proxy=stack.sip_address, dial=number)
    return Taken(result, complaint=result.gave_up or "")


def in_turns(calls: int, peers: Sequence[str], peer_calls: int) -> list[str]:
    """Who is called when: `peer_calls` rounds of all peers, spread evenly among `calls` to us."""
    rounds = [round((n + 0.5) * calls / peer_calls) for n in range(peer_calls)]
    order: list[str] = []
    for n in range(calls + 1):
        order += list(peers) * rounds.count(n) + [OURS] * (n < calls)
    return order


async def measured(
    contestants: Mapping[str, Contestant],
    order: Sequence[str],
    ledger: Ledger,
    told: Callable[[str], None],
) -> dict[str, Samples]:
    """Call everybody in `order`; what each yielded, failed calls included."""
    found = {name: Samples() for name in contestants}
    began = time.monotonic()
    for done, name in enumerate(order, start=1):
        why = await _one(contestants[name], ledger, found[name])
        if why:
            told(f"{name}: a call went wrong: {why}")
        left_s = (time.monotonic() - began) / done * (len(order) - done)
        turns = len(found[name].turns)
        told(f"call {done} of {len(order)}, {name}: {turns} turns; {left_s / 60:.1f} min left")
    return found


async def _one(take: Contestant, ledger: Ledger, samples: Samples) -> str:
    """Add one call to `samples`; what went wrong, empty for nothing."""
    try:
        taken = await take()
        turns = await ledger()
    except (CallFailed, StackError, httpx.HTTPError) as error:
        why = str(error) or type(error).__name__
        samples.failures.append(why)
        return why
    if taken.result.call.stalls:
        samples.stalled += 1
        return "this machine was too slow for the phone's audio; the call is left out"
    if taken.complaint:
        samples.failures.append(taken.complaint)
    measures, began_at = measure(taken.result.call), wall(taken.result.call.timeline.t0)
    samples.add(measures, began_at=began_at, model_turns=turns)
    if taken.record is not None:
        samples.agree(agreement(taken.result.call, measures, taken.record))
        samples.record = taken.record
    return taken.complaint


async def latest_session(stack: Stack) -> Sequence[Mapping[str, Any]]:
    """The scripted model's turns in its latest session."""
    async with httpx.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=False) as client:
        answer = await client.get(f"{stack.model_url}/rehearsal/sessions")
        sessions = answer.raise_for_status().json()["sessions"]
        turns: list[dict[str, Any]] = sessions[-1]["turns"] if sessions else []
        return turns
