"""A server that hangs holds up nobody: neither who asks it, nor others, nor the end of a call."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.integration.remote.conftest import talk_over
from tests.integration.remote.fake import (
    CONTENT,
    READ,
    WRITE,
    Asked,
    Fake,
    Handler,
    faking,
    pins_of,
    talking_to,
)
from tools.remote.opening import open_servers

QUICK: dict[str, Any] = {
    "read_note": {**READ, "try_s": 0.5, "tries": 1},
    "create_ticket": {**WRITE, "try_s": 1.5, "deadline_s": 1.5},
}
# Nothing is ever sent to it, and it does not look at its stdin.
STUBBORN = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).recv(1)"


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    """A server that is up; nothing of a connection to it ends unheard."""
    unheard: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unheard.append(context["message"]))
    async with faking() as made:
        yield made
    assert unheard == []


async def hang(asked: Asked) -> None:
    """No answer, ever."""


async def test_a_try_takes_no_longer_than_it_may(fake: Fake) -> None:
    """Also if the server takes no notice of being asked no more, which the SDK insists on."""
    fake.on |= {"tools/call": hang, "notifications/cancelled": hang}
    async with talking_to(fake, tools=QUICK) as talk:
        began = time.monotonic()
        async with asyncio.TaskGroup() as both:
            for number in (1, 2):
                both.create_task(talk.use("desk_read_note", number=number))
        took_s = time.monotonic() - began

    assert [(use.outcome, use.reason) for use in talk.uses] == [("timeout", "remote_slow")] * 2
    assert took_s < 4


async def test_a_connection_that_hung_is_not_used_again(fake: Fake) -> None:
    """The server is reached anew."""
    fake.on |= {"tools/call": hang, "notifications/cancelled": hang}
    async with talking_to(fake, tools=QUICK) as talk:
        stuck = await talk.use("desk_read_note", number=1)
        del fake.on["tools/call"]
        read = await talk.use("desk_read_note", number=1)
        written = await talk.agreed("desk_create_ticket", title="wheel")

    assert [one["outcome"] for one in (stuck, read, written)] == ["timeout", "ok", "ok"]
    assert fake.seen.count("initialize") == 2


async def test_a_comparison_that_hangs_ends_with_the_use(fake: Fake) -> None:
    """Nothing was sent, and the connection is not used again."""
    async with talking_to(fake, tools=QUICK) as talk:
        assert (await talk.use("desk_read_note", number=1))["outcome"] == "ok"
        fake.on["tools/list"] = hang
        began = time.monotonic()
        stuck = await talk.agreed("desk_create_ticket", title="wheel")
        took_s = time.monotonic() - began
        del fake.on["tools/list"]
        read = await talk.use("desk_read_note", number=1)

    assert (stuck["outcome"], read["outcome"]) == ("timeout", "ok")
    assert took_s < 4
    assert fake.seen.count("initialize") == 2


async def hang_up(asked: Asked) -> None:
    """No answer, and the end of this request's connection."""
    asked.writer.close()


async def cut_short(asked: Asked) -> None:
    """Less of an answer than was announced."""
    asked.send(b"{", content_length="100")
    asked.writer.close()


@pytest.mark.parametrize("read", [hang, hang_up, cut_short])
async def test_a_lost_read_cuts_no_write(fake: Fake, read: Handler) -> None:
    """What is under way on the connection gets its answer; then it is closed."""
    done = asyncio.Event()
    fake.session = "s-1"

    async def answer(asked: Asked) -> None:
        if asked.params["name"] == "read_note":
            await read(asked)
        else:
            await done.wait()
            asked.result(CONTENT)

    fake.on["tools/call"] = answer
    tools = {**QUICK, "create_ticket": {**WRITE, "try_s": 5}}
    async with talking_to(fake, tools=tools) as talk:
        writing = asyncio.create_task(talk.agreed("desk_create_ticket", title="wheel"))
        await fake.heard("tools/call")
        lost = await talk.use("desk_read_note", number=1)
        closed_early = "DELETE" in fake.seen
        done.set()
        written = await writing
        await fake.heard("DELETE")

    assert lost["outcome"] in ("timeout", "unavailable")
    assert not closed_early
    assert written["outcome"] == "ok"


async def test_the_end_of_a_call_waits_for_all_servers_together(fake: Fake) -> None:
    """They are given a little time to be told; four that hang take no longer than one."""
    fake.session = "s-1"
    fake.on["DELETE"] = hang
    names = ["a", "b", "c", "d"]
    servers = [fake.server(name=name) for name in names]
    async with talk_over(servers, pins_of(*names)) as talk:
        for name in names:
            assert (await talk.use(f"{name}_read_note", number=1))["outcome"] == "ok"
        began = time.monotonic()

    assert time.monotonic() - began < 2
    assert fake.seen.count("DELETE") == 4


@pytest.mark.parametrize("method", ["initialize", "notifications/initialized"])
async def test_the_end_of_a_call_waits_for_no_beginning(fake: Fake, method: str) -> None:
    """A server that hangs while it is connected to is left at once, and not called away."""
    fake.on |= dict.fromkeys((method, "notifications/cancelled"), hang)
    with capture_logs() as logs:
        async with open_servers([fake.server(connect_timeout_s=20)], pins_of("desk")):
            await fake.heard(method)
            began = time.monotonic()

    assert time.monotonic() - began < 1
    assert logs == []


async def test_an_answer_that_comes_after_the_end_is_no_news(fake: Fake) -> None:
    """A short call is over before its servers are compared; none of them was away."""
    fake.session = "s-1"
    asked_before: list[Asked] = []

    async def keep(asked: Asked) -> None:
        asked_before.append(asked)

    async def answer_late(asked: Asked) -> None:
        await fake.usual(asked_before.pop())

    fake.on |= {"tools/list": keep, "DELETE": answer_late}
    with capture_logs() as logs:
        async with open_servers([fake.server()], pins_of("desk")):
            await fake.heard("tools/list")

    assert (logs, asked_before) == ([], [])


async def test_a_started_server_that_does_not_end_is_killed() -> None:
    """One that stayed would be one more after each call."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        began.set()
        await reader.read()
        ended.set()
        writer.close()

    async with await asyncio.start_server(watch, "127.0.0.1", 0) as watching:
        port = watching.sockets[0].getsockname()[1]
        command = (sys.executable, "-c", STUBBORN, str(port))
        server = Fake().server(url=None, command=command, connect_timeout_s=20)
        async with open_servers([server], pins_of("desk")):
            await began.wait()
        async with asyncio.timeout(1):
            await ended.wait()


async def test_a_server_without_tools_is_left_alone(fake: Fake) -> None:
    """It is declared already and not used yet."""
    servers = [fake.server(name="later", tools={}), fake.server()]
    async with talk_over(servers, pins_of("desk")) as talk:
        assert (await talk.use("desk_read_note", number=1))["outcome"] == "ok"

    assert fake.seen.count("initialize") == 1
