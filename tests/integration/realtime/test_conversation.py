"""Whole conversations: real plugin, real session, real sound, scripted model."""

from pathlib import Path

from livekit.agents import vad

from tests.integration.realtime.oncall import on_call, until
from tests.integration.realtime.scripted import ScriptedModel
from tools.outcome import Outcome


async def test_a_question_reaches_the_office_and_its_answer_is_spoken(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Sound in, tool through the gate, sound out."""
    async with on_call(model.base_url, tmp_path, local_vad) as call:
        await call.greeted()
        await call.mouth.say("where is my order number four two seven one please")
        await until(lambda: "shipped" in call.said("agent"))

    assert [(use.tool, use.outcome) for use in call.uses] == [("look_up_order", Outcome.OK)]
    assert call.office.requests == ["GET /customers", "GET /orders/4271"]
    assert "four two seven one" in call.said("caller")
