"""The agent's voice in a room: its first packets leave together, and it is heard whole."""

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import rtc

from agent.audible import Sound
from agent.playout import AHEAD_S, CHUNK_S, QUEUE_S, PhoneOutput, PhoneSource, phone_output
from tests.integration.realtime.oncall import until
from tests.integration.realtime.rooms import RATE_HZ, TwoInARoom

# The frames that livekit-sip waits for, 20 ms each.
FIRST_PACKETS = 3
TRIES = 5


def tone(seconds: float) -> rtc.AudioFrame:
    """A loud tone."""
    count = round(RATE_HZ * seconds)
    pcm = (8000 * np.sin(np.arange(count) * 2 * np.pi * 440 / RATE_HZ)).astype(np.int16)
    return rtc.AudioFrame(pcm.tobytes(), RATE_HZ, 1, count)


@pytest.fixture
async def output(two: TwoInARoom) -> AsyncIterator[PhoneOutput]:
    """The agent's voice, which the caller listens to."""
    async with phone_output(two.agent) as ours:
        async with asyncio.timeout(10):
            await ours.subscribed
        yield ours


async def packets(track: rtc.LocalAudioTrack) -> int:
    """How many have left."""
    stats = await track.get_stats()
    sent = [one.outbound_rtp.sent.packets_sent for one in stats if one.HasField("outbound_rtp")]
    return sum(sent)


async def published(two: TwoInARoom, source: rtc.AudioSource) -> rtc.LocalAudioTrack:
    """A track of this source, to which the caller listens."""
    track = rtc.LocalAudioTrack.create_audio_track("voice", source)
    async with asyncio.timeout(10):
        publication = await two.agent.local_participant.publish_track(track)
        await publication.wait_for_subscription()
    return track


async def until_packets(track: rtc.LocalAudioTrack, least: int) -> int:
    """How many have left when it is first seen that so many have."""
    async with asyncio.timeout(5):
        while (sent := await packets(track)) < least:
            pass
    return sent


async def test_the_first_packets_of_an_answer_leave_together(two: TwoInARoom) -> None:
    """Whoever sees the first sees the third; once in five times, for the sake of busy machines."""
    source = PhoneSource()
    track = await published(two, source)
    seen = []
    for _ in range(TRIES):
        before = await packets(track)
        await source.capture_frame(tone(0.1))
        seen.append(await until_packets(track, before + 1) - before)
        await source.wait_for_playout()
    await source.aclose()

    assert max(seen) >= FIRST_PACKETS


async def test_upstream_still_sends_the_first_sound_in_real_time(two: TwoInARoom) -> None:
    """Its third packet is full no sooner than its sound lasts, less what the encoder held."""
    source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=200)
    track = await published(two, source)
    before = await packets(track)
    began = time.monotonic()
    await source.capture_frame(tone(0.1))
    await until_packets(track, before + FIRST_PACKETS)
    took_s = time.monotonic() - began
    await source.aclose()

    assert took_s > 0.03, "rtc sends the first sound at once: delete agent.playout"


async def test_an_answer_is_heard_whole(two: TwoInARoom, output: PhoneOutput) -> None:
    """Through the library's own output, to the end, and its end is told once it has been heard."""
    began = time.monotonic()
    await output.capture_frame(tone(1.0))
    output.flush()
    async with asyncio.timeout(5):
        played = await output.wait_for_playout()
    took_s = time.monotonic() - began

    assert played.playback_position == pytest.approx(1.0)
    assert not played.interrupted
    assert took_s >= 1.0
    await until(lambda: two.seconds_of_voice() > 0.9, within_s=5)


async def test_an_answer_that_is_spoken_over_ends(two: TwoInARoom, output: PhoneOutput) -> None:
    """What has not left is never heard, and is not counted as heard."""
    for _ in range(10):
        await output.capture_frame(tone(0.5))
    output.flush()
    await until(lambda: two.seconds_of_voice() > 0, within_s=5)
    output.clear_buffer()
    async with asyncio.timeout(1):
        played = await output.wait_for_playout()

    assert played.interrupted
    assert two.seconds_of_voice() - AHEAD_S <= played.playback_position < 4


