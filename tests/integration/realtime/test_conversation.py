"""Whole conversations: real plugin, real session, real sound, scripted model."""

import asyncio
from pathlib import Path

import httpx
from livekit.agents import vad

from agent.profile import Limits
from agent.reports import Happened
from records import CallOutcome
from tests.integration.realtime.oncall import PROFILE, OnCall, happens, on_call, until
from tests.integration.realtime.scripted import ScriptedModel
from tests.unit.desk_tools.fake_office import FakeOffice, Trouble
from tools.outcome import Outcome

WHERE = "order four two seven one"


def waits(office: FakeOffice, release: asyncio.Event) -> Trouble:
    """The office answers once it is released."""

    async def trouble(request: httpx.Request) -> httpx.Response:
        await release.wait()
        return office.serve(request)

    return trouble


async def test_a_question_reaches_the_office_and_its_answer_is_spoken(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Sound in, tool through the gate, sound out."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say(WHERE)
        await until(lambda: "shipped" in call.said("agent"))

    assert [(use.tool, use.outcome) for use in call.uses] == [("look_up_order", Outcome.OK)]
    assert call.office.requests == ["GET /customers", "GET /orders/4271"]
    assert "four two seven one" in call.said("caller")
    assert {r.what for r in call.told if isinstance(r, Happened)} == {"turn"}


async def _speak_while_a_tool_runs(call: OnCall, release: asyncio.Event) -> None:
    """The caller is answered before the tool is: its result then belongs to no reply."""
    call.office.troubles += [("GET /orders", waits(call.office, release))] * 2
    await call.greeted()
    await call.mouth.say(WHERE)
    await until(lambda: "GET /orders/4271" in call.office.requests)
    await call.mouth.say("twenty")
    await until(lambda: "One moment" in call.said("agent"))
    release.set()
    await until(call.posted_results)


async def test_a_result_survives_a_caller_who_speaks_meanwhile(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The library posts such a result and asks nobody to speak it; the watch does."""
    async with on_call(model.base_url, local_vad) as call:
        await _speak_while_a_tool_runs(call, asyncio.Event())
        await call.answered_with("shipped")


async def test_upstream_still_asks_nobody_to_speak_such_a_result(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Nobody watches this call, and the caller waits for ever."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        call.running.cancel()
        await _speak_while_a_tool_runs(call, asyncio.Event())
        asked = len(call.responses_asked())
        mended = await happens(lambda: len(call.responses_asked()) > asked, within_s=3)

    assert not mended, "upstream asks: delete Step.ASK_FOR_REPLY from agent.watch"


async def test_a_caller_who_speaks_over_the_agent_silences_it(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Nobody talks on over a caller, and it is counted."""
    long = PROFILE.model_copy(
        update={"opening": "Hello, this is a greeting that goes on for a good many words."}
    )
    async with on_call(model.base_url, local_vad, profile=long) as call:
        await until(lambda: call.ear.pcm)
        await call.mouth.say(WHERE)
        await call.answered_with("shipped")
        assert call.ear.interruptions == 1

    assert Happened(what="interruption") in call.told
    assert call.lines("turn")[0]["interrupted"]


async def test_a_goodbye_is_heard_whole_before_the_line_closes(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The model asks to hang up in the same breath as it speaks."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say("no thank you goodbye")
        ending = await call.ending()

    assert ending.outcome is CallOutcome.COMPLETED
    assert call.said("agent").endswith("Goodbye.")
    assert call.ear.interruptions == 0


async def test_emergency_words_get_the_fixed_sentence(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Whatever the model answers, the clip is played whole."""
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say("i need an ambulance")
        await until(lambda: call.clips["emergency"].pcm in call.ear.pcm)

    assert Happened(what="clip", why="emergency") in call.told
    assert call.clips["emergency"].text in call.said("clip")


async def test_a_silent_caller_is_asked_and_then_told_goodbye(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Nobody is left on an open line, and no line closes without a word."""
    short = Limits(caller_silence_s=2, silence_prompts=1)
    profile = PROFILE.model_copy(update={"limits": short})
    async with on_call(model.base_url, local_vad, profile=profile) as call:
        ending = await call.ending()

    assert ending.outcome is CallOutcome.CALLER_SILENT
    assert (
        call.said("clip") == f"{call.clips['still_there'].text} {call.clips['goodbye_silent'].text}"
    )
    assert call.clips["goodbye_silent"].pcm in call.ear.pcm


async def test_a_call_that_lasts_too_long_is_told_so(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """The limit is spoken before it is acted on."""
    profile = PROFILE.model_copy(update={"limits": Limits(max_duration_s=5)})
    async with on_call(model.base_url, local_vad, profile=profile) as call:
        ending = await call.ending()

    assert ending.outcome is CallOutcome.LIMIT
    assert call.clips["time_is_up"].pcm in call.ear.pcm


async def test_an_order_is_cancelled_only_by_a_spoken_yes(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD
) -> None:
    """Also when the yes is transcribed later than the tool call that it causes."""
    model.next(transcription_delay_ms=700)
    async with on_call(model.base_url, local_vad) as call:
        await call.greeted()
        await call.mouth.say("cancel order number four three zero two please")
        await until(lambda: "zip code" in call.said("agent").lower())
        await call.mouth.say("nine four one zero seven")
        await until(lambda: "4 3 0 2" in call.said("agent"))
        assert call.office.effects == []
        await call.mouth.say("yes please")
        await until(lambda: call.office.effects)

    assert call.office.effects == ["4302"]
    assert call.uses[-1].outcome is Outcome.OK
