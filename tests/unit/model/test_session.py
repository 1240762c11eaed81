"""A session without sockets: events in, events out."""

import base64
from itertools import pairwise

import numpy as np

from rehearsal.model.faults import Fault
from tests.unit.model.acting import (
    LOOK_UP,
    Client,
    ToldHearing,
    brain,
    conversing,
    hum,
    message,
    silence,
)

LONG = "One. Two. Three. Four."


def _speak(client: Client) -> None:
    pcm = np.concatenate([silence(300), hum(700), silence(700)])
    for at in range(0, len(pcm), 480):
        client.audio(pcm[at : at + 480])


async def _look_up(client: Client) -> str:
    """Ask for an order by text, until the call is there."""
    client.send("session.update", session={"tools": [LOOK_UP]})
    client.say("where is order 4271")
    done = await client.until("response.function_call_arguments.done")
    return str(done["call_id"])


async def test_the_session_says_that_it_is_scripted() -> None:
    """Nobody can take it for a language model."""
    async with conversing() as (client, _):
        created = await client.until("session.created")

    assert "not a language model" in created["session"]["model"]


async def test_a_greeting_has_every_event_in_order() -> None:
    """A response opens and closes its item and its part, audio between."""
    async with conversing() as (client, _):
        client.send("response.create", response={"metadata": {"client_event_id": "c1"}})
        done = await client.until("response.done")
    kinds = list(dict.fromkeys(client.kinds()))

    assert done["response"]["metadata"] == {"client_event_id": "c1"}
    assert kinds[1:] == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
        "rate_limits.updated",
    ]


async def test_audio_comes_in_small_pieces() -> None:
    """No delta holds more than 100 ms, and together they are the sentence."""
    async with conversing() as (client, _):
        client.send("response.create")
        await client.until("response.done")
    sizes = [len(base64.b64decode(e["delta"])) for e in client.of("response.output_audio.delta")]

    assert max(sizes) <= 4800
    assert sum(sizes) == 24_000


async def test_items_are_chained() -> None:
    """Every item but the first names the one before it."""
    async with conversing() as (client, _):
        client.say("goodbye")
        await client.until("response.done")
        client.say("goodbye")
        await client.until("response.done", 2)
    added = client.of("conversation.item.added")

    assert added[0]["previous_item_id"] is None
    for before, after in pairwise(added):
        assert after["previous_item_id"] == before["item"]["id"]


async def test_a_spoken_turn_is_answered() -> None:
    """The VAD ends the turn, the words reach the script, the script answers."""
    async with conversing(hearing=ToldHearing("goodbye")) as (client, record):
        _speak(client)
        await client.until("response.done")
    turn = record.turns[0]

    assert client.said == ["Bye. See you soon."]
    assert (turn.heard, turn.rejected, turn.vad_silence_ms) == ("goodbye", False, 500)
    kinds = [kind for kind in client.kinds() if kind.startswith("input_audio_buffer")]
    assert [kind.removeprefix("input_audio_buffer.") for kind in kinds] == [
        "speech_started",
        "speech_stopped",
        "committed",
    ]


async def test_a_turn_has_its_times() -> None:
    """The model's own time runs from the end of the turn to the first audio."""
    async with conversing(hearing=ToldHearing("goodbye"), think_ms=30) as (client, record):
        _speak(client)
        await client.until("response.done")
    turn = record.turns[0]

    assert turn.speech_stopped_at is not None
    assert turn.first_audio_at is not None
    assert turn.model_ms is not None
    assert turn.model_ms >= 25
    assert abs(turn.model_ms - (turn.first_audio_at - turn.speech_stopped_at) * 1000) < 1


async def test_a_call_carries_its_arguments_whole() -> None:
    """output_item.done is where clients read a call."""
    async with conversing() as (client, record):
        call_id = await _look_up(client)
        await client.until("response.done")
    item = client.of("response.output_item.done")[0]["item"]

    assert (item["call_id"], item["name"], item["arguments"]) == (
        call_id,
        "look_up_order",
        '{"order": "4271"}',
    )
    assert record.turns[0].tool_calls[0]["arguments"] == {"order": "4271"}


async def test_a_result_is_spoken_when_the_client_asks() -> None:
    """The tool's time is not the model's time."""
    async with conversing() as (client, record):
        call_id = await _look_up(client)
        output = '{"outcome": "ok", "status": "shipped", "say": "On its way."}'
        item = {"type": "function_call_output", "call_id": call_id, "output": output}
        client.send("conversation.item.create", item=item)
        client.send("response.create")
        await client.until("response.done", 2)

    assert client.said == ["On its way. Anything else?"]
    assert len(record.turns) == 1


