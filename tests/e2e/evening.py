"""One evening of a small desk: its worker for one call is full, drains, and is gone.

Lived once for all tests of `test_capacity`, in the background of others: most of it is ringing.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rehearsal.settings import StackSettings
from tests.e2e.desk import Desk, Plan, open_desk
from tests.e2e.floor import standing
from tests.e2e.made import Made
from tests.e2e.shipped import WORDS_ONLY, profiles

LIMIT_S = 10
DRAINED_WITHIN_S = 60.0
LISTEN = [{"wait_for_hang_up": True, "within_s": 60}]
IN_VAIN = Plan(steps=LISTEN, taken=False)


@dataclass(frozen=True)
class Evening:
    """What became of everybody."""

    first: Made
    while_full: Made
    while_draining: Made
    without_worker: Made
    worker_exit: int
    left: tuple[int, ...] = ()
    """Processes of the stack that live on after its end."""


async def evening(folder: Path) -> Evening:
    """The evening on a stack of its own in `folder`, and what that left behind."""
    limits = {"caller_silence_s": 4, "silence_prompts": 5, "max_duration_s": LIMIT_S}
    async with (
        standing(
            folder / "stack",
            profiles=profiles(
                folder / "profiles", opening="Hello.", limits=limits, recording=WORDS_ONLY
            ),
            worker_env={"FRONTDESK_MAX_CALLS": "1", "FRONTDESK_IDLE_PROCESSES": "1"},
            settings=StackSettings(stop_grace_s=DRAINED_WITHIN_S),
        ) as stack,
        open_desk(stack) as desk,
    ):
        lived = await _lived(desk)
    return Evening(**{**vars(lived), "left": tuple(processes(folder / "stack"))})


def processes(folder: Path) -> list[int]:
    """Every process that was started with something of this stack in its environment or command."""
    found = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            told = (proc / "environ").read_bytes() + (proc / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told:
            found.append(int(proc.name))
    return found


async def _lived(desk: Desk) -> Evening:
    """The evening, up to the end of the stack."""
    stack = desk.stack
    async with asyncio.TaskGroup() as callers, desk.calling(Plan(steps=LISTEN)) as first:
        await first.happens("answered")
        full = callers.create_task(desk.made(IN_VAIN))
        await desk.until_series("frontdesk_calls_refused_total", 1, reason="full")
        assert await desk.series("frontdesk_calls_active") == 1
        ending = callers.create_task(stack.end("worker"))
        await desk.until_series("frontdesk_worker_draining", 1)
        draining = callers.create_task(desk.made(IN_VAIN))
        made = await first.over()
        await ending
        gone = callers.create_task(desk.made(IN_VAIN))
    worker = stack._running["worker"].ended.result()
    await desk.until_watched("frontdesk_calls_unanswered_total", 3, reason="no_agent")
    assert processes(stack.folder)
    return Evening(made, full.result(), draining.result(), gone.result(), worker)
