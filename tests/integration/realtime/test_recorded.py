"""A call whose caller is recorded on their way to the model, and heard by neither in a pause."""

from pathlib import Path

import pytest
from livekit.agents import vad

from agent import ear
from agent.recorder import Recorder
from records.recording import Gap
from tests.integration.realtime.oncall import OnCall, on_call, until
from tests.integration.realtime.scripted import ScriptedModel
from tests.integration.recording.sound import CALL, KEY, kept_sound, loud_spans

WHERE = "where is my order four two seven one"
NUMBER = "four one one one one one one one"


def tapped(call: OnCall, folder: Path, gaps: list[Gap]) -> Recorder:
    """A recorder between the caller and the model of a call that goes on."""
    recorder = Recorder(CALL, KEY, folder, most_backlog_bytes=10**9, on_gap=gaps.append)
    inner = call.session.input.audio
    assert inner
    call.session.input.audio = ear.Ear(inner, recorder)
    return recorder


async def test_a_tapped_call_goes_on_and_its_pause_is_heard_by_nobody(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """What is said in it reaches neither model nor file; what is said after it reaches both."""
    gaps: list[Gap] = []
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        recorder = tapped(call, tmp_path, gaps)
        recorder.start()
        recorder.pause("card_entry")
        await call.mouth.say(NUMBER)
        recorder.resume("card_entry")
        await call.mouth.say(WHERE)
        await until(lambda: "shipped" in call.said("agent"))
        kept = await recorder.close()

    assert kept
    assert "one one one" not in call.said("caller")
    (gap,) = gaps
    assert gap.reason == "card_entry"
    spoken = loud_spans(kept_sound(tmp_path, kept), 0)
    assert spoken
    assert spoken[0][0] >= gap.ended_at - kept.began_at - 0.02
    assert gap.began_at == pytest.approx(kept.began_at, abs=0.1)
