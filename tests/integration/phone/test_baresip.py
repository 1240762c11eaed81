"""Our phone and baresip, which nobody here wrote, call each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rehearsal.baresip import Baresip, open_baresip
from rehearsal.phone import AnswerPolicy, CallFailed, Phone, open_phone
from tests.integration.phone.tones import read, share, tone, write

OURS, THEIRS = "+15550001111", "+15557654321"


@asynccontextmanager
async def both(
    folder: Path, *, codec: str = "PCMU", policy: AnswerPolicy | None = None
) -> AsyncIterator[tuple[Phone, Baresip]]:
    """Our phone and a baresip that plays 1 kHz."""
    says = write(folder / "says.wav", tone(1000, 60))
    async with (
        open_baresip(folder / "baresip", user=THEIRS, says=says, codec=codec) as theirs,
        open_phone(user=OURS, codec=codec, policy=policy) as ours,
    ):
        yield ours, theirs


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_we_call_baresip_and_hear_each_other(tmp_path: Path, codec: str) -> None:
    """Tones both ways, as each of the two recorded them."""
    async with both(tmp_path, codec=codec) as (ours, theirs):
        call = await ours.dial(THEIRS, proxy=theirs.address)
        await call.answered(timeout_s=5)
        await call.say(tone(440, 1))
        result = await call.hang_up()
        await theirs.happens("CALL_CLOSED")

    assert share(result.timeline.render().heard, 1000) == pytest.approx(1, abs=0.05)
    assert share(read(theirs.recording("dec")), 440) == pytest.approx(1, abs=0.05)


async def test_baresip_calls_us_and_hangs_up(tmp_path: Path) -> None:
    """We ring, answer, are heard, and learn that the other side ended the call."""
    async with both(tmp_path, policy=AnswerPolicy(ring_s=0.2)) as (ours, theirs):
        await theirs.dial(f"sip:{OURS}@127.0.0.1:{ours.identity.port}")
        await theirs.happens("CALL_RINGING")
        call = await ours.incoming(timeout_s=5)
        await call.answered(timeout_s=5)
        await call.say(tone(440, 1))
        await theirs.hang_up()
        ended = await call.other_hangs_up(timeout_s=3)

    assert ended.by == "other"
    assert share(call.timeline.render().heard, 1000) == pytest.approx(1, abs=0.05)
    assert share(read(theirs.recording("dec")), 440) == pytest.approx(1, abs=0.05)


async def test_keys_pass_both_ways(tmp_path: Path) -> None:
    """RFC 4733 as baresip understands it."""
    async with both(tmp_path) as (ours, theirs):
        call = await ours.dial(THEIRS, proxy=theirs.address)
        await call.answered(timeout_s=5)
        await theirs.press("7")
        await call.key(timeout_s=5)
        await call.press("15#")
        await call.hang_up()
        await theirs.happens("CALL_CLOSED")

    keys = [e["param"] for e in theirs.events if e["type"] == "CALL_DTMF_START"]
    assert (call.result.keys_heard, keys) == ("7", ["1", "5", "#"])


async def test_a_hold_is_understood(tmp_path: Path) -> None:
    """A held baresip sends nothing until it is resumed."""
    async with both(tmp_path) as (ours, theirs):
        call = await ours.dial(THEIRS, proxy=theirs.address)
        await call.answered(timeout_s=5)
        await call.other_starts(timeout_s=5)
        await call.redirect("inactive")
        await call.other_finishes(timeout_s=5)
        seen = len(call.events)
        await call.redirect("sendrecv")
        await call.other_starts(timeout_s=5, since=seen)


async def test_a_busy_phone_is_busy_for_baresip(tmp_path: Path) -> None:
    """486 is what it hears."""
    async with both(tmp_path, policy=AnswerPolicy(code=486)) as (ours, theirs):
        await theirs.dial(f"sip:{OURS}@127.0.0.1:{ours.identity.port}")
        closed = await theirs.happens("CALL_CLOSED")

    assert "486" in closed["param"]


async def test_a_ringing_baresip_is_cancelled(tmp_path: Path) -> None:
    """CANCEL stops its ringing."""
    says = write(tmp_path / "says.wav", tone(1000, 60))
    async with (
        open_baresip(tmp_path / "b", user=THEIRS, says=says, answers=False) as theirs,
        open_phone(user=OURS) as ours,
    ):
        call = await ours.dial(THEIRS, proxy=theirs.address)
        await theirs.happens("CALL_INCOMING")
        with pytest.raises(CallFailed):
            await call.answered(timeout_s=0.1)
        result = await call.hang_up()
        await asyncio.wait_for(theirs.happens("CALL_CLOSED"), 5)

    assert result.code == 487
