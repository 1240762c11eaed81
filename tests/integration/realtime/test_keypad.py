"""Digits past the model: what it hears, sends and is told while a caller enters their PIN."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit.agents import vad

from tests.integration.realtime.oncall import PROFILE, OnCall, on_call, until
from tests.integration.realtime.puppet import Puppet, puppet
from tests.journals import lines

DESK = PROFILE.model_copy(update={"tools": ("verify_by_pin", "look_up_order", "cancel_order")})
PIN = "7391#"


@asynccontextmanager
async def asked_for_pin(local_vad: vad.VAD) -> AsyncIterator[tuple[OnCall, Puppet]]:
    """A call whose model has asked for the caller's PIN, and whose caller has heard so."""
    async with (
        puppet() as server,
        on_call(server.base_url, local_vad, profile=DESK) as call,
    ):
        await server.until("response.create")
        await server.call_tool("verify_by_pin", "{}")
        await until(lambda: call.clips["enter_pin"].text in call.said("clip"))
        yield call, server


def entered(call: OnCall, keys: str) -> None:
    """The caller presses `keys`."""
    for key in keys:
        call.conversation.key_pressed(key)


async def test_a_pin_is_entered_past_the_model(local_vad: vad.VAD) -> None:
    """No sound of the caller meanwhile, no digit in anything that is sent or written."""
    async with asked_for_pin(local_vad) as (call, server):
        heard = len(server.sizes())
        # The sentence has been heard out: several seconds, of which twenty chunks each are sound.
        await until(lambda: call.conversation.line.keys_asked_at is not None)
        unheard = len(server.sizes())
        entered(call, PIN)
        await until(call.posted_results)
        await until(lambda: len(server.sizes()) > unheard)

    assert unheard - heard <= 3
    assert json.loads(call.posted_results()[0]["output"])["outcome"] == "ok"
    assert "7391" not in json.dumps(server.received)
    assert call.lines("dtmf")
    # Times aside, which hold any digits.
    times = dict.fromkeys(("at", "began_at", "ended_at", "ms"))
    written = [{**line, **times} for line in lines(call.journal.waiting)]
    assert "7391" not in json.dumps(written)


async def test_a_caller_without_a_pin_presses_pound(local_vad: vad.VAD) -> None:
    """The sentence says so; the model learns that none came, and hears the caller again."""
    async with asked_for_pin(local_vad) as (call, server):
        entered(call, "#")
        await until(call.posted_results)
        before = len(server.sizes())
        await until(lambda: len(server.sizes()) > before)

    assert json.loads(call.posted_results()[0]["output"])["reason"] == "no_keys"


async def test_one_is_a_yes_that_the_model_hears_of(local_vad: vad.VAD) -> None:
    """Pressed instead of said: the model goes on by itself, and the gate counts it."""
    async with puppet() as server, on_call(server.base_url, local_vad) as call:
        await server.until("response.create")
        await server.caller_says("nine four one oh seven")
        await until(call.gate._hearing.texts)
        await server.call_tool("verify_caller", '{"zip_code": "94107"}', asked=False)
        await server.until("response.create", 2)
        await server.call_tool("cancel_order", '{"order": "4302"}')
        await server.until("response.create", 3)
        question = json.loads(call.posted_results()[1]["output"])["say"]
        await server.speak(question)
        await until(lambda: question in call.said("agent"))
        entered(call, "1")
        await server.until("response.create", 4)
        await server.call_tool("cancel_order", '{"order": "4302"}')
        await until(lambda: call.office.effects)

    said = [event["item"] for event in server.of("conversation.item.create")]
    assert [item["content"][0]["text"] for item in said if item.get("role") == "user"] == ["yes"]
    assert call.office.effects == ["4302"]
