"""The recorder of a call: its taps, its thread and its file."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice.io import AudioInput

from agent.ear import Ear
from agent.recorder import MOST_QUEUED, Recorder
from records.recording import Gap
from records.recording.backlog import close_orphans
from records.recording.files import PART, name_of, waiting
from records.recording.opus import OpusStream
from records.recording.timeline import LEAD_S, TAIL_S
from tests.integration.recording.sound import (
    AGENT_HZ,
    CALL,
    CALLER_HZ,
    FRAME_S,
    KEY,
    broken_off,
    frame,
    grown,
    kept_sound,
    loud_spans,
    pitch,
    sound_of,
    talk,
)

SOON_S = 60.0
# Encoders ring a little where a tone begins or ends.
EDGE_S = 0.02


class OnThePhone:
    """A call whose clock is moved by who speaks."""

    def __init__(self, folder: Path, *, most_backlog_bytes: int = 10**9) -> None:
        self.folder, self.now = folder, 1000.0
        self.gaps: list[Gap] = []
        self.recorder = Recorder(
            CALL,
            KEY,
            folder,
            most_backlog_bytes=most_backlog_bytes,
            on_gap=self.gaps.append,
            clock=lambda: self.now,
        )

    def speak(self, seconds: float, *, agent: bool = True) -> None:
        """The caller speaks, and the agent at the same time."""
        began = self.now
        for number, at in talk(seconds):
            if agent:
                self.recorder.agent_sent(frame(number, AGENT_HZ), began + at)
            self.now = began + at + FRAME_S
            self.recorder.caller_heard(frame(number, CALLER_HZ), self.now)

    async def spans(self) -> list[list[tuple[float, float]]]:
        """Where each side is heard in the recording, which ends."""
        kept = await self.recorder.close()
        assert kept
        assert kept.began_at == self.recorder.began_at
        sound = kept_sound(self.folder, kept)
        return [loud_spans(sound, side) for side in (0, 1)]

    def told(self) -> list[tuple[str, float, float]]:
        """The gaps, in seconds of the recording."""
        began = self.recorder.began_at
        assert began is not None
        return [
            (gap.reason, round(gap.began_at - began, 3), round(gap.ended_at - began, 3))
            for gap in self.gaps
        ]


@pytest.fixture
def phone(tmp_path: Path) -> OnThePhone:
    """A call that is not recorded yet."""
    return OnThePhone(tmp_path / "waiting")


def span(began: float, ended: float) -> object:
    """A span of a tone, within what an encoder makes of its edges."""
    return pytest.approx((began, ended), abs=EDGE_S)


async def test_nothing_is_kept_before_the_start(phone: OnThePhone) -> None:
    """Not even a file, until recording is allowed."""
    phone.speak(1.0)
    assert phone.recorder.began_at is None
    assert not phone.folder.exists()
    phone.recorder.start()
    phone.speak(2.0)

    assert await phone.spans() == [[span(0.0, 2.0)], [span(0.0, 2.0)]]


async def test_a_call_that_never_started_recording_ends_without_one(phone: OnThePhone) -> None:
    """And without a complaint."""
    assert await phone.recorder.close() is None


async def test_a_pause_is_silent_and_told(phone: OnThePhone) -> None:
    """On both sides, for as long as it lasts."""
    phone.recorder.start()
    phone.speak(1.0)
    phone.recorder.pause("card_entry")
    phone.speak(1.0)
    phone.recorder.resume("card_entry")
    phone.speak(1.0)

    expected = [span(0.0, 1.0), span(2.0, 3.0)]
    assert await phone.spans() == [expected, expected]
    assert phone.told() == [("card_entry", 1.0, 2.0)]


async def test_a_pause_that_began_before_the_recording_goes_on_in_it(phone: OnThePhone) -> None:
    """Consent to recording is none to hearing a PIN."""
    phone.recorder.pause("keys_awaited")
    phone.recorder.start()
    phone.speak(1.0)
    phone.recorder.resume("keys_awaited")
    phone.speak(1.0)

    assert (await phone.spans())[0] == [span(1.0, 2.0)]
    assert phone.told() == [("keys_awaited", 0.0, 1.0)]


async def test_a_turn_with_a_card_is_silenced(phone: OnThePhone) -> None:
    """Once its words are known, which is after it was heard."""
    phone.recorder.start()
    phone.speak(2.0)
    phone.recorder.turn_began(phone.now, "card")
    phone.speak(2.0)
    ended_at = phone.now
    phone.speak(1.0)
    phone.recorder.turn_over("card", True, ended_at)
    phone.speak(1.0)

    expected = [span(0.0, 2.0 - LEAD_S), span(4.0 + TAIL_S, 6.0)]
    assert await phone.spans() == [expected, expected]
    assert phone.told() == [("card_heard", 2.0 - LEAD_S, 4.0 + TAIL_S)]


async def test_a_turn_whose_words_nobody_learnt_is_silenced(phone: OnThePhone) -> None:
    """The caller hung up in the middle of it."""
    phone.recorder.start()
    phone.speak(2.0)
    phone.recorder.turn_began(phone.now, "cut off")
    phone.speak(1.0)

    assert (await phone.spans())[0] == [span(0.0, 2.0 - LEAD_S)]
    assert phone.told() == [("words_unknown", 2.0 - LEAD_S, 3.0)]


async def test_a_clip_beside_the_voice_is_heard_with_it(phone: OnThePhone) -> None:
    """Both are the agent's side."""
    phone.recorder.start()
    for number, at in talk(1.0):
        began = 1000.0 + at
        phone.recorder.agent_sent(frame(number, AGENT_HZ), began)
        phone.recorder.agent_sent(frame(number, CALLER_HZ), began, "clip")
    phone.now += 1.0
    kept = await phone.recorder.close()
    assert kept
    side = kept_sound(phone.folder, kept)[2400:-2400, 1]

    spectrum = np.abs(np.fft.rfft(side * np.hanning(len(side))))
    hertz = np.fft.rfftfreq(len(side), 1 / 24_000)
    loud = hertz[spectrum > spectrum.max() / 2]
    assert {round(one, -1) for one in loud} == {440, 1000}


