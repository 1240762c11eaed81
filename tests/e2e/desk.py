"""A standing stack as e2e tests use it: call it, break a part of it, read what it left behind.

Calls begin one after the other, each when the one before has its record and its model session, so
that a fault strikes the call it was ordered for; then they go on side by side. Nothing is mocked:
the phone speaks SIP and RTP to livekit-sip, faults are played by office and model over HTTP.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from prometheus_client.parser import text_string_to_metric_families

from records import CallView
from records.reading import OPEN, Wanted
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.phone.measure import measure
from rehearsal.phone.steps import CallerPart
from rehearsal.phone.utterances import Spoken
from rehearsal.stack import Stack
from rehearsal.stack.calls import Calls, open_calls
from rehearsal.stack.layout import DID, HOST
from rehearsal.stack.memory import forget
from rehearsal.trials.ground import ONE_REQUEST_EACH
from tests.e2e.floor import FLOOR
from tests.e2e.made import Made

HTTP_TIMEOUT_S = 5.0
RECORD_WITHIN_S = 15.0
# Whoever asks after lost writes has a minute.
COUNTED_WITHIN_S = 60.0
CHANGED_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.05

Step = Mapping[str, Any]

CALLER = "+15550001111"
# A second line of the same desk, whose tools are an MCP server's.
HELPDESK_DID = "+15557652222"
# Callers act on silence. Clips that bridge one follow each other sooner, so that an answer is
# waited for however busy the machine is; and nobody reaches the third second by themselves.
PATIENCE_S = 2.8
APOLOGY_S = 6.26
# The first words of a job that goes on, which no other sentence of these calls is as long as.
BACK_AGAIN_S = 1.2
# What a line blurs of the edges of words.
EDGE_S = 0.2
ORDER_PLEASE = "where is my order number four two seven one please"
SHIPPED = "shipped"
# Once a greeting of one word is over, without the whole patience.
ASK: Step = {"say": ORDER_PLEASE, "at_s": 2.2}
ASK_AGAIN: Step = {"say": ORDER_PLEASE}
HANG_UP: Step = {"hang_up": True, "after": "other"}
LISTEN: Step = {"wait_for_hang_up": True, "within_s": 60}

Found = TypeVar("Found")


async def until(look: Callable[[], Found | None], *, within_s: float, what: str) -> Found:
    """What `look` finds, asked again until it finds something; the one place tests wait by time."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := look()):  # noqa: ASYNC110 - asks other processes
                await asyncio.sleep(LOOK_AGAIN_S)
            return found
    except TimeoutError as error:
        raise AssertionError(f"no {what} within {within_s:g} s") from error


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One call: what the caller does, and what goes wrong for it."""

    steps: Sequence[Step]
    model: Step = field(default_factory=dict)
    """What the model's next sessions get, as POST /rehearsal/next takes it."""
    dial: str = DID
    source: str = HOST
    """The address it comes from."""
    caller: str = CALLER
    taken: bool = True
    """Whether a worker is expected to take it."""
    more: Step = field(default_factory=lambda: {"silence_s": PATIENCE_S})
    """Further fields of the caller."""


HAPPENS: Mapping[str, Callable[[CallView], bool]] = {
    "started": lambda call: True,
    "answered": lambda call: call.answered_at is not None,
    "greeted": lambda call: call.greeted_at is not None,
    "turn": lambda call: bool(call.turns),
    "tool": lambda call: any(use.outcome != OPEN for use in call.tools),
}


class Live:
    """A call that is under way."""

    def __init__(
        self, calls: Calls, task: "asyncio.Task[CallerResult] | None", call_id: str | None
    ) -> None:
        self._calls, self._task, self._call_id = calls, task, call_id

    async def happens(self, kind: str, *, within_s: float = 20.0) -> CallView:
        """The call as it is in the record once this has happened."""
        assert self._call_id is not None
        found = await self._calls.once(
            self._call_id, lambda call: call if HAPPENS[kind](call) else None, within_s=within_s
        )
        assert found is not None, f"no {kind} in the record within {within_s:g} s"
        return found

    async def over(self) -> Made:
        """The call, once both sides are done with it."""
        assert self._task is not None, "the phone's side of it is another call's"
        result = await self._task
        record = await self.record() if self._call_id else None
        return Made(result, measure(result.call), record)

    async def record(self) -> CallView:
        """What the worker wrote of it, once it is closed."""
        assert self._call_id is not None
        found = await self._calls.ended(self._call_id, RECORD_WITHIN_S)
        assert found is not None, f"no closed record within {RECORD_WITHIN_S:g} s"
        return found


