"""What a server says stays out of traces and logs, and a trace of ours stays here."""

import io
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.integration.remote.fake import Asked, Fake, Handler, faking, talking_to
from tests.observed import logged, traced

SECRET = "robin-ellis-owes-5-dollars"


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    """A server that is up."""
    async with faking() as made:
        yield made


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What was traced by anybody in this process; a provider can be set only once."""
    with traced() as (provider, exporter):
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
        yield exporter


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What was logged."""
    with logged("debug") as stream:
        yield stream


async def refuse(asked: Asked) -> None:
    """An error whose words are somebody's."""
    asked.error(-32099, SECRET)


async def test_a_use_is_one_span_without_the_servers_words(
    fake: Fake, spans: InMemorySpanExporter
) -> None:
    """The tries of the use stand in it, and the SDK adds nothing."""
    fake.on["tools/call"] = refuse
    async with talking_to(fake) as talk:
        await talk.use("desk_read_note", number=1)

    (span,) = spans.get_finished_spans()
    assert span.name == "tool use"
    assert [dict(event.attributes or {})["frontdesk.result"] for event in span.events] == [
        "remote_refused"
    ]
    assert SECRET not in span.to_json()


async def test_a_server_is_not_told_of_our_traces(fake: Fake, spans: InMemorySpanExporter) -> None:
    """Neither with a call nor at a connection that a use has opened."""
    told: list[object] = []

    async def listen(asked: Asked) -> None:
        told.append((asked.params.get("_meta", {}), asked.headers))
        if asked.method == "tools/call" and len(fake.calls) == 1:
            asked.writer.close()
        else:
            await fake.usual(asked)

    fake.on |= dict.fromkeys(("initialize", "tools/list", "tools/call"), listen)
    async with talking_to(fake) as talk:
        assert (await talk.use("desk_read_note", number=1))["outcome"] == "ok"

    assert (len(told), len(fake.calls)) == (6, 2)
    assert "trace" not in str(told)


async def strange_type(asked: Asked) -> None:
    """The SDK quotes it."""
    asked.send(b"x", content_type=f"text/{SECRET}")


async def elsewhere(asked: Asked) -> None:
    """So it does with this."""
    asked.send(status=307, location=f"http://127.0.0.1:9/{SECRET}")


async def no_json(asked: Asked) -> None:
    """And with this, as an exception."""
    asked.send(b'{"' + SECRET.encode())


async def strange_event(asked: Asked) -> None:
    """And with the name of this."""
    event = f"event: {SECRET}\ndata: x\n\n".encode()
    asked.send(event, content_type="text/event-stream")


@pytest.mark.parametrize("answer", [refuse, strange_type, elsewhere, no_json, strange_event])
async def test_no_log_holds_what_a_server_says(
    fake: Fake, lines: io.StringIO, answer: Handler
) -> None:
    """At no level."""
    fake.on["tools/call"] = answer
    async with talking_to(fake) as talk:
        await talk.use("desk_read_note", number=1)

    assert SECRET not in lines.getvalue()


async def test_a_log_says_what_happened_in_our_own_words(fake: Fake, lines: io.StringIO) -> None:
    """By the kind of what went wrong, however deep the SDK has wrapped it."""
    async with talking_to(fake, url="http://127.0.0.1:9/mcp") as talk:
        await talk.use("desk_read_note", number=1)

    (told, *_) = [json.loads(line) for line in lines.getvalue().splitlines() if "MCP" in line]
    assert told["event"] == "an MCP server is away; its tools are unavailable"
    assert (told["server"], told["error"]) == ("desk", "ConnectError")
