"""The real gate against the real office, failing in every way it can: one read and one write.

Whatever the fault: at most one effect, exactly one where the caller was told it is done, none where
told it is not, and an answer within the policy's deadline.
"""

import json
import time

import pytest
from pydantic import SecretStr

from tests.integration.office.conftest import KEY, Running
from tests.integration.office.talk import agree_to_cancel, opened_gate
from tools import Office, ToolUse

# Scheduling on a busy machine, not part of any promise.
SLACK_S = 0.75


READS = [
    ("delay", {"seconds": 0.3}, "ok"),
    ("delay", {"seconds": 30}, "timeout"),
    ("status", {"status": 500}, "unavailable"),
    ("status", {"status": 503, "times": 1}, "ok"),
    ("status", {"status": 429}, "unavailable"),
    ("reset", {}, "unavailable"),
    ("reset_before", {}, "unavailable"),
    ("reset_before", {"times": 1}, "ok"),
    ("commit_then_drop", {}, "unavailable"),
    ("malformed", {}, "malformed"),
    ("html", {}, "malformed"),
    ("wrong_schema", {}, "malformed"),
    ("wrong_types", {}, "malformed"),
    ("twice", {}, "ok"),
    ("huge", {}, "malformed"),
    ("hang", {}, "timeout"),
    ("slow_drip", {"seconds": 0.2}, "timeout"),
]


@pytest.mark.parametrize(("fault", "more", "outcome"), READS)
async def test_a_read_ends_well_or_in_time(
    office: Running, fault: str, more: dict[str, float], outcome: str
) -> None:
    """A read under a fault has its outcome, within its deadline, and changes nothing."""
    uses: list[ToolUse] = []
    await office.fault("/orders/{order}", fault, **more)
    async with Office(office.url, SecretStr(KEY)) as client:
        began = time.monotonic()
        answer = await opened_gate(client, uses).use("look_up_order", '{"order": "4271"}')
        took = time.monotonic() - began

    assert answer.outcome == outcome, answer.text
    assert took < 4.0 + SLACK_S
    assert await office.effects() == []


# Told "ok": one effect. Told that nothing was changed: none. Always: at most one.
WRITES = [
    ("delay", {"seconds": 0.3}, "ok", 1),
    ("delay", {"seconds": 30}, "timeout", 0),
    ("status", {"status": 500}, "unavailable", 0),
    ("status", {"status": 503, "times": 1}, "ok", 1),
    ("status", {"status": 429}, "unavailable", 0),
    ("reset", {}, "ok", 1),
    ("reset_before", {}, "unavailable", 0),
    ("reset_before", {"times": 1}, "ok", 1),
    ("commit_then_drop", {}, "ok", 1),
    ("malformed", {}, "ok", 1),
    ("html", {}, "unavailable", 0),
    ("wrong_schema", {}, "ok", 1),
    ("wrong_types", {}, "ok", 1),
    ("twice", {}, "ok", 1),
    ("stall_commit", {"seconds": 0.3}, "ok", 1),
    ("status", {"status": 429, "retry_after_s": 60}, "unavailable", 0),
    ("huge", {}, "ok", 1),
    ("hang", {}, "timeout", 0),
    ("slow_drip", {"seconds": 0.2}, "ok", 1),
]


@pytest.mark.parametrize(("fault", "more", "outcome", "effects"), WRITES)
async def test_a_write_happens_once_or_never(
    office: Running, fault: str, more: dict[str, float], outcome: str, effects: int
) -> None:
    """A write under a fault is told as it is: done once, or not done and never will be."""
    uses: list[ToolUse] = []
    async with Office(office.url, SecretStr(KEY)) as client:
        gate = opened_gate(client, uses)
        await agree_to_cancel(gate)
        await office.fault("/orders/{order}/cancel", fault, **more)
        began = time.monotonic()
        answer = await gate.use("cancel_order", '{"order": "4302"}')
        took = time.monotonic() - began

    assert answer.outcome == outcome, answer.text
    assert took < 8.0 + SLACK_S
    assert len(await office.effects()) == effects
    status = (await office.client.get("/orders/4302")).json()["status"]
    assert status == ("cancelled" if effects else "processing")


async def test_an_office_gone_after_the_commit_leaves_an_honest_unknown(office: Running) -> None:
    """The answer is lost and nobody can be asked: the caller hears that it is not certain."""
    uses: list[ToolUse] = []
    async with Office(office.url, SecretStr(KEY)) as client:
        gate = opened_gate(client, uses)
        await agree_to_cancel(gate)
        await office.fault("/orders/{order}/cancel", "commit_then_drop")
        await office.fault("/operations/{key}", "reset_before")
        told = json.loads((await gate.use("cancel_order", '{"order": "4302"}')).text)

    assert told["outcome"] == "unknown"
    assert told["say"].startswith("I could not confirm whether that went through.")
    assert [e["key"] for e in await office.effects()] == [uses[-1].key]


async def test_an_office_that_is_not_there_is_said_to_be_down() -> None:
    """Nobody listens: the outcome is unavailable, at once."""
    uses: list[ToolUse] = []
    async with Office("http://127.0.0.1:9", SecretStr(KEY)) as client:
        answer = await opened_gate(client, uses).use("look_up_order", '{"order": "4271"}')

    assert answer.outcome == "unavailable"
    assert uses[0].reason == "office_unreachable"
    assert uses[0].duration_s < 1.0


async def test_a_late_write_meets_its_fence(office: Running) -> None:
    """A request delayed beyond the deadline arrives after the fence and changes nothing."""
    uses: list[ToolUse] = []
    async with Office(office.url, SecretStr(KEY)) as client:
        gate = opened_gate(client, uses)
        await agree_to_cancel(gate)
        await office.fault("/orders/{order}/cancel", "delay", seconds=6, times=2)
        told = json.loads((await gate.use("cancel_order", '{"order": "4302"}')).text)
        key = uses[-1].key

    assert told["outcome"] == "timeout"
    assert (await office.client.get(f"/operations/{key}")).json()["state"] == "fenced"
    late = await office.client.post("/orders/4302/cancel", headers={"Idempotency-Key": key})
    assert late.json()["code"] == "fenced"
    assert await office.effects() == []