class Desk:
    """One stack with clients for its office and its model."""

    def __init__(
        self, stack: Stack, calls: Calls, office: httpx.AsyncClient, model: httpx.AsyncClient
    ) -> None:
        self.stack, self.calls, self.office, self.model = stack, calls, office, model
        self._beginning = asyncio.Lock()

    @asynccontextmanager
    async def calling(self, plan: Plan) -> AsyncIterator[Live]:
        """Make the call of `plan`; the block runs while it does."""
        part = CallerPart.model_validate(
            {"from": plan.caller, "dial": plan.dial, "steps": list(plan.steps), **plan.more}
        )
        # What only rings takes nothing of the machine.
        floor = FLOOR.call() if plan.taken else nullcontext()
        async with floor, asyncio.TaskGroup() as group:
            task, call_id = await self._begin(group, plan, part)
            try:
                yield Live(self.calls, task, call_id)
            except BaseException as error:
                if task.done() and not task.cancelled() and task.exception() is None:
                    over = task.result()
                    error.add_note(f"the phone: {over.steps_done} steps done, {over.gave_up=}")
                task.cancel()
                raise

    async def _begin(
        self, group: asyncio.TaskGroup, plan: Plan, part: CallerPart
    ) -> tuple["asyncio.Task[CallerResult]", str | None]:
        """Ring; once taken, the call's id, when its model sessions have what was ordered."""
        if not plan.taken:
            return group.create_task(self._ring(plan, part)), None
        async with self._beginning:
            wanted = Wanted(dialled=plan.dial, resumes="")
            before = await self.calls.ids(wanted)
            if (plan.dial, plan.source) == (DID, HOST):
                await self.order(**plan.model)
            task = group.create_task(self._ring(plan, part))
            while True:
                new = [one for one in await self.calls.ids(wanted) if one not in before]
                queued = (await self.model.get("/rehearsal/health")).json()["queued"]
                if task.done() or (new and queued == 0):
                    return task, next(iter(new), None)
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _ring(self, plan: Plan, part: CallerPart) -> CallerResult:
        return await run_caller(part, proxy=self.stack.sip_address, host=plan.source)

    async def resuming(self, call_id: str) -> Live:
        """The call by which another job goes on with a call whose job died, once it has begun."""
        return await self._begun(Wanted(resumes=call_id))

    async def called_by(self, number: str) -> Live:
        """The call of a number from which nobody else calls, once it has begun."""
        return await self._begun(Wanted(caller=number))

    async def _begun(self, wanted: Wanted) -> Live:
        try:
            async with asyncio.timeout(RECORD_WITHIN_S):
                while not (found := await self.calls.ids(wanted)):  # noqa: ASYNC110 - asks a database
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError as error:
            raise AssertionError("no such call began") from error
        return Live(self.calls, None, found[0])

    async def resumed(self, call_id: str) -> CallView:
        """The same, once it is over."""
        return await (await self.resuming(call_id)).record()

    async def made(self, plan: Plan) -> Made:
        """The call of `plan`, once it is over."""
        async with self.calling(plan) as live:
            return await live.over()

    @asynccontextmanager
    async def making(
        self, plans: Mapping[str, Plan]
    ) -> AsyncIterator[dict[str, "asyncio.Task[Made]"]]:
        """Start every call, as many at once as the floor takes; each is awaited by its name."""
        tasks = {name: asyncio.create_task(self.made(plan)) for name, plan in plans.items()}
        async with kept(tasks):
            yield tasks

    async def reset(self) -> None:
        """No fault anywhere, the office as on its first day."""
        (await self.model.delete("/rehearsal/faults")).raise_for_status()
        (await self.office.post("/rehearsal/restore")).raise_for_status()
        await forget(self.stack)

    async def order(self, **order: Any) -> None:
        """What the model's next sessions get."""
        (await self.model.post("/rehearsal/next", json=order)).raise_for_status()

    async def break_office(self, **fault: Any) -> None:
        """Play a fault of the office from now on."""
        (await self.office.post("/rehearsal/faults", json=fault)).raise_for_status()

    async def effects(self) -> list[dict[str, Any]]:
        """What has changed at the office since it was restored."""
        answer = (await self.office.get("/rehearsal/effects")).raise_for_status()
        found = answer.json()["effects"]
        assert isinstance(found, list)
        return found

    async def until_changed(self) -> None:
        """Wait until something has changed at the office."""
        async with asyncio.timeout(CHANGED_WITHIN_S):
            while not await self.effects():  # noqa: ASYNC110 - asks another process
                await asyncio.sleep(LOOK_AGAIN_S)

    async def series(self, name: str, **labels: str) -> float:
        """The worker's series of this name and these labels; 0 if it is not there yet."""
        return await _sample(self.stack.metrics_url, name, labels)

    async def until_series(self, name: str, value: float, **labels: str) -> None:
        """Wait until the worker's series has this value."""
        await _until_sample(self.stack.metrics_url, name, value, labels)

    async def until_more(self, name: str, value: float, **labels: str) -> None:
        """Wait until the worker's series is above this value."""
        async with asyncio.timeout(COUNTED_WITHIN_S):
            while await self.series(name, **labels) <= value:  # noqa: ASYNC110 - asks another process
                await asyncio.sleep(LOOK_AGAIN_S)

    async def watched(self, name: str, **labels: str) -> float:
        """The watcher's series of this name and these labels; 0 if it is not there yet."""
        return await _sample(f"{self.stack.watch_url}/metrics", name, labels)

    async def until_watched(self, name: str, value: float, **labels: str) -> None:
        """Wait until the watcher's series has this value."""
        await _until_sample(f"{self.stack.watch_url}/metrics", name, value, labels)