async def test_the_callers_voice_cuts_the_answer_off() -> None:
    """Barge-in: the response ends well-formed, cancelled by turn_detected."""
    async with conversing(script=brain(greeting=LONG), pace=0.5) as (client, record):
        client.send("response.create")
        await client.until("response.output_audio.delta")
        client.audio(np.concatenate([silence(200), hum(300)]))
        done = await client.until("response.done")

    assert done["response"]["status_details"]["reason"] == "turn_detected"
    assert client.of("response.output_item.done")[0]["item"]["status"] == "incomplete"
    assert record.turns[0].interrupted


async def test_without_interrupt_response_the_answer_goes_on() -> None:
    """interrupt_response false is honoured."""
    detection = {"type": "server_vad", "interrupt_response": False, "create_response": False}
    async with conversing(script=brain(greeting=LONG), pace=5.0) as (client, _):
        client.send("session.update", session={"audio": {"input": {"turn_detection": detection}}})
        client.send("response.create")
        await client.until("response.output_audio.delta")
        client.audio(np.concatenate([silence(200), hum(300)]))
        done = await client.until("response.done")

    assert done["response"]["status"] == "completed"


async def test_a_client_can_cancel_and_truncate() -> None:
    """response.cancel ends the response, truncate forgets what was not heard."""
    async with conversing(script=brain(greeting=LONG), pace=0.5) as (client, _):
        client.send("response.create")
        await client.until("response.output_audio.delta")
        client.send("response.cancel")
        done = await client.until("response.done")
        item_id = client.of("response.output_item.done")[0]["item"]["id"]
        cut = {"item_id": item_id, "content_index": 0, "audio_end_ms": 100}
        client.send("conversation.item.truncate", **cut)
        truncated = await client.until("conversation.item.truncated")

    assert done["response"]["status"] == "cancelled"
    assert truncated["audio_end_ms"] == 100


async def test_errors_name_the_event_at_fault() -> None:
    """A cancel with nothing to cancel, an unknown event and a bad item come back as errors."""
    async with conversing() as (client, _):
        client.send("response.cancel", event_id="e1")
        client.send("make.coffee", event_id="e2")
        client.send("conversation.item.delete", event_id="e3", item_id="nothing")
        client.send("input_audio_buffer.commit", event_id="e4")
        await client.until("error", 4)
    errors = [event["error"] for event in client.of("error")]

    assert [error["event_id"] for error in errors] == ["e1", "e2", "e3", "e4"]
    assert errors[0]["message"].startswith("Cancellation failed")
    assert errors[3]["code"] == "input_audio_buffer_commit_empty"


async def test_a_client_that_ends_its_own_turns_is_obeyed() -> None:
    """With turn_detection null only commit and response.create count."""
    async with conversing(hearing=ToldHearing("goodbye")) as (client, _):
        client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        _speak(client)
        client.send("input_audio_buffer.commit")
        client.send("response.create")
        await client.until("response.done")

    assert client.said == ["Bye. See you soon."]
    assert not client.of("input_audio_buffer.speech_started")


async def test_silence_that_is_committed_fills_no_slot() -> None:
    """Nothing is recognised where nothing was said."""
    async with conversing(hearing=ToldHearing("4271")) as (client, record):
        client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        client.audio(silence(1000))
        client.send("input_audio_buffer.commit")
        client.send("response.create")
        await client.until("response.done")

    assert client.said == ["Pardon?"]
    assert record.turns[0].rejected


async def test_a_transcript_may_come_after_the_call_it_caused() -> None:
    """The delay is settable, as OpenAI's transcription is a model of its own."""
    async with conversing(hearing=ToldHearing("4271"), transcription_delay_ms=150) as (client, _):
        asked = {"input": {"transcription": {"model": "any"}}}
        client.send("session.update", session={"tools": [LOOK_UP], "audio": asked})
        _speak(client)
        name = "conversation.item.input_audio_transcription.completed"
        completed = await client.until(name)
    kinds = client.kinds()

    assert completed["transcript"] == "4271"
    assert completed["usage"]["input_tokens"] > 0
    assert kinds.index("response.function_call_arguments.done") < kinds.index(name)


