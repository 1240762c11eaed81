"""Fixed clips: on the session while there is one, on a track of their own when there is none."""

import asyncio
from pathlib import Path

import pytest
from livekit.agents import vad

from agent.reports import Happened
from agent.voice import Unheard, load_clips, play_alone
from tests.integration.realtime.oncall import PROFILE, on_call, until
from tests.integration.realtime.rooms import TwoInARoom
from tests.integration.realtime.scripted import ScriptedModel

CLIPS = load_clips(PROFILE)


async def test_a_clip_is_heard_whole_on_a_track_of_its_own(two: TwoInARoom) -> None:
    """The last word too: the track stays until the sound has arrived."""
    await play_alone(two.agent, CLIPS["still_there"])

    spoken = CLIPS["still_there"].seconds
    assert spoken * 0.6 < two.seconds_of_voice() <= spoken + 0.1
    await until(lambda: not two.caller.remote_participants["agent"].track_publications, 2)


async def test_a_clip_beside_the_session_is_told_as_it_is_heard(two: TwoInARoom) -> None:
    """Piece by piece, so that a recording has it in its place."""
    told: list[tuple[bytes, float]] = []
    clip = CLIPS["still_there"]
    await play_alone(
        two.agent, clip, heard=lambda f, at: told.append((bytes(f.data.cast("b")), at))
    )

    assert b"".join(pcm for pcm, _ in told) == clip.pcm
    times = [heard_at for _, heard_at in told]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(clip.seconds, abs=0.15)


async def test_a_clip_that_nobody_takes_is_given_up(two: TwoInARoom) -> None:
    """An empty room must not keep the job."""
    await two.caller.disconnect()

    with pytest.raises(Unheard):
        await play_alone(two.agent, CLIPS["one_moment"])


async def test_a_healthy_session_plays_a_clip(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, two: TwoInARoom
) -> None:
    """In turn with the model's own voice, and on no other track."""
    async with on_call(model.base_url, local_vad, room=two.agent) as call:
        await call.greeted()
        await call.conversation._speaker.say("still_there")

        assert call.clips["still_there"].pcm in call.ear.pcm
    assert two.seconds_of_voice() == 0


async def test_a_clip_finds_its_way_past_a_dead_session(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, two: TwoInARoom
) -> None:
    """Whatever closed the session, the caller hears the sentence."""
    async with on_call(model.base_url, local_vad, room=two.agent) as call:
        await call.greeted()
        await call.session.aclose()
        await call.conversation._speaker.say("apology")

    assert two.seconds_of_voice() > CLIPS["apology"].seconds * 0.6
    assert Happened(what="clip", why="apology") in call.told


async def test_a_clip_without_session_and_room_ends_nothing(
    model: ScriptedModel, tmp_path: Path, local_vad: vad.VAD, two: TwoInARoom
) -> None:
    """What cannot be played is logged; the call still ends as it was going to."""
    async with on_call(model.base_url, local_vad, room=two.agent) as call:
        await call.greeted()
        await call.session.aclose()
        await two.agent.disconnect()

        async with asyncio.timeout(12):
            await call.conversation._speaker.say("apology")
        assert call.conversation._speaker.unheard
