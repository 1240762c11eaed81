"""A caller without a telephone: a mouth that speaks at a caller's pace and an ear that listens."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

import numpy as np
from livekit import rtc
from livekit.agents.voice import io

from agent.audible import Sound, Sounding
from rehearsal.speech import speak

RATE_HZ = 24_000
FRAME_S = 0.02
FRAME_SAMPLES = int(RATE_HZ * FRAME_S)


class Mouth(io.AudioInput):
    """Frames of 20 ms for as long as somebody listens: what was said, else the noise of a line."""

    def __init__(self) -> None:
        super().__init__(label="mouth")
        self._noise = np.random.default_rng(7)
        self._frames: deque[tuple[np.ndarray, asyncio.Event | None]] = deque()
        self._due = time.monotonic()
        self._attached = True

    def on_attached(self) -> None:
        """Somebody listens again."""
        self._attached = True

    def on_detached(self) -> None:
        """Nobody listens: as in a room, what is said meanwhile is lost."""
        self._attached = False

    async def say(self, text: str, *, voice: str = "rms") -> None:
        """Say `text` and return when its last sound has left the mouth."""
        pcm = await speak(text, voice=voice, rate_hz=RATE_HZ)
        spoken = asyncio.Event()
        frames = [pcm[at : at + FRAME_SAMPLES] for at in range(0, len(pcm), FRAME_SAMPLES)]
        self._frames.extend((frame, None) for frame in frames[:-1])
        self._frames.append((frames[-1], spoken))
        async with asyncio.timeout(30):
            await spoken.wait()

    async def __anext__(self) -> rtc.AudioFrame:
        """The next frame that is listened to, when it is due."""
        while not self._attached:
            await self._next()
        return await self._next()

    async def _next(self) -> rtc.AudioFrame:
        self._due = max(self._due + FRAME_S, time.monotonic() - 1)
        await asyncio.sleep(self._due - time.monotonic())
        samples = self._noise.integers(-12, 12, FRAME_SAMPLES, dtype=np.int16)
        if self._frames:
            frame, spoken = self._frames.popleft()
            samples[: len(frame)] += frame
            if spoken:
                spoken.set()
        return rtc.AudioFrame(samples.tobytes(), RATE_HZ, 1, FRAME_SAMPLES)


class Ear(io.AudioOutput):
    """Takes what the session plays at the pace of a loudspeaker, and remembers it."""

    def __init__(self) -> None:
        super().__init__(
            label="ear",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=RATE_HZ,
        )
        self.pcm = bytearray()
        """Everything that was handed over; an interruption cuts off what nobody heard."""
        self.interruptions = 0
        self.starts: list[float] = []
        """When each segment began to play, on the monotonic clock."""
        self.sounding = Sounding()
        self.underruns = 0
        self.on_sound: Callable[[Sound], None] = lambda _: None
        self._began = 0.0
        self._pushed = 0
        self._end: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take one frame."""
        await super().capture_frame(frame)
        if not self._pushed:
            self._began = time.monotonic()
            self.starts.append(self._began)
            self.on_playback_started(created_at=time.time())
        at = self._began + self._pushed / 2 / RATE_HZ
        begun = self.sounding.hear(frame.data.cast("b"), at, frame.duration)
        if begun is not None:
            self.on_sound(begun)
        self._pushed += len(frame.data) * 2
        self.pcm += frame.data.tobytes()

    def flush(self) -> None:
        """The segment is complete: it ends when it has been played."""
        super().flush()
        if self._pushed and self._end is None:
            left = self._began + self._pushed / 2 / RATE_HZ - time.monotonic()
            self._end = asyncio.get_running_loop().call_later(max(0.0, left), self._finish, False)

    def clear_buffer(self) -> None:
        """Somebody interrupts: what was not yet heard never will be."""
        if self._pushed:
            self.interruptions += 1
            self._finish(True)

    def _finish(self, interrupted: bool) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None
        pushed, self._pushed = self._pushed, 0
        heard = pushed
        if interrupted:
            heard = min(pushed, int((time.monotonic() - self._began) * RATE_HZ) * 2)
            del self.pcm[len(self.pcm) - (pushed - heard) :]
        self.on_playback_finished(playback_position=heard / 2 / RATE_HZ, interrupted=interrupted)
