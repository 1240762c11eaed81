"""An error that the server answers is an answer; one that the SDK makes of none is not."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.remote.fake import CONTENT, Asked, Fake, Handler, faking, talking_to


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    """A server that is up."""
    async with faking() as made:
        yield made


def error(code: int, message: str, status: int = 200) -> Handler:
    """A server that answers every call so."""

    async def answer(asked: Asked) -> None:
        asked.error(code, message, status=status)

    return answer


ANSWERED = {
    "a bad argument": error(-32602, "number must be below 10"),
    "its own code": error(-32000, "Robin Ellis is not verified"),
    "an internal error": error(-32603, "Internal error"),
    "a bad argument, by HTTP too": error(-32602, "number must be below 10", status=400),
}


@pytest.mark.parametrize("answer", ANSWERED.values(), ids=ANSWERED)
async def test_an_error_of_the_server_is_a_no(fake: Fake, answer: Handler) -> None:
    """It is asked once, over the same connection; a write has changed nothing if it says so."""
    fake.on["tools/call"] = answer
    async with talking_to(fake) as talk:
        told = [await talk.use("desk_read_note", number=1) for _ in range(6)]
        told.append(await talk.agreed("desk_create_ticket", title="wheel"))

    assert {(one["outcome"], one["reason"]) for one in told} == {("refused", "remote_refused")}
    assert len(fake.calls) == 7
    assert fake.seen.count("initialize") == 1


async def no_json(asked: Asked) -> None:
    """Something else than it says."""
    asked.send(b"{hello")


async def a_page(asked: Asked) -> None:
    """What a proxy says."""
    asked.send(b"<html>", content_type="text/html")


async def no_answer(asked: Asked) -> None:
    """What is right for a notification only."""
    asked.send(status=202)


async def elsewhere(asked: Asked) -> None:
    """Another place than the profile names."""
    asked.send(status=307, location="http://127.0.0.1:9/mcp")


async def no_event(asked: Asked) -> None:
    """A stream that ends without the answer."""
    asked.events()


async def broken_event(asked: Asked) -> None:
    """An event that cannot be read."""
    asked.events(b"{hello")


async def hung_up(asked: Asked) -> None:
    """No answer at all."""
    asked.writer.close()


async def cut_off(asked: Asked) -> None:
    """Less than was announced."""
    asked.send(b"{", content_length="100")
    asked.writer.close()


def status(code: int) -> Handler:
    """An answer of HTTP only."""

    async def answer(asked: Asked) -> None:
        asked.send(status=code, content_type="text/plain")

    return answer


NO_ANSWER = [
    *(no_json, a_page, no_answer, elsewhere, no_event, broken_event, hung_up, cut_off),
    *(status(500), status(404), status(401)),
]


@pytest.mark.parametrize("answer", NO_ANSWER)
async def test_no_answer_leaves_a_write_in_doubt(fake: Fake, answer: Handler) -> None:
    """Although errors of this server change nothing: these are not its own."""
    fake.on["tools/call"] = answer
    async with talking_to(fake) as talk:
        told = await talk.agreed("desk_create_ticket", title="wheel")

    assert (told["outcome"], told["reason"]) == ("unknown", "remote_failed")
    assert len(fake.calls) == 1


@pytest.mark.parametrize("code", [404, 400])
async def test_a_forgotten_session_is_begun_anew(fake: Fake, code: int) -> None:
    """A server that was started again says so in the form of an error of its own."""
    fake.session = "s-1"

    async def forgotten(asked: Asked) -> None:
        if fake.seen.count("initialize") == 2:
            asked.result(CONTENT)
        else:
            asked.error(-32001, "Session not found", status=code)

    fake.on["tools/call"] = forgotten
    async with talking_to(fake) as talk:
        assert (await talk.use("desk_read_note", number=1))["outcome"] == "ok"


async def test_a_tool_that_comes_back_is_used_again(fake: Fake) -> None:
    """A server that was being changed when the call began is asked once more before a no."""
    gone = fake.tools.pop(0)
    async with talking_to(fake) as talk:
        refused = await talk.use("desk_read_note", number=1)
        fake.tools.append(gone)
        back = await talk.use("desk_read_note", number=1)

    assert (refused["reason"], back["outcome"]) == ("remote_gone", "ok")
