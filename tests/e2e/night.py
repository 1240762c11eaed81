"""One night of a small desk: its worker is killed, the next one is ended in the middle of a call.

Before that, somebody calls by a network of another carrier, and somebody by none. Lived once for
all tests of `test_networks` and `test_worker_ends`, in the background of others: most of it is
waiting.
"""

import asyncio
import os
import signal
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.settings import StackSettings
from rehearsal.stack import Stack
from rehearsal.stack.layout import AGENT_NAME, DID
from tests.e2e.desk import ORDER_PLEASE, Desk, Plan, open_desk
from tests.e2e.floor import FLOOR, standing
from tests.e2e.made import Made
from tests.e2e.shipped import profiles

DRAIN_TIMEOUT_S = 1
ENDED_WITHIN_S = 60.0
# Longer than it rings before a caller whom nobody takes gets an answer.
WAITED_IN_VAIN_S = 18.0
OTHER_DID = "+15557650000"
OTHER_NETWORK, NO_NETWORK = "127.0.2.1", "127.0.3.1"
NETWORKS = {DID: "127.0.0.0/24", OTHER_DID: "127.0.2.0/24"}
LISTEN = [{"wait_for_hang_up": True, "within_s": 60}]


@dataclass(frozen=True)
class Night:
    """What became of everybody."""

    elsewhere: Made
    """Dialled our number through the network of another trunk."""
    stranger: Made
    """Dialled it from where no trunk is."""
    bereft: Made
    """Was talking to a worker whose parent was killed at `killed_s` on the phone's timeline."""
    killed_s: float
    orphaned: float
    outlasting: Made
    """Was still talking at the drain timeout of a worker that was told to end at `told_s`."""
    told_s: float
    worker_exit: int


async def night(folder: Path, *, after: Collection[asyncio.Task[Any]]) -> Night:
    """The night on a stack of its own in `folder`, from the end of these tasks on."""
    limits = {"caller_silence_s": 4, "silence_prompts": 5, "max_duration_s": 60}
    async with (
        standing(
            folder / "stack",
            profiles=profiles(folder / "profiles", opening="Hello.", limits=limits),
            worker_env={
                "FRONTDESK_DRAIN_TIMEOUT_S": str(DRAIN_TIMEOUT_S),
                "FRONTDESK_IDLE_PROCESSES": "1",
            },
            settings=StackSettings(stop_grace_s=ENDED_WITHIN_S),
        ) as stack,
        open_desk(stack) as desk,
    ):
        await _part_networks(stack)
        if after:
            await asyncio.wait(after)
        return await _lived(desk)


async def _part_networks(stack: Stack) -> None:
    """Two carriers, each with a number and a network of its own, instead of one for all."""
    trunks = [
        {"name": f"carrier-{at}", "numbers": [number], "allowed_addresses": [network]}
        for at, (number, network) in enumerate(NETWORKS.items())
    ]
    content = yaml.safe_dump({"agent": AGENT_NAME, "trunks": trunks})
    stack.trunks_file.write_text(content, encoding="utf-8")
    await stack.restart("trunks")


async def _lived(desk: Desk) -> Night:
    """The night, up to the end of the stack."""
    in_vain = {"deadline_s": WAITED_IN_VAIN_S}
    stranger = Plan(steps=LISTEN, source=NO_NETWORK, taken=False, more=in_vain)
    async with asyncio.TaskGroup() as others:
        waiting = others.create_task(desk.made(stranger))
        elsewhere = await desk.made(Plan(steps=LISTEN, source=OTHER_NETWORK))
        bereft, killed_s = await _bereft(desk)
    orphaned = await desk.watched("frontdesk_calls_orphaned_total")
    async with FLOOR.start():
        await desk.stack.restart("worker")
    outlasting, told_s = await _outlasting(desk)
    return Night(
        elsewhere=elsewhere,
        stranger=waiting.result(),
        bereft=bereft,
        killed_s=killed_s,
        orphaned=orphaned,
        outlasting=outlasting,
        told_s=told_s,
        worker_exit=desk.stack._running["worker"].ended.result(),
    )


async def _bereft(desk: Desk) -> tuple[Made, float]:
    """A call whose worker's parent is killed, alone; and when."""
    async with desk.calling(Plan(steps=LISTEN)) as live:
        await live.happens("greeted")
        os.kill(desk.stack.pid("worker"), signal.SIGKILL)
        killed = asyncio.get_running_loop().time()
        made = await live.over()
    return made, killed - made.result.call.timeline.t0


async def _outlasting(desk: Desk) -> tuple[Made, float]:
    """A call that goes on when its worker is told to end; and when it was told."""
    async with desk.calling(Plan(steps=[{"say": ORDER_PLEASE}, *LISTEN])) as live:
        await live.happens("greeted")
        told = asyncio.get_running_loop().time()
        await desk.stack.end("worker")
        made = await live.over()
    return made, told - made.result.call.timeline.t0
