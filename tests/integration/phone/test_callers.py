"""Scripted callers on real calls, against a phone whose user we play."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rehearsal.phone import AnswerPolicy, Phone, open_phone
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.phone.events import OtherFinished, PhoneEvent, Pressed, Said
from rehearsal.phone.measure import measure
from rehearsal.phone.steps import CallerPart
from tests.integration.phone.tones import tone

DESK = "+15557654321"


def part(*steps: dict[str, Any], **rest: Any) -> CallerPart:
    """A caller's part with these steps."""
    return CallerPart.model_validate({"from": "+15550001111", "dial": DESK, "steps": steps, **rest})


@asynccontextmanager
async def desk(policy: AnswerPolicy | None = None) -> AsyncIterator[Phone]:
    """The phone that is called."""
    async with open_phone(user=DESK, policy=policy, seed=9) as phone:
        yield phone


async def against(phone: Phone, script: CallerPart) -> CallerResult:
    """Run a caller against the desk's phone."""
    return await run_caller(script, proxy=(phone.identity.host, phone.identity.port))


async def test_a_caller_speaks_when_the_other_has_finished() -> None:
    """Greeting, question, answer, thanks: each after the silence, and the gaps are as played."""
    script = part({"say": "Hello?"}, {"say": "Thanks.", "pause_s": 0.2}, silence_s=0.4)
    async with desk() as phone, asyncio.TaskGroup() as group:
        calling = group.create_task(against(phone, script))
        call = await phone.incoming(timeout_s=10)
        await call.answered()
        await call.say(tone(400, 0.3))
        asked = await call.other_finishes(timeout_s=10)
        await call.say(tone(500, 0.3))
        result = await calling

    measured = measure(result.call)
    assert (result.steps_done, result.gave_up) == (2, None)
    starts = [said.start_s for said in result.call.said]
    silences = [s - a.end_s for s, a in zip(starts, measured.agent, strict=True)]
    assert silences == pytest.approx([0.4, 0.6], abs=0.06)
    assert measured.gaps[0].seconds == pytest.approx(0.7, abs=0.06)
    assert asked.at_s > 0


async def test_a_caller_barges_in_over_the_other() -> None:
    """Half a second into the greeting they speak; how long the desk talked on is measured."""
    script = part({"say": "Stop now.", "over_s": 0.5}, {"hang_up": True, "after": "step"})
    async with desk() as phone, asyncio.TaskGroup() as group:
        calling = group.create_task(against(phone, script))
        call = await phone.incoming(timeout_s=10)
        await call.answered()
        greeting = group.create_task(call.say(tone(400, 5)))
        await call.other_starts(timeout_s=5)
        call._mouth.hush(asyncio.get_running_loop().time())
        await greeting
        result = await calling

    measured = measure(result.call)
    began = measured.caller[0].start_s - measured.agent[0].start_s
    assert began == pytest.approx(0.5, abs=0.06)
    assert len(measured.barge_ins) == 1
    assert 0 < measured.barge_ins[0].seconds < 0.3


async def test_keys_noise_and_waiting() -> None:
    """Every other kind of step is done, in order and at its time."""
    told: list[PhoneEvent] = []
    script = part(
        {"noise": {"seconds": 0.3}, "at_s": 0.2},
        {"dtmf": "42", "after": "step"},
        {"silence_s": 0.2},
        {"wait_for_hang_up": True, "within_s": 5},
    )
    async with desk() as phone, asyncio.TaskGroup() as group:
        proxy = (phone.identity.host, phone.identity.port)
        calling = group.create_task(run_caller(script, proxy=proxy, on_event=told.append))
        call = await phone.incoming(timeout_s=10)
        await call.until(lambda: call.result.keys_heard == "42", timeout_s=5, what="keys")
        await call.reach(call.now_s + 0.6)  # past the end of the key and the silence after it
        await call.hang_up()
        result = await calling

    assert (result.steps_done, result.gave_up) == (4, None)
    noise = next(e for e in told if isinstance(e, Said))
    assert result.call.answered_s is not None
    assert noise.start_s - result.call.answered_s == pytest.approx(0.2, abs=0.06)
    assert [e.key for e in told if isinstance(e, Pressed)] == ["4", "2"]


async def test_a_caller_gives_up_on_a_silent_desk() -> None:
    """Nobody speaks: after its patience the caller says why it gave up, and hangs up."""
    async with desk() as phone:
        result = await against(phone, part({"say": "Hello?", "within_s": 0.5}))

    assert result.steps_done == 0
    assert result.gave_up is not None
    assert "step 1 (say)" in result.gave_up
    assert result.call.ended is not None
    assert result.call.ended.by == "phone"


async def test_the_deadline_ends_any_call() -> None:
    """However patient the steps, the whole call has an end."""
    async with desk() as phone:
        script = part({"wait_for_hang_up": True, "within_s": 60}, deadline_s=0.6)
        result = await against(phone, script)

    assert result.gave_up is not None
    assert "longer than 0.6 s" in result.gave_up


async def test_a_refused_caller_knows_the_code() -> None:
    """A busy desk is no crash of the script."""
    async with desk(AnswerPolicy(code=486)) as phone:
        result = await against(phone, part({"say": "Hello?"}))

    assert (result.call.code, result.steps_done) == (486, 0)


async def test_a_desk_that_hangs_up_early_is_told() -> None:
    """The call ends under the caller's words: the step is not counted as done."""
    script = part({"say": "I would like to tell you a long story.", "at_s": 0.1})
    async with desk() as phone, asyncio.TaskGroup() as group:
        calling = group.create_task(against(phone, script))
        call = await phone.incoming(timeout_s=10)
        await call.other_starts(timeout_s=5)
        await call.hang_up()
        result = await calling

    assert result.steps_done == 0
    assert result.call.said[0].whole is False
    assert not any(isinstance(e, OtherFinished) for e in result.call.events)
