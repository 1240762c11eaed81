"""What a server sends has a bound, in every form in which it may come."""

import gzip
from collections.abc import AsyncIterator

import pytest

from tests.integration.remote.fake import (
    CONTENT,
    READ,
    WRITE,
    Asked,
    Fake,
    Handler,
    faking,
    talking_to,
    told,
)
from tools.remote.web import ANSWER_BYTES
from tools.remote.wire import MOST_PAGES, MOST_TOOLS

NOTE = (
    b'{"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": 1}}'
)
ONCE = {"read_note": {**READ, "tries": 1}, "create_ticket": WRITE}


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    """A server that is up."""
    async with faking() as made:
        yield made


async def compressed(asked: Asked) -> None:
    """A body that is small on the wire."""
    asked.send(gzip.compress(asked.body(result=CONTENT)), content_encoding="gzip")


async def compressed_events(asked: Asked) -> None:
    """The same as a stream of events."""
    event = b"event: message\ndata: " + asked.body(result=CONTENT) + b"\n\n"
    body = gzip.compress(event)
    asked.send(body, content_encoding="gzip", content_type="text/event-stream")


async def long(asked: Asked) -> None:
    """A body that nobody could be told."""
    asked.send(asked.body(result={**CONTENT, "more": "x" * ANSWER_BYTES}))


async def long_events(asked: Asked) -> None:
    """Small events without end, before the answer."""
    many = ANSWER_BYTES // len(NOTE)
    asked.events(*[NOTE] * many, asked.body(result=CONTENT))


@pytest.mark.parametrize("answer", [compressed, compressed_events, long, long_events])
async def test_an_answer_that_could_be_of_any_size_is_not_read(fake: Fake, answer: Handler) -> None:
    """Neither memory nor time of the call is the server's to spend; the next answer is read."""
    fake.on["tools/call"] = answer
    async with talking_to(fake, tools=ONCE) as talk:
        refused = await talk.use("desk_read_note", number=1)
        del fake.on["tools/call"]
        read = await talk.use("desk_read_note", number=1)

    assert (refused["outcome"], talk.uses[0].reason) == ("unavailable", "remote_failed")
    assert read["outcome"] == "ok"


async def test_an_answer_may_come_as_an_event_and_in_the_encoding_that_is_none(fake: Fake) -> None:
    """Servers choose the one, proxies may write the other."""

    async def answer(asked: Asked) -> None:
        asked.events(NOTE, asked.body(result=CONTENT), content_encoding="Identity")

    fake.on["tools/call"] = answer
    async with talking_to(fake) as talk:
        assert (await talk.use("desk_read_note", number=1))["answer"] == "a note"


async def test_a_server_has_no_stream_to_speak_unasked(fake: Fake) -> None:
    """It could keep a call's process busy from beginning to end."""
    fake.session = "s-1"
    async with talking_to(fake) as talk:
        assert (await talk.use("desk_read_note", number=1))["outcome"] == "ok"

    assert "GET" not in fake.seen


async def test_too_many_tools_are_not_compared(fake: Fake) -> None:
    """They are refused as too many, not as gone."""
    fake.tools += [told(f"tool_{number}", "a", "string") for number in range(MOST_TOOLS)]
    async with talking_to(fake) as talk:
        read = await talk.use("desk_read_note", number=1)

    assert (read["outcome"], talk.uses[-1].reason) == ("unavailable", "remote_too_many_tools")
    assert fake.calls == []


async def test_a_list_without_end_is_not_followed(fake: Fake) -> None:
    """A page more than are read is no reason to believe that the rest has gone."""

    async def page(asked: Asked) -> None:
        number = int(asked.params.get("cursor", 0))
        asked.result({"tools": [fake.tools[number % 2]], "nextCursor": str(number + 1)})

    fake.on["tools/list"] = page
    async with talking_to(fake, tools=ONCE) as talk:
        await talk.use("desk_read_note", number=1)

    assert talk.uses[-1].reason == "remote_too_many_tools"
    assert fake.seen.count("tools/list") == MOST_PAGES
