"""Words that a session is told instead of hearing them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rehearsal.model.words import Moment, Spoken, Wordbook, Words
from tests.unit.model.acting import LOOK_UP, WAIT_S, Client, conversing

LINE = "This is line one."


def ordered(*turns: str, line: str = LINE) -> tuple[Wordbook, Spoken]:
    """Words that wait for a session on a line."""
    book = Wordbook()
    found = book.find(book.add(Words(line=line, turns=turns, pause_s=0)))
    assert found is not None
    return book, found


@asynccontextmanager
async def on_the_line(book: Wordbook, instructions: str = LINE) -> AsyncIterator[Client]:
    """A session with these instructions, greeted."""
    async with conversing(words=book) as (client, _):
        detection = {"type": "server_vad", "create_response": True}
        audio = {"input": {"turn_detection": detection, "transcription": {"model": "any"}}}
        session = {"instructions": instructions, "tools": [LOOK_UP], "audio": audio}
        client.send("session.update", session=session)
        client.send("response.create")
        await client.until("response.done")
        yield client


async def come(spoken: Spoken, moment: Moment) -> None:
    """Words have come so far, within the patience of a test."""
    async with asyncio.timeout(WAIT_S):
        await spoken.reached(moment)


async def test_words_are_told_as_if_they_had_been_heard() -> None:
    """Every event of a spoken turn, in its order, and the answer."""
    book, spoken = ordered("goodbye")
    async with on_the_line(book) as client:
        await come(spoken, "answered")
    kinds = [
        kind for kind in client.kinds() if kind.startswith(("input_audio", "response.created"))
    ]
    name = "conversation.item.input_audio_transcription.completed"

    assert kinds == [
        "response.created",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "response.created",
    ]
    assert [event["transcript"] for event in client.of(name)] == ["goodbye"]
    assert client.said == ["Hello.", "Bye. See you soon."]


async def test_the_next_words_wait_for_what_a_tool_answers() -> None:
    """A response that only calls a tool is no answer yet."""
    book, spoken = ordered("where is order 4271", "goodbye")
    async with on_the_line(book) as client:
        call = await client.until("response.function_call_arguments.done")
        await client.until("response.done", 2)
        assert len(client.of("input_audio_buffer.speech_started")) == 1
        result = '{"status": "shipped", "say": "It is on its way."}'
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": result}
        client.send("conversation.item.create", item=output)
        client.send("response.create")
        await come(spoken, "answered")

    assert client.said == ["Hello.", "It is on its way. Anything else?", "Bye. See you soon."]


async def test_a_session_on_another_line_is_told_nothing() -> None:
    """The words stay where they are, for the one that they are meant for."""
    book, spoken = ordered("goodbye")
    async with on_the_line(book, "This is line two.") as client:
        await client.obeyed()
    assert client.of("input_audio_buffer.speech_started") == []

    async with on_the_line(book):
        await come(spoken, "answered")


async def test_the_greeting_is_told_of() -> None:
    """Whoever wants to hang up at it knows when."""
    book, spoken = ordered()
    async with on_the_line(book):
        await come(spoken, "greeted")
        await come(spoken, "answered")


def test_words_are_taken_in_turn_and_once() -> None:
    """Two callers on one line do not share them."""
    book = Wordbook()
    first, second = (book.find(book.add(Words(line=LINE))) for _ in range(2))

    assert [book.take(LINE), book.take(f"More. {LINE}"), book.take(LINE)] == [first, second, None]


def test_words_that_are_taken_back_are_told_to_nobody() -> None:
    """Their caller has given up."""
    book = Wordbook()
    number = book.add(Words(line=LINE))
    book.forget(number)

    assert book.take(LINE) is None
    assert book.find(number) is None
