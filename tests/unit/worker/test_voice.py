"""Fixed clips: what a profile gets, and what is wrong with a file."""

import wave
from pathlib import Path

import pytest

from agent.profile import Profile, load_profiles
from agent.voice import CLIPS, FRAME_MS, NAMES, Clip, load_clips
from configs import ConfigError


def save(file: Path, *, seconds: float = 0.1, rate_hz: int = 24_000, channels: int = 1) -> None:
    """A WAV of silence."""
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(2)
        wav.setframerate(rate_hz)
        wav.writeframes(bytes(int(seconds * rate_hz) * 2 * channels))


def test_every_clip_ships_with_its_words() -> None:
    """A caller may hear any of them; the record needs the words."""
    clips = load_clips(Profile(name="acme"))

    assert set(NAMES) <= set(clips)
    assert all(clip.text and 0.5 < clip.seconds < 10 for clip in clips.values())


def test_the_bridge_is_short() -> None:
    """It fills a silence that may end any moment."""
    assert load_clips(Profile(name="acme"))["one_moment"].seconds < 1.5


def test_a_profile_replaces_clips_by_files_of_the_same_name(tmp_path: Path) -> None:
    """With words of its own; the others stay."""
    save(tmp_path / "apology.wav", seconds=0.25)
    (tmp_path / "clips.yaml").write_text("clips: {apology: We are sorry.}\n")
    shipped = load_clips(Profile(name="acme"))

    clips = load_clips(Profile(name="acme", clips=tmp_path))

    assert (clips["apology"].seconds, clips["apology"].text) == (0.25, "We are sorry.")
    assert clips["emergency"] == shipped["emergency"]


def test_a_profile_may_say_a_clip_of_its_own(tmp_path: Path) -> None:
    """A line that only tells the opening hours."""
    save(tmp_path / "hours.wav")
    (tmp_path / "clips.yaml").write_text("clips: {hours: We open at nine.}\n")

    clips = load_clips(Profile(name="acme", clips=tmp_path, only_says="hours"))

    assert clips["hours"].text == "We open at nine."


def test_a_clip_that_is_said_and_does_not_exist_is_told_where_it_is_written(
    tmp_path: Path,
) -> None:
    """Its caller would hear nothing; the profile is to be mended, and not what we ship."""
    file = tmp_path / "acme.yaml"
    file.write_text('name: acme\nnumbers: ["+15557654321"]\nonly_says: hours\n')
    profile = load_profiles(tmp_path)["acme"]

    with pytest.raises(ConfigError) as caught:
        load_clips(profile)

    assert str(caught.value).startswith(f"{file}:3: only_says: no clip is called 'hours'")


def test_a_profile_without_a_file_is_told_by_its_name() -> None:
    """Code may make one."""
    with pytest.raises(ConfigError, match="profile acme:1: only_says: no clip is called 'hours'"):
        load_clips(Profile(name="acme", only_says="hours"))


def test_every_unusable_file_is_told_at_once_with_the_fix(tmp_path: Path) -> None:
    """Wrong rate, two channels, no sound at all, and words without a file."""
    save(tmp_path / "apology.wav", rate_hz=8000)
    save(tmp_path / "emergency.wav", channels=2)
    (tmp_path / "one_moment.wav").write_bytes(b"")
    (tmp_path / "clips.yaml").write_text("clips: {hours: We open at nine.}\n")

    with pytest.raises(ConfigError) as caught:
        load_clips(Profile(name="acme", clips=tmp_path))

    told = {mistake.file.name: mistake.says for mistake in caught.value.mistakes}
    assert set(told) == {"apology.wav", "emergency.wav", "hours.wav", "one_moment.wav"}
    assert "sox in.wav -r 24000 -c 1 -b 16" in told["apology.wav"]


async def test_frames_are_the_clip_and_nothing_but_the_clip() -> None:
    """20 ms each; the last one may be shorter and is not lost."""
    clip = Clip("x", "", bytes(range(256)) * 10, 24_000)

    frames = [frame async for frame in clip.frames()]

    assert b"".join(bytes(frame.data) for frame in frames) == clip.pcm
    assert {frame.samples_per_channel for frame in frames[:-1]} == {24_000 * FRAME_MS // 1000}


def test_the_shipped_folder_holds_nothing_that_is_not_used() -> None:
    """A WAV without words would never be played."""
    assert {file.stem for file in (CLIPS / "en").glob("*.wav")} == set(NAMES)