def apologised(made: Made, *, by_clip: bool = True) -> Spoken:
    """The apology as the caller heard it, whole and last.

    A job that died wrote down no clip (`by_clip` False): then its length must do.
    """
    if by_clip:
        assert "technical problem" in made.clips[-1]
    heard = made.farewell
    assert heard.end_s - heard.start_s > APOLOGY_S - EDGE_S
    # What was cut off for it may end less than a breath before.
    return Spoken(max(heard.start_s, heard.end_s - APOLOGY_S), heard.end_s)


@asynccontextmanager
async def kept(
    tasks: "dict[str, asyncio.Task[Found]]",
) -> AsyncIterator["dict[str, asyncio.Task[Found]]"]:
    """Tasks that go on in the background of tests, none longer than the block."""
    try:
        yield tasks
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())


async def _sample(url: str, name: str, labels: Mapping[str, str]) -> float:
    async with httpx.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=False) as client:
        text = (await client.get(url)).raise_for_status().text
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found)


async def _until_sample(url: str, name: str, value: float, labels: Mapping[str, str]) -> None:
    """Ask until the series has the value, which is said with what it was instead."""
    found = await _sample(url, name, labels)
    try:
        async with asyncio.timeout(COUNTED_WITHIN_S):
            while found != value:
                await asyncio.sleep(LOOK_AGAIN_S)
                found = await _sample(url, name, labels)
    except TimeoutError as error:
        raise AssertionError(f"{name} {dict(labels)} is {found:g}, not {value:g}") from error


@asynccontextmanager
async def open_desk(stack: Stack) -> AsyncIterator[Desk]:
    """A desk on a standing stack."""
    headers = {"Authorization": f"Bearer {stack.office_key}"}
    async with AsyncExitStack() as clients:
        office = await clients.enter_async_context(
            httpx.AsyncClient(
                base_url=stack.office_url,
                headers=headers,
                timeout=HTTP_TIMEOUT_S,
                trust_env=False,
                limits=ONE_REQUEST_EACH,
            )
        )
        model = await clients.enter_async_context(
            httpx.AsyncClient(base_url=stack.model_url, timeout=HTTP_TIMEOUT_S, trust_env=False)
        )
        calls = await clients.enter_async_context(open_calls(stack.records))
        yield Desk(stack, calls, office, model)


def logged(file: Path) -> list[dict[str, Any]]:
    """The JSON lines of a log; other lines are left out."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