async def test_a_script_error_is_told_and_nothing_is_sent() -> None:
    """A call that the tools do not allow becomes an error event and is on record."""
    async with conversing() as (client, record):
        client.say("where is order 4271")
        await client.until("response.done")

    assert client.of("error")[0]["error"]["code"] == "script_error"
    assert "not offered" in record.script_errors[0]
    assert not client.of("response.function_call_arguments.done")


async def test_a_second_response_at_once_is_refused() -> None:
    """One response at a time, as OpenAI has it."""
    async with conversing(think_ms=50) as (client, _):
        client.send("response.create")
        client.send("response.create", event_id="second")
        await client.until("response.done")
    refused = client.of("error")[0]["error"]

    assert refused["code"] == "conversation_already_has_active_response"
    assert refused["event_id"] == "second"


async def test_a_caller_who_goes_on_is_heard_as_one() -> None:
    """A turn that cut off its own answer is decoded together with the next."""
    hearing = ToldHearing(None, None, "4271")
    async with conversing(hearing=hearing, think_ms=3000) as (client, record):
        client.send("session.update", session={"tools": [LOOK_UP]})
        _speak(client)
        await client.until("response.created")
        _speak(client)
        await client.until("response.function_call_arguments.done")

    assert [turn.rejected for turn in record.turns] == [False, False]


async def test_text_sessions_get_text() -> None:
    """output_modalities text speaks no audio."""
    async with conversing() as (client, _):
        client.send("session.update", session={"output_modalities": ["text"]})
        client.send("response.create")
        await client.until("response.done")

    assert client.of("response.output_text.done")[0]["text"] == "Hello."
    assert not client.of("response.output_audio.delta")


async def test_history_that_a_client_replays_is_not_answered_again() -> None:
    """After a reconnect the conversation goes on where it was."""
    async with conversing() as (client, _):
        user = message("user", {"type": "input_text", "text": "goodbye"})
        agent = message("assistant", {"type": "output_text", "text": "Bye. See you soon."})
        for item in (user, agent):
            client.send("conversation.item.create", item=item)
        client.send("response.create")
        await client.until("response.done")

    assert client.said == ["Are you still there?"]


async def test_a_silent_model_only_opens_the_session() -> None:
    """It takes everything and answers nothing."""
    async with conversing(faults=(Fault(kind="silent"),)) as (client, record):
        client.send("session.update", session={"instructions": "Speak."})
        client.send("response.create")
        await client.obeyed()

    assert client.kinds() == ["session.created"]
    assert record.turns


async def test_a_drop_comes_after_its_event() -> None:
    """The connection is cut right after the named event."""
    fault = Fault(kind="drop", after_event="response.created")
    async with conversing(faults=(fault,)) as (client, _):
        client.send("response.create")
        await client.until("response.created")

    assert client.aborted


async def test_a_failed_response_is_done_without_words() -> None:
    """status failed, once, then all is well."""
    async with conversing(faults=(Fault(kind="failed", responses=1),)) as (client, _):
        client.send("response.create")
        done = await client.until("response.done")
        client.send("response.create")
        await client.until("response.done", 2)

    assert done["response"]["status_details"]["error"]["code"] == "server_error"
    assert client.said == ["Hello."]


async def test_a_later_response_can_fail() -> None:
    """The greeting is spoken, the answer after it fails, the one after that is spoken again."""
    later = Fault(kind="failed", responses=1, after_event="response.done")
    async with conversing(faults=(later,)) as (client, _):
        for response in (1, 2, 3):
            client.send("response.create")
            await client.until("response.done", response)

    statuses = [done["response"]["status"] for done in client.of("response.done")]
    assert statuses == ["completed", "failed", "completed"]


async def test_an_exhausted_quota_is_an_error_and_a_failure() -> None:
    """Clients treat insufficient_quota as final."""
    async with conversing(faults=(Fault(kind="quota"),)) as (client, _):
        client.send("response.create")
        done = await client.until("response.done")

    assert client.of("error")[0]["error"]["code"] == "insufficient_quota"
    assert done["response"]["status"] == "failed"


async def test_a_malformed_event_is_no_json() -> None:
    """One audio delta is cut in half; what follows is whole."""
    async with conversing(faults=(Fault(kind="malformed", responses=1),)) as (client, _):
        client.send("response.create")
        await client.until("response.done")

    assert len(client.raw) - len(client.events) == 1


async def test_a_slow_model_takes_its_time() -> None:
    """The added seconds come before the answer."""
    async with conversing(faults=(Fault(kind="slow", seconds=0.3),)) as (client, record):
        client.send("response.create")
        await client.until("response.done")

    assert (record.turns[0].model_ms or 0) >= 300
