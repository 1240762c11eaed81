"""Fixed clips: what the caller hears when no model may or can speak.

Each language folder under `clips/` holds WAV files and `clips.yaml` with their words; a profile can
replace any of them by a file of the same name. Clips play through the model's session, so that
nobody talks over anybody; on a track of their own where the session cannot play them now.
"""

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from livekit import rtc
from livekit.rtc.participant import PublishTrackError, UnpublishTrackError
from pydantic import BaseModel, ConfigDict

from agent.profile import Profile
from agent.watch import TAIL_S
from configs import ConfigError, Mistake, load

CLIPS = Path(__file__).parent / "clips"
NAMES = (
    "apology",
    "back_again",
    "budget_day_over",
    "budget_over",
    "emergency",
    "enter_card",
    "enter_code",
    "enter_pin",
    "goodbye_silent",
    "not_in_service",
    "one_moment",
    "recording_again",
    "recording_announced",
    "recording_how",
    "recording_question",
    "recording_refused",
    "still_there",
    "still_working",
    "time_is_up",
)
FRAME_MS = 20
# A carrier that never takes the track must not keep the job.
HEARD_TIMEOUT_S = 3.0


class Unheard(Exception):
    """A clip could not be played; whoever hears it closes the line, and the operator reads why."""


@dataclass(frozen=True)
class Clip:
    """One sentence: its words and 16-bit mono PCM at `rate_hz`."""

    name: str
    text: str
    pcm: bytes
    rate_hz: int

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return len(self.pcm) / 2 / self.rate_hz

    async def frames(self) -> AsyncIterator[rtc.AudioFrame]:
        """The clip in frames of 20 ms; the last one may be shorter."""
        step = self.rate_hz * FRAME_MS // 1000 * 2
        for start in range(0, len(self.pcm), step):
            chunk = self.pcm[start : start + step]
            yield rtc.AudioFrame(chunk, self.rate_hz, 1, len(chunk) // 2)
            # livekit-agents analyses what it is given: a whole clip at once would hold up the call
            # for 300 ms and more.
            await asyncio.sleep(0)


Clips: TypeAlias = Mapping[str, Mapping[str, Clip]]
"""Clips by the name of their profile and their own."""


class _Texts(BaseModel):
    model_config = ConfigDict(extra="forbid")
    clips: dict[str, str]


def load_clips(profile: Profile) -> Mapping[str, Clip]:
    """Every clip of the profile's language, with the profile's own files in their place.

    Raises:
        ConfigError: a WAV is missing or is not 16-bit mono at 24 kHz, or `only_says` names none.
    """
    shipped = CLIPS / profile.language
    texts = load(shipped / "clips.yaml", _Texts).clips
    if profile.clips and (profile.clips / "clips.yaml").exists():
        texts |= load(profile.clips / "clips.yaml", _Texts).clips
    clips, mistakes = {}, []
    for name in sorted({*NAMES, *texts}):
        own = profile.clips / f"{name}.wav" if profile.clips else None
        file = own if own and own.exists() else shipped / f"{name}.wav"
        try:
            clips[name] = Clip(name, texts.get(name, ""), *_read(file))
        except (OSError, EOFError, wave.Error, ValueError) as error:
            mistakes.append(Mistake(file, 1, "", f"is no usable clip: {error}"))
    if profile.only_says and profile.only_says not in clips:
        mistakes.append(_silent(profile, clips))
    if mistakes:
        raise ConfigError(mistakes)
    return clips


def _silent(profile: Profile, clips: Mapping[str, Clip]) -> Mistake:
    says = f"no clip is called {profile.only_says!r}; there are: {', '.join(clips)}"
    if profile.file is None:
        return Mistake(Path(f"profile {profile.name}"), 1, "only_says", says)
    return Mistake.at(profile.file, "only_says", says)


def _read(file: Path) -> tuple[bytes, int]:
    with wave.open(str(file)) as wav:
        if (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) != (1, 2, 24_000):
            raise ValueError("it must be 16-bit mono at 24000 Hz (sox in.wav -r 24000 -c 1 -b 16)")
        return wav.readframes(wav.getnframes()), wav.getframerate()


async def play_alone(
    room: rtc.Room,
    clip: Clip,
    *,
    begun: Callable[[], None] = lambda: None,
    heard: Callable[[rtc.AudioFrame, float], None] = lambda *_: None,
) -> None:
    """Play `clip` into `room` on a track of its own and return once it has been heard.

    `begun` is called when its first sound leaves, `heard` with each frame and when, on the
    monotonic clock, it is to be heard.

    Raises:
        Unheard: nobody in the room took the track, or the room is gone.
    """
    if not room.isconnected():
        # rtc raises a bare Exception for it.
        raise Unheard("the room is not connected")
    try:
        await _play(room, clip, begun, heard)
    except TimeoutError as error:
        raise Unheard("nobody took the track in time") from error
    except (PublishTrackError, UnpublishTrackError, RuntimeError) as error:
        raise Unheard(f"the room is gone: {error}") from error


async def _play(
    room: rtc.Room,
    clip: Clip,
    begun: Callable[[], None],
    heard: Callable[[rtc.AudioFrame, float], None],
) -> None:
    source = rtc.AudioSource(clip.rate_hz, 1, queue_size_ms=200)
    track = rtc.LocalAudioTrack.create_audio_track("clip", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    publication: rtc.LocalTrackPublication | None = None
    try:
        async with asyncio.timeout(HEARD_TIMEOUT_S):
            publication = await room.local_participant.publish_track(track, options)
            await publication.wait_for_subscription()
        begun()
        async with asyncio.timeout(HEARD_TIMEOUT_S + clip.seconds):
            due = 0.0
            async for frame in clip.frames():
                # The source plays what it holds in real time, from the first frame on.
                due = max(due, time.monotonic())
                heard(frame, due)
                due += frame.duration
                await source.capture_frame(frame)
            await source.wait_for_playout()
        await asyncio.sleep(TAIL_S)
    finally:
        await source.aclose()
        if publication is not None and room.isconnected():
            await room.local_participant.unpublish_track(publication.sid)
