"""A model that asks for what nobody offered, or sends what is no event: refused, and counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from livekit.agents import vad

from records import CallOutcome
from tests.integration.realtime.oncall import OnCall, on_call, until
from tests.integration.realtime.puppet import Puppet, puppet


@asynccontextmanager
async def _asked(
    local_vad: vad.VAD, tool: str, arguments: str
) -> AsyncIterator[tuple[OnCall, Puppet]]:
    """A call whose model has asked for a tool and got its answer."""
    async with puppet() as server, on_call(server.base_url, local_vad) as call:
        await server.until("response.create")
        await server.call_tool(tool, arguments)
        await until(call.posted_results)
        yield call, server


@pytest.mark.parametrize("name", ["refund_everything", "+15550001111", "look_up_order "])
async def test_a_name_that_nobody_offered_is_refused_and_counted(
    local_vad: vad.VAD, name: str
) -> None:
    """Nothing reaches the office, and no label takes the model's word for a name."""
    async with _asked(local_vad, name, "{}") as (call, _):
        await until(call.tools_told)
        assert call.office.requests == []

        told = [(t.tool, t.outcome) for t in call.tools_told()]
        written = [(t["tool"], t["outcome"]) for t in call.lines("tool")]

    assert told == written == [("unregistered", "refused")]


async def test_arguments_that_are_no_json_are_refused_and_counted(local_vad: vad.VAD) -> None:
    """The model is told that it may try again; the tool does not run."""
    async with _asked(local_vad, "look_up_order", "order 4271!") as (call, _):
        await until(call.tools_told)
        assert call.office.requests == []

        told = [(t.tool, t.outcome) for t in call.tools_told()]

    assert told == [("look_up_order", "invalid_arguments")]


async def test_arguments_that_do_not_fit_reach_the_gate_and_end_there(local_vad: vad.VAD) -> None:
    """Whatever the model makes up, the office gets digits or nothing."""
    arguments = '{"order": "../customers", "admin": true}'
    async with _asked(local_vad, "look_up_order", arguments) as (call, _):
        assert [use.outcome.value for use in call.uses] == ["invalid_arguments"]
        assert call.office.requests == []


async def test_what_is_no_event_ends_in_an_apology(local_vad: vad.VAD) -> None:
    """A server that speaks nonsense is treated like one that is gone."""
    async with puppet() as server, on_call(server.base_url, local_vad) as call:
        await server.until("response.create")
        await server.send_text('{"type": "response.created", "respon')
        ending = await call.ending()

    assert ending.outcome is CallOutcome.FAILED
    assert call.clips["apology"].pcm in call.ear.pcm
