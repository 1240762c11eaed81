"""What the model is offered, and who hears of a tool that runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from agent.bridge import END_CALL, Offered, keep_use, offer
from agent.reports import Report
from tests.journals import in_memory, lines
from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import hang

LOOK_UP = "look_up_order"


@dataclass
class Bridge:
    """What is offered, and what was told on the way."""

    desk: Desk
    running: list[Sequence[str]] = field(default_factory=list)
    goodbyes: int = 0
    offered: dict[str, Offered] = field(default_factory=dict)

    def said_goodbye(self) -> None:
        """The model wants to close the line."""
        self.goodbyes += 1

    async def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call an offered tool as livekit-agents would."""
        answer = json.loads(await self.offered[name](raw_arguments=arguments))
        assert isinstance(answer, dict)
        return answer


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    """A bridge to a desk of its own."""
    async with opened() as desk:
        made = Bridge(desk)
        tools = offer(desk.gate, on_running=made.running.append, on_goodbye=made.said_goodbye)
        made.offered = {str(tool.info.raw_schema["name"]): tool for tool in tools}
        yield made


async def test_the_gates_tools_are_offered_and_one_that_hangs_up(bridge: Bridge) -> None:
    """In the words of the gate, and nothing besides."""
    schemas = {name: tool.info.raw_schema for name, tool in bridge.offered.items()}

    assert list(schemas) == ["look_up_order", "cancel_order", "verify_caller", END_CALL]
    for spec in bridge.desk.gate.offered():
        assert schemas[spec.name]["description"] == spec.description
        assert schemas[spec.name]["parameters"] == spec.parameters


async def test_a_call_passes_the_gate_and_its_answer_comes_back(bridge: Bridge) -> None:
    """Outcome and sentence, as the model reads them."""
    answer = await bridge.call("look_up_order", order="4271")

    assert answer["outcome"] == "ok"
    assert "shipped" in answer["say"]
    assert [use.tool for use in bridge.desk.uses] == ["look_up_order"]


async def test_raw_arguments_reach_the_gate_as_they_are(bridge: Bridge) -> None:
    """The gate judges them; the bridge mends nothing."""
    assert (await bridge.call("look_up_order", nonsense=1))["outcome"] == "invalid_arguments"


async def never_answered(bridge: Bridge) -> "asyncio.Task[dict[str, Any]]":
    """A use of a tool whose request has come to the office, which never answers."""
    came = asyncio.Event()

    async def trouble(request: httpx.Request) -> httpx.Response:
        came.set()
        return await hang(request)

    bridge.desk.office.troubles.append(("GET /orders/4271", trouble))
    use = asyncio.create_task(bridge.call("look_up_order", order="4271"))
    await asyncio.wait_for(came.wait(), 5)
    return use


async def test_running_is_told_until_the_last_tool_has_ended(bridge: Bridge) -> None:
    """Two tools at once are one wait for the caller."""
    first = await never_answered(bridge)
    await bridge.call("look_up_order", order="4302")
    assert bridge.running == [(LOOK_UP,), (LOOK_UP, LOOK_UP), (LOOK_UP,)]

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert bridge.running[-1] == ()


async def test_a_tool_that_is_cancelled_runs_no_more(bridge: Bridge) -> None:
    """The caller hung up while the office was thinking."""
    use = await never_answered(bridge)
    use.cancel()
    await asyncio.gather(use, return_exceptions=True)

    assert bridge.running == [(LOOK_UP,), ()]
    assert [use.outcome.value for use in bridge.desk.uses] == ["cancelled"]


async def test_hanging_up_is_told_and_is_no_business_tool(bridge: Bridge) -> None:
    """It acts on the call, not on the office."""
    assert (await bridge.call(END_CALL))["outcome"] == "ok"

    assert (bridge.goodbyes, bridge.running, bridge.desk.uses) == (1, [], [])


async def test_a_use_is_kept_in_the_record_and_told(bridge: Bridge) -> None:
    """With the key of a write, by which its row is found."""
    await bridge.call("look_up_order", order="4271")
    (read,) = bridge.desk.uses
    told: list[Report] = []
    journal = in_memory()
    for use in (read, replace(read, key="fd-1")):
        keep_use(use, journal, told.append)

    kept = [(line["tool"], line["outcome"], line["key"]) for line in lines(journal.waiting, "tool")]
    assert kept == [("look_up_order", "ok", ""), ("look_up_order", "ok", "fd-1")]
    assert len(told) == 2

    keep_use(replace(read, key="fd-2"), journal, told.append, lambda _: {})
    first, *_, last = lines(journal.waiting, "tool")
    assert (first["arguments"], first["withheld"]) == (dict(read.arguments), False)
    assert (last["arguments"], last["withheld"]) == ({}, True)
