"""Our phone calls our phone over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from rehearsal.phone import AnswerPolicy, Call, CallFailed, Credentials, Phone, open_phone
from rehearsal.phone.events import Answered, KeyHeard, OtherStarted, Ringing
from rehearsal.phone.utterances import spoken
from tests.integration.phone.tones import share, tone

CALLER, CALLEE = "+15550001111", "+15557654321"
SILENCE_S = 0.3


def address(phone: Phone) -> tuple[str, int]:
    """Where a phone takes calls."""
    return (phone.identity.host, phone.identity.port)


@asynccontextmanager
async def call_up(codec: str = "PCMU") -> AsyncIterator[tuple[Call, Call]]:
    """A call that is up, both ends of it."""
    async with (
        open_phone(user=CALLER, codec=codec, seed=1, silence_s=SILENCE_S) as caller,
        open_phone(user=CALLEE, codec=codec, seed=2, silence_s=SILENCE_S) as callee,
    ):
        call = await caller.dial(CALLEE, proxy=address(callee))
        await call.answered(timeout_s=5)
        other = await callee.incoming(timeout_s=5)
        await other.answered(timeout_s=5)
        yield call, other


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_each_side_hears_the_other(codec: str) -> None:
    """Both tones arrive, at their level, in the right channel."""
    async with call_up(codec) as (call, other):
        async with asyncio.TaskGroup() as both:
            both.create_task(call.say(tone(440, 0.6)))
            both.create_task(other.say(tone(1000, 0.6)))
        await other.other_finishes(timeout_s=3)
        sent, heard = (await call.hang_up()).timeline.render()

    assert share(sent, 440) == pytest.approx(1, abs=0.05)
    assert share(heard, 1000) == pytest.approx(1, abs=0.05)
    assert share(heard, 440) < 0.02


async def test_what_one_sent_lies_where_the_other_heard_it() -> None:
    """The same moment on both timelines differs by no more than the way takes."""
    async with call_up() as (call, other):
        said = await call.say(tone(700, 0.5))
        await other.other_finishes(timeout_s=3)
        heard = spoken(other.timeline.render().heard)[0]

    between = call.timeline.t0 - other.timeline.t0
    assert heard.start_s - between == pytest.approx(said.start_s, abs=0.02)
    assert heard.end_s - heard.start_s == pytest.approx(0.5, abs=0.003)


async def test_keys_pass_both_ways() -> None:
    """Every key arrives once, in order, equal neighbours too."""
    async with call_up() as (call, other):
        async with asyncio.TaskGroup() as both:
            both.create_task(call.press("112#"))
            both.create_task(other.press("*90"))
        await call.until(lambda: call.result.keys_heard == "*90", timeout_s=2, what="keys")
        await other.until(lambda: other.result.keys_heard == "112#", timeout_s=2, what="keys")


async def test_a_held_call_is_silent_until_resumed() -> None:
    """While held nothing is heard; afterwards the tone is."""
    async with call_up() as (call, other):
        await call.redirect("inactive")
        held_at = call.now_s
        await call.reach(held_at + 0.3)
        await call.redirect("sendrecv")
        resumed_at = call.now_s
        await other.say(tone(1000, 0.4))
        await call.other_finishes(timeout_s=3)
        heard = call.timeline.render().heard

    held = heard[int((held_at + 0.05) * 8000) : int(resumed_at * 8000)]
    assert not held.any()
    assert share(heard[int(resumed_at * 8000) :], 1000) > 0.9


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_either_side_hangs_up(who: str) -> None:
    """Both learn who did it."""
    async with call_up() as (call, other):
        leaving, staying = (call, other) if who == "caller" else (other, call)
        result = await leaving.hang_up([("X-Reason", "test")])
        ended = await staying.other_hangs_up(timeout_s=3)

    assert result.ended is not None
    assert (result.ended.by, ended.by) == ("phone", "other")
    assert ended.headers["X-Reason"] == "test"


@pytest.mark.parametrize("code", [486, 603])
async def test_a_refused_call_fails_with_its_code(code: int) -> None:
    """Busy and declined are told as such."""
    async with (
        open_phone(user=CALLER) as caller,
        open_phone(user=CALLEE, policy=AnswerPolicy(ring_s=0.1, code=code)) as callee,
    ):
        call = await caller.dial(CALLEE, proxy=address(callee))
        with pytest.raises(CallFailed) as caught:
            await call.answered(timeout_s=5)

    assert caught.value.ended is not None
    assert call.result.code == code
    assert [type(e) for e in call.events[:-1]] == [Ringing]


async def test_a_call_nobody_answers_is_cancelled() -> None:
    """Giving up stops the other phone's ringing."""
    async with (
        open_phone(user=CALLER) as caller,
        open_phone(user=CALLEE, policy=AnswerPolicy(code=None)) as callee,
    ):
        call = await caller.dial(CALLEE, proxy=address(callee))
        ringing = await callee.incoming(timeout_s=5)
        with pytest.raises(CallFailed, match="no answer within"):
            await call.answered(timeout_s=0.2)
        result = await call.hang_up()
        ended = await ringing.other_hangs_up(timeout_s=3)

    assert (result.code, ended.code, ended.by) == (487, 487, "other")


async def test_a_phone_with_a_door_wants_the_password() -> None:
    """With it the call is answered, without it refused."""
    ada = Credentials("ada", "lovelace")
    async with (
        open_phone(user=CALLER) as caller,
        open_phone(user=CALLEE, policy=AnswerPolicy(door=ada)) as callee,
    ):
        good = await caller.dial(CALLEE, proxy=address(callee), credentials=ada)
        assert await good.answered(timeout_s=5) < 5
        bad = await caller.dial(CALLEE, proxy=address(callee))
        with pytest.raises(CallFailed, match="401"):
            await bad.answered(timeout_s=5)


async def test_an_error_in_the_block_hangs_up() -> None:
    """A phone that is left by an exception leaves no call open on the other side."""

    async def fail(callee: Phone) -> None:
        async with open_phone(user=CALLER) as caller:
            call = await caller.dial(CALLEE, proxy=address(callee))
            await call.answered(timeout_s=5)
            raise ZeroDivisionError

    async with open_phone(user=CALLEE) as callee:
        with pytest.raises(ZeroDivisionError):
            await fail(callee)
        other = await callee.incoming(timeout_s=1)
        ended = await other.other_hangs_up(timeout_s=1)

    assert ended.by == "other"


async def test_events_tell_the_call_as_it_happens() -> None:
    """Ringing, answer, speech and keys come in order, dated on one timeline."""
    async with call_up() as (call, other):
        await other.say(tone(500, 0.3))
        await other.press("5")
        await call.key(timeout_s=2)
        told = [e for e in call.events if isinstance(e, Answered | OtherStarted | KeyHeard)]

    assert [type(e) for e in told] == [Answered, OtherStarted, KeyHeard]
    assert list(np.diff([e.at_s for e in told]) > 0) == [True, True]
