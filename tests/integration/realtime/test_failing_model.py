"""A model that fails in the middle of a call: the caller is answered, or hears why not."""

import time
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import vad

from agent.reports import Happened
from records import CallOutcome
from tests.integration.realtime.oncall import OnCall, on_call, until
from tests.integration.realtime.rooms import TwoInARoom
from tests.integration.realtime.scripted import ScriptedModel

WHERE = "order four two seven one"
# The promise is 3 s of silence; nothing else runs on the machine that tests this.
SOON_S = 3.0


def fault(kind: str, **fields: Any) -> dict[str, Any]:
    """A fault as the model takes it."""
    return {"kind": kind, **fields}


async def _apologised(call: OnCall, since: float) -> None:
    """The call ends with the apology, heard whole and begun soon after `since`."""
    ending = await call.ending()
    assert ending.outcome is CallOutcome.FAILED
    assert call.clips["apology"].pcm in call.ear.pcm
    assert call.ear.starts[-1] - since < SOON_S


async def test_a_dropped_connection_costs_nothing_but_a_moment(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The session connects again and the call goes on."""
    model.next(fault("drop", after_event="response.done"))
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say(WHERE)
        await call.answered_with("shipped")


async def test_an_answer_lost_with_its_connection_is_asked_for_again(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """A caller who is owed an answer when the line to the model breaks hears the model again."""
    model.next(fault("drop", after_event="response.created", nth=2))
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say(WHERE)
        before = len(call.ear.starts)
        await until(lambda: len(call.ear.starts) > before, within_s=SOON_S)
        await until(lambda: len(call.lines("turn")) > 2)

    assert call.reconnections() == 1


async def test_a_model_that_is_gone_for_good_is_apologised_for(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The caller hears within three seconds that this call cannot go on."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        since = time.monotonic()
        model.stand("refuse")
        await _apologised(call, since)


@pytest.mark.parametrize("kind", ["refuse", "storm"])
async def test_a_model_that_is_down_when_the_call_comes_is_apologised_for(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, kind: str
) -> None:
    """Nobody is greeted by silence."""
    model.stand(kind)
    since = time.monotonic()
    async with on_call(model.base_url, local_vad) as call:
        await _apologised(call, since)


async def test_a_used_up_quota_is_apologised_for(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """An error that no retry mends is not retried."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        model.stand("quota")
        await call.mouth.say("hello")
        await _apologised(call, time.monotonic())

    assert Happened(what="model_error", why="fatal") in call.told


async def test_a_response_that_failed_is_asked_for_once_more(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """One hiccup of the model is not the caller's business."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        model.stand(fault("failed", responses=1))
        await call.mouth.say(WHERE)
        before = len(call.ear.starts)
        await until(lambda: len(call.ear.starts) > before, within_s=SOON_S)

    assert Happened(what="model_error", why="failed_response") in call.told


async def test_a_slow_model_is_bridged(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, two: TwoInARoom
) -> None:
    """A sentence fills the third second, beside the reply that is still to come."""
    async with on_call(model.base_url, local_vad, room=two.agent) as call:
        await call.greeted()
        model.stand(fault("slow", seconds=4, responses=1))
        await call.mouth.say(WHERE)
        await until(two.seconds_of_voice, within_s=SOON_S)
        await call.answered_with("shipped")

    assert call.said("clip") == call.clips["one_moment"].text


async def test_a_model_that_says_nothing_is_bridged_and_given_up(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, two: TwoInARoom
) -> None:
    """The connection stands and nothing comes: the caller is not kept for ever."""
    model.next("silent")
    async with on_call(model.base_url, local_vad, room=two.agent) as call:
        await until(two.seconds_of_voice, within_s=SOON_S)
        ending = await call.ending()

    assert ending.outcome is CallOutcome.FAILED
    assert call.clips["apology"].pcm in call.ear.pcm


async def test_a_half_open_connection_in_mid_call_is_not_silence(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The heartbeat notices, the session connects again, and the caller's next words are heard."""
    model.next(fault("half_open", after_event="response.done"))
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await until(call.reconnections, within_s=SOON_S + 2)
        await call.mouth.say(WHERE)
        await call.answered_with("shipped")
