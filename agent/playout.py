"""The agent's voice on its way to the telephone: the first words of an answer leave at once.

livekit-sip begins to play once 60 ms of sound have arrived, after every silence anew (media-sdk
keeps three frames against jitter). rtc's own source sends 10 ms of sound every 10 ms, so that each
answer waits 40 ms for the next two frames, although the model has long sent them. Here the first
60 ms leave together, the rest in real time behind them. Between answers nothing is sent, as the
sound of silence would fill those frames.

Sound is sent from a thread of its own: what holds up the call's event loop is not heard.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from livekit import rtc
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput

from agent.audible import Sound, Sounding

RATE_HZ = 24_000
"""What Realtime models speak."""
CHUNK_S = 0.01
# Together with the one that is due, 60 ms: the three frames that livekit-sip waits for. It keeps
# five at most and drops what is sent still earlier.
AHEAD_S = 0.05
# More is left with the session, which can cut it short when the caller speaks.
QUEUE_S = 0.2
# Two chunks make one packet; a single one would wait in the encoder for the next answer.
CHUNKS_PER_PACKET = 2
CLOSE_TIMEOUT_S = 1.0
_CHUNK_SAMPLES = round(RATE_HZ * CHUNK_S)
_CHUNK_BYTES = _CHUNK_SAMPLES * 2
_BYTES_PER_S = RATE_HZ * 2

Sent: TypeAlias = Callable[[bytes, float], None]
"""Told of 16-bit mono sound and the monotonic second from which it is heard."""


def _to_nobody(_: bytes, __: float) -> None:
    """Nobody records."""


class Pace:
    """When the next chunk of sound may leave, in monotonic seconds. Pure.

    It leaves up to AHEAD_S before it is to be heard. Who comes later than that, after a silence or
    a pause of the machine, begins anew: more at once would be dropped.
    """

    def __init__(self) -> None:
        self._due = 0.0

    def wait_s(self, now: float) -> float:
        """How long the next chunk has to wait."""
        self._due = max(self._due, now - AHEAD_S)
        return max(0.0, self._due - now)

    def sent(self) -> None:
        """A chunk has left."""
        self._due += CHUNK_S

    @property
    def heard_at(self) -> float:
        """When the next chunk is to be heard, once it may leave."""
        return self._due + AHEAD_S

    def unheard_s(self, now: float) -> float:
        """How much of what has left is still to be heard."""
        return max(0.0, self.heard_at - now)


class PhoneSource(rtc.AudioSource):
    """An audio source of 24 kHz mono whose first sound leaves at once, see above.

    Its public methods belong to the event loop that the call runs on, which hears `on_sound` too.

    Args:
        sent: is told, in another thread, of each chunk that leaves and from when it is heard.
    """

    def __init__(self, sent: Sent = _to_nobody) -> None:
        self._sent = sent
        self._pacing = asyncio.new_event_loop()
        # 0: what is captured is sent, in chunks of 10 ms; when, is decided here.
        super().__init__(RATE_HZ, 1, queue_size_ms=0, loop=self._pacing)
        self.sounding = Sounding()
        self.underruns = 0
        """How often more came for a segment that had run dry: the caller heard a hole."""
        self.on_sound: Callable[[Sound], None] = lambda _: None
        self._call = asyncio.get_running_loop()
        self._in_segment = False
        self._queue = bytearray()
        self._pace = Pace()
        self._lock = threading.Lock()
        self._more = asyncio.Event()
        self.ended: Future[None] = Future()
        """Done once the thread has ended; an error in it ends the voice for good."""
        self._sender = self._pacing.create_task(self._send())
        self._thread = threading.Thread(target=self._run, name="playout", daemon=True)
        self._thread.start()

    @property
    def queued_duration(self) -> float:
        """Seconds of sound that the caller has yet to hear, as far as this machine knows."""
        with self._lock:
            return len(self._queue) / _BYTES_PER_S + self._pace.unheard_s(time.monotonic())

    def clear_queue(self) -> None:
        """Drop what has not left."""
        with self._lock:
            self._queue.clear()
            self._in_segment = False

    def segment_over(self) -> None:
        """What comes now is said anew; nothing was missing before it."""
        self._in_segment = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take 24 kHz mono sound of any length; returns once no more than QUEUE_S wait."""
        with self._lock:
            dry = not self._queue and not self._pace.unheard_s(time.monotonic())
            self.underruns += self._in_segment and dry
            self._in_segment = True
            self._queue += frame.data.cast("b")
        self._in_thread(self._more.set)
        await self._until_queued(QUEUE_S)

    async def wait_for_playout(self) -> None:
        """Return once everything has been played, or dropped."""
        await self._until_queued(0.0)

    async def aclose(self) -> None:
        """End the thread; what has not left is dropped."""
        self._in_thread(self._sender.cancel)
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)
        await super().aclose()

    async def _until_queued(self, most_s: float) -> None:
        while (over_s := self.queued_duration - most_s) > 0 and not self.ended.done():  # noqa: ASYNC110
            # No event tells it: what is queued plays as real time passes.
            await asyncio.sleep(over_s)

    def _in_thread(self, do: Callable[[], object]) -> None:
        # RuntimeError: the thread has ended, and `ended` tells.
        with contextlib.suppress(RuntimeError):
            self._pacing.call_soon_threadsafe(do)

    def _run(self) -> None:
        self._pacing.run_until_complete(asyncio.wait({self._sender}))
        error = None if self._sender.cancelled() else self._sender.exception()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)
        self._pacing.close()

    async def _send(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._send_queue()

    async def _send_queue(self) -> None:
        """Send until nothing is left, in whole packets."""
        sent = 0
        while self._queue or sent % CHUNKS_PER_PACKET:
            with self._lock:
                wait_s = self._pace.wait_s(time.monotonic())
            if wait_s:
                await asyncio.sleep(wait_s)
                continue
            chunk, heard_at = self._next_chunk()
            await super().capture_frame(rtc.AudioFrame(chunk, RATE_HZ, 1, _CHUNK_SAMPLES))
            self._sent(chunk, heard_at)
            sent += 1
            begun = self.sounding.hear(chunk, heard_at, CHUNK_S)
            if begun is not None:
                # RuntimeError: the call is over, and its loop with it.
                with contextlib.suppress(RuntimeError):
                    self._call.call_soon_threadsafe(self.on_sound, begun)

    def _next_chunk(self) -> tuple[bytes, float]:
        with self._lock:
            sound = bytes(self._queue[:_CHUNK_BYTES])
            del self._queue[:_CHUNK_BYTES]
            heard_at = self._pace.heard_at
            self._pace.sent()
        return sound.ljust(_CHUNK_BYTES, b"\0"), heard_at


class PhoneOutput(_ParticipantAudioOutput):
    """The library's track of the agent's voice, fed by a source that suits a telephone."""

    def __init__(self, room: rtc.Room, sent: Sent = _to_nobody) -> None:
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        super().__init__(room, sample_rate=RATE_HZ, num_channels=1, track_publish_options=options)
        self._audio_source: PhoneSource = PhoneSource(sent)

    @property
    def voice(self) -> PhoneSource:
        """Where it leaves."""
        return self._audio_source

    def on_playback_finished(self, **how: Any) -> None:
        """The session hears that a segment is over."""
        self._audio_source.segment_over()
        super().on_playback_finished(**how)

    async def sound(self) -> None:
        """Publish the voice, and raise what ends it."""
        await self.start()
        await asyncio.shield(asyncio.wrap_future(self._audio_source.ended))


@asynccontextmanager
async def phone_output(room: rtc.Room, sent: Sent = _to_nobody) -> AsyncIterator[PhoneOutput]:
    """The agent's voice in `room`, being published; the block ends when it fails.

    `sent` is told of its sound, see `PhoneSource`.
    """
    output = PhoneOutput(room, sent)
    try:
        async with asyncio.TaskGroup() as group:
            sounding = group.create_task(output.sound())
            yield output
            sounding.cancel()
    finally:
        await output.aclose()