async def test_what_is_too_much_is_dropped_and_told(
    phone: OnThePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds of sound that the thread has not taken yet: more would cost the machine."""
    monkeypatch.setattr("agent.recorder.WORK_EVERY_S", SOON_S)
    phone.recorder.start()
    phone.speak(MOST_QUEUED * FRAME_S / 2 + 2)

    assert (await phone.spans())[0] == [span(0.0, 10.0)]
    assert phone.told() == [("overload", 10.0, 12.0)]


async def test_a_turn_that_began_before_the_recording_is_held_in_it(phone: OnThePhone) -> None:
    """Whoever agrees may go on with a card number in the same breath."""
    phone.recorder.turn_began(phone.now, "yes, and my card")
    phone.speak(1.0)
    phone.recorder.start()
    phone.speak(1.0)
    phone.recorder.turn_over("yes, and my card", True)
    phone.speak(1.0)

    assert (await phone.spans())[0] == [span(1.0 + TAIL_S, 2.0)]
    assert phone.told() == [("card_heard", 0.0, 1.0 + TAIL_S)]


async def test_a_refusal_leaves_nothing(phone: OnThePhone) -> None:
    """What was recorded until then is deleted."""
    phone.recorder.start()
    phone.speak(5.0)
    await phone.recorder.discard()
    assert waiting(phone.folder) == []


def broken(*_: object) -> None:
    """An encoder that fails."""
    raise ValueError("no sound is good enough")


async def test_a_recorder_that_fails_costs_the_recording_only(
    phone: OnThePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call goes on, and what was written until then is left to the parent."""
    monkeypatch.setattr(OpusStream, "encode", broken)
    phone.recorder.start()
    phone.speak(5.0)

    assert await phone.recorder.close() is None
    assert phone.told() == [("recorder_failed", 0.0, 5.0)]
    assert close_orphans(phone.folder) == 1


async def test_a_refusal_leaves_nothing_of_a_recorder_that_failed(
    phone: OnThePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong, a refusal is one."""
    monkeypatch.setattr(OpusStream, "encode", broken)
    phone.recorder.start()
    phone.speak(5.0)
    await phone.recorder.discard()

    assert waiting(phone.folder) == []


async def test_a_full_backlog_is_the_gap_of_the_whole_call(tmp_path: Path) -> None:
    """The call goes on, and its record says why there is no sound."""
    phone = OnThePhone(tmp_path, most_backlog_bytes=0)
    phone.recorder.start()
    phone.speak(1.0)
    assert await phone.recorder.close() is None
    assert phone.told() == [("backlog_full", 0.0, 1.0)]


def test_a_killed_job_leaves_what_was_said(tmp_path: Path) -> None:
    """SIGKILL in the middle of a call: it plays up to a few seconds before."""
    began = time.monotonic()
    job = subprocess.Popen([sys.executable, "-m", "tests.integration.recording.talking", tmp_path])
    part = tmp_path / f"{name_of(CALL)}{PART}"
    try:
        grown(part, 16_000)
        assert close_orphans(tmp_path) == 0
    finally:
        job.send_signal(signal.SIGKILL)
        job.wait(SOON_S)
    lived_s = time.monotonic() - began

    assert close_orphans(tmp_path) == 1
    (left,) = waiting(tmp_path)
    sound = sound_of(broken_off(left))
    assert 2.0 < len(sound) / 24_000 < lived_s
    for side, hertz in ((0, CALLER_HZ), (1, AGENT_HZ)):
        assert pitch(sound, side, 0.5, 1.5) == pytest.approx(hertz, abs=5)


class Microphone(AudioInput):
    """A caller who says the same for ever."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self.number = 0

    async def __anext__(self) -> rtc.AudioFrame:
        """The next frame."""
        self.number += 1
        return rtc.AudioFrame(frame(self.number, CALLER_HZ), 24_000, 1, 240)


async def test_the_model_hears_what_the_caller_says(phone: OnThePhone) -> None:
    """As it is, while nothing is paused, whether it is recorded or not."""
    heard = await anext(Ear(Microphone(), phone.recorder))
    assert bytes(heard.data) == frame(1, CALLER_HZ)


async def test_in_a_pause_the_model_hears_silence(phone: OnThePhone) -> None:
    """Whether the call is recorded or not: frames of the same length, with nothing in them."""
    ear = Ear(Microphone(), phone.recorder)
    phone.recorder.pause("card_entry")
    silent = await anext(ear)
    phone.recorder.resume("card_entry")
    heard = await anext(ear)

    assert (silent.sample_rate, silent.samples_per_channel) == (24_000, 240)
    assert not any(bytes(silent.data))
    assert bytes(heard.data) == frame(2, CALLER_HZ)
