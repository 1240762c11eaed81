"""Makes all calls of a soak on a standing stack: many of text at once, then those by phone."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from rehearsal.soak.judging import Made
from rehearsal.soak.phoning import phone
from rehearsal.soak.plan import Plan
from rehearsal.soak.texting import CALL_WITHIN_S, Texting, WentWrong
from rehearsal.stack import Stack
from rehearsal.stack.calls import open_calls

# Two cores are busy with that many: a call without sound takes a job's start and some of a core.
TEXTS_AT_ONCE = 10
PHONES_AT_ONCE = 3
HERE = Path(__file__).parent
# What is said and done is that of the trials.
BRAIN = HERE.parent / "trials" / "brain.yaml"
Make = Callable[[Plan], Awaitable[Made]]


def stack_of_a_soak() -> dict[str, Any]:
    """How `Stack.start` starts a stack for one."""
    most = TEXTS_AT_ONCE + PHONES_AT_ONCE
    return {
        "profiles": HERE / "profiles",
        "brain": BRAIN,
        # A caller who has left and one who comes meet; none is refused.
        "worker_env": {"FRONTDESK_MAX_CALLS": str(2 * most), "FRONTDESK_IDLE_PROCESSES": "5"},
    }


async def make_all(
    stack: Stack, plans: Sequence[Plan], done: Callable[[Made], None] = lambda _: None
) -> list[Made]:
    """Make every call; `done` hears of each when it is over."""
    texted = [plan for plan in plans if not plan.by_phone]
    phoned = [plan for plan in plans if plan.by_phone]
    found: list[Made] = []

    def told(made: Made) -> None:
        found.append(made)
        done(made)

    async with (
        open_calls(stack.records) as calls,
        httpx.AsyncClient(
            base_url=stack.model_url,
            timeout=CALL_WITHIN_S,
            trust_env=False,
            # Each call waits with one of its own.
            limits=httpx.Limits(max_connections=None),
        ) as model,
    ):
        texting = Texting(stack, calls, model)

        async def by_text(plan: Plan) -> Made:
            sip_call_id = f"soak-{plan.number}-{secrets.token_hex(4)}"
            try:
                await texting.make(plan, sip_call_id)
            except WentWrong as error:
                return Made(plan, sip_call_id, str(error))
            return Made(plan, sip_call_id)

        async def by_phone(plan: Plan) -> Made:
            try:
                return Made(plan, await phone(stack, plan))
            except WentWrong as error:
                return Made(plan, complaint=str(error))

        await _some_at_once(iter(texted), by_text, TEXTS_AT_ONCE, told)
        await _some_at_once(iter(phoned), by_phone, PHONES_AT_ONCE, told)
    return found


async def _some_at_once(
    plans: Iterator[Plan], make: Make, at_once: int, told: Callable[[Made], None]
) -> None:
    async def one_after_the_other() -> None:
        for plan in plans:
            told(await make(plan))

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())