async def test_a_source_takes_no_more_than_it_may_hold(output: PhoneOutput) -> None:
    """What waits with the session can still be cut short; a chunk is always on its way."""
    source = PhoneSource()
    await source.capture_frame(tone(1.0))
    assert source.queued_duration <= QUEUE_S
    source.clear_queue()
    assert source.queued_duration <= AHEAD_S + CHUNK_S
    await source.aclose()


async def test_what_leaves_is_told_with_its_time(two: TwoInARoom) -> None:
    """A recording gets every chunk, in order, at the time at which it is heard."""
    told: list[tuple[bytes, float]] = []
    source = PhoneSource(sent=lambda chunk, heard_at: told.append((chunk, heard_at)))
    began = time.monotonic()
    await source.capture_frame(tone(0.4))
    await source.wait_for_playout()
    await source.aclose()

    assert b"".join(chunk for chunk, _ in told) == bytes(tone(0.4).data.cast("b"))
    assert told[0][1] >= began
    times = np.array([heard_at for _, heard_at in told])
    # What a busy machine held up is heard late, and never earlier than what was before it.
    assert np.all(np.diff(times) >= CHUNK_S - 1e-6)
    assert times[-1] + CHUNK_S <= time.monotonic()


async def test_the_first_sound_is_told_where_it_is_heard(output: PhoneOutput) -> None:
    """On the call's own loop, and not the silence that was sent before it."""
    source, sounds = output.voice, list[Sound]()
    source.on_sound = sounds.append
    began = time.monotonic()
    quiet = rtc.AudioFrame(bytes(2 * RATE_HZ // 2), RATE_HZ, 1, RATE_HZ // 2)
    for frame in (quiet, tone(0.3)):
        await output.capture_frame(frame)
    output.flush()
    await until(lambda: sounds, within_s=5)
    async with asyncio.timeout(5):
        await output.wait_for_playout()

    assert sounds[0].began_at - began >= 0.5
    assert source.sounding.ended_at - sounds[0].began_at == pytest.approx(0.3, abs=0.05)


async def test_a_hole_in_a_segment_is_counted_and_a_pause_between_two_is_not(
    output: PhoneOutput,
) -> None:
    """The caller hears the first as a fault."""
    for _ in range(2):
        await output.capture_frame(tone(0.1))
        output.flush()
        async with asyncio.timeout(5):
            await output.wait_for_playout()
    assert output.voice.underruns == 0

    for _ in range(2):
        await output.voice.capture_frame(tone(0.1))
        async with asyncio.timeout(5):
            await output.voice.wait_for_playout()
    assert output.voice.underruns == 1


async def test_a_closed_source_leaves_no_thread(output: PhoneOutput) -> None:
    """A job that closes in the middle of a word is not held up."""
    source = PhoneSource()
    await source.capture_frame(tone(0.3))
    await source.aclose()

    assert not source._thread.is_alive()


async def speaks_on(room: rtc.Room) -> None:
    """A call whose agent speaks, until something ends it."""
    async with asyncio.timeout(10), phone_output(room) as output:
        await output.capture_frame(tone(1.0))
        await asyncio.get_running_loop().create_future()


async def test_a_voice_that_fails_ends_the_call(
    two: TwoInARoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it, and whoever owns the call hears of it."""

    async def fail(*_: object) -> None:
        raise RuntimeError("rtc takes no sound")

    monkeypatch.setattr(rtc.AudioSource, "capture_frame", fail)
    with pytest.raises(ExceptionGroup) as failed:
        await speaks_on(two.agent)

    assert failed.group_contains(RuntimeError, match="rtc takes no sound")
