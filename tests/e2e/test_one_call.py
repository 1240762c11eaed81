"""What one call leaves behind: series, a recording, and nothing of its caller in any log of ours.

livekit-server and livekit-sip are not ours: at level info they log caller and dialled number (in
room and participant names, From and To), never digits pressed (only at debug) nor words. A
deployment that may not keep numbers keeps their logs apart.
"""

import io
import re
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest
import pytest_asyncio

from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.utterances import Spoken, spoken
from rehearsal.rehearse.keepsake import sound_of
from tests.e2e.desk import CALLER, ORDER_PLEASE, SHIPPED, Desk, Plan
from tests.e2e.made import Made

OURS = ("worker", "watch", "office", "model", "trunks")
KEYS = "94107"
# By so much codecs on the way may lengthen or shorten the voices of a call, in all.
VOICE_S = 0.6
SECRETS = {
    "the caller's number": CALLER.removeprefix("+"),
    "keys": KEYS,
    "the caller's words": "where is my order",
    "the order": "4271",
    "the agent's words": "has shipped",
}


def holds(file: Path, secret: str) -> bool:
    """Whether a file has it, and not only as a part of some longer number or a time."""
    text = file.read_text(encoding="utf-8", errors="replace").lower()
    return re.search(rf"(?<![\d.]){re.escape(secret)}(?!\d)", text) is not None


COUNTED = {
    "frontdesk_calls_started_total": {"direction": "inbound"},
    "frontdesk_calls_ended_total": {"outcome": "completed"},
    "frontdesk_answer_seconds_count": {},
    "frontdesk_greeting_seconds_count": {},
    "frontdesk_turn_response_seconds_count": {"tool_used": "yes"},
    "frontdesk_model_first_audio_seconds_count": {},
    "frontdesk_tool_uses_total": {"tool": "look_up_order", "outcome": "ok"},
    "frontdesk_tool_duration_seconds_count": {"tool": "look_up_order"},
}
RESPONSE_S = "frontdesk_turn_response_seconds_sum"
Series = dict[str, float]


async def series(desk: Desk) -> Series:
    """Every series that one call adds to."""
    found = {name: await desk.series(name, **labels) for name, labels in COUNTED.items()}
    return {**found, RESPONSE_S: await desk.series(RESPONSE_S)}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def before(brief: Desk) -> Series:
    """The series before the call."""
    return await series(brief)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(brief: Desk, before: Series) -> Made:
    """A call with keys, words and a tool."""
    await brief.reset()
    return await brief.made(
        Plan(
            steps=[
                {"dtmf": KEYS, "at_s": 0.2},
                {"say": ORDER_PLEASE, "at_s": 3},
                {"hang_up": True, "after": "other"},
            ]
        )
    )


async def test_no_log_of_ours_tells_of_the_caller(brief: Desk, made: Made) -> None:
    """Words, keys and numbers are in the record and nowhere else."""
    assert SHIPPED in made.said
    assert made.call.caller == CALLER
    files = [brief.stack.log(part) for part in OURS] + [brief.stack.model_log]
    told = {
        (file.name, what)
        for file in files
        for what, secret in SECRETS.items()
        if holds(file, secret)
    }

    assert told == set()


async def test_keys_and_words_are_in_no_log_at_all(brief: Desk, made: Made) -> None:
    """LiveKit's own logs hold numbers, but neither what was pressed nor what was said."""
    assert made.call.dtmf_digits == len(KEYS)
    logs = list(brief.stack.folder.glob("logs/*.log"))
    assert brief.stack.log("livekit-sip") in logs
    for secret in ("where is my order", "has shipped"):
        assert [file.name for file in logs if holds(file, secret)] == []
    assert [file.name for file in logs if holds(file, KEYS)] == []


async def test_each_series_counts_the_call_once(brief: Desk, before: Series, made: Made) -> None:
    """And the response time on the dashboard is the one in the record."""
    assert made.call.answered_at is not None
    for name, labels in COUNTED.items():
        await brief.until_series(name, before[name] + 1, **labels)
    after = await series(brief)

    told_ms = sum(turn.response_ms or 0 for turn in made.call.turns)
    assert (after[RESPONSE_S] - before[RESPONSE_S]) * 1000 == pytest.approx(told_ms, abs=1)
    assert await brief.series("frontdesk_calls_active") == 0
    assert await brief.series("frontdesk_call_capacity") == 20


async def test_the_recording_has_the_caller_left_and_the_agent_right(
    brief: Desk, made: Made
) -> None:
    """Both voices are as long as the phone heard them; whoever has the file alone hears nothing."""
    assert made.call.recording is not None
    left, right = voices_s(await sound_of(brief.stack, made.call))
    sealed = [*brief.stack.recordings.iterdir(), *brief.stack.recordings_waiting.iterdir()]
    assert sealed
    assert not [file for file in sealed if b"OggS" in file.read_bytes()]

    assert left == pytest.approx(seconds(made.heard.caller), abs=VOICE_S)
    assert right == pytest.approx(seconds(made.heard.agent), abs=VOICE_S)


def seconds(stretches: Iterable[Spoken]) -> float:
    """How long somebody spoke in all."""
    return sum(stretch.end_s - stretch.start_s for stretch in stretches)


def voices_s(sound: bytes) -> tuple[float, float]:
    """Seconds of voice in the left and the right channel."""
    resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE_HZ)
    with av.open(io.BytesIO(sound), mode="r") as container:
        assert container.streams.audio[0].channels == 2
        pieces = [
            piece.to_ndarray()
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    left, right = np.concatenate(pieces, axis=1)
    return seconds(spoken(left)), seconds(spoken(right))
