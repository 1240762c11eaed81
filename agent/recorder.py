"""Records one call on a thread of its own: taps put sound down, the thread does all the work.

Owned by `agent.call`. `agent.ear` taps the caller, `agent.playout` and `agent.voice` the agent. No
tap waits, whatever the disk does: they fill a bounded queue, which the thread empties twice a
second. If it cannot keep up, sound is lost and a gap says so; the call goes on. Nothing is written
before `start`, which is due once recording is allowed.

Times are monotonic seconds, as everywhere in a call; gaps are told in seconds since 1970.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import structlog

from records.recording import Gap, Kept, Reason
from records.recording.opus import RATE_HZ
from records.recording.writing import Writing

WORK_EVERY_S = 0.5
# Ten seconds of both sides in frames of 10 ms: 1 MB.
MOST_QUEUED = 2000
CLOSE_TIMEOUT_S = 5.0

log = structlog.get_logger(__name__)

_Done: TypeAlias = Callable[[Writing], None]


class Recorder:
    """The recording of one call. `on_gap` is called in the event loop that `start` was called in.

    Args:
        key: the call's own, 32 bytes.
        folder: where recordings wait for the storage.
        most_backlog_bytes: record nothing while more than that waits there.
    """

    def __init__(
        self,
        call_id: str,
        key: bytes,
        folder: Path,
        *,
        most_backlog_bytes: int,
        on_gap: Callable[[Gap], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._call_id, self._key, self._folder = call_id, key, folder
        self._most_backlog_bytes, self._on_gap = most_backlog_bytes, on_gap
        self._queue: deque[_Done] = deque()
        self._dropped_since: float | None = None
        self._pauses: set[Reason] = set()
        self._turns: set[str] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._began = self._began_wall = 0.0
        self._kept: Kept | None = None
        self._keeps = True

    @property
    def paused(self) -> bool:
        """Whether the caller is to be heard by nobody: no recording, no model."""
        return bool(self._pauses)

    @property
    def began_at(self) -> float | None:
        """Seconds since 1970 of the recording's first sample; None before `start`."""
        return self._began_wall if self._thread else None

    def start(self) -> None:
        """Record from now on; a second time changes nothing."""
        if self._thread is not None:
            return
        self._began, self._began_wall = self._clock(), time.time()
        # What was decided before holds for what is recorded.
        for reason in self._pauses:
            self._queue.append(partial(_paused, at=0.0, reason=reason))
        for item in self._turns:
            self._queue.append(partial(_turn_began, at=0.0, item=item))
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._work, args=(loop,), name="recorder", daemon=True
        )
        self._thread.start()

    def caller_heard(self, pcm: bytes | memoryview, at: float) -> None:
        """A frame of the caller, 24 kHz mono, that has arrived at `at`."""
        if self._thread is not None and not self._pauses:
            self._sound("caller", bytes(pcm), at)

    def agent_sent(self, pcm: bytes | memoryview, at: float, source: str = "voice") -> None:
        """A frame that the caller hears from `at` on, 24 kHz mono. May be called in any thread.

        Sources are heard together; each tells its frames in order.
        """
        if self._thread is not None and not self._pauses:
            sound = bytes(pcm)
            self._sound(source, sound, at + len(sound) / 2 / RATE_HZ)

    def turn_began(self, at: float, item: str) -> None:
        """Write nothing that is heard from `at` on before `turn_over` is told of the same item."""
        self._turns.add(item)
        self._tell(partial(_turn_began, at=at - self._began, item=item))

    def turn_over(self, item: str, card: bool, ended_at: float | None = None) -> None:
        """The words of a turn are known: whether a card number or a CVV is in them.

        Args:
            item: of `turn_began`; nothing happens if there was none.
            card: silence the turn, on both sides.
            ended_at: when its voice ended; by default now.
        """
        self._end_turn(item, ended_at, "card_heard" if card else None)

    def turn_lost(self, item: str, ended_at: float | None = None) -> None:
        """Nobody will know the words of a turn: silence it; otherwise as `turn_over`."""
        self._end_turn(item, ended_at, "words_unknown")

    def _end_turn(self, item: str, ended_at: float | None, silenced: Reason | None) -> None:
        self._turns.discard(item)
        end = (self._clock() if ended_at is None else ended_at) - self._began
        self._tell(lambda w: w.timeline.turn_over(item, end, silenced))

    def pause(self, reason: Reason) -> None:
        """Record nothing from now on, and let the model hear nothing (`agent.ear`)."""
        if reason not in self._pauses:
            self._pauses.add(reason)
            self._tell(partial(_paused, at=self._clock() - self._began, reason=reason))

    def resume(self, reason: Reason) -> None:
        """That reason is over; sound is recorded and heard again once none is left."""
        if reason in self._pauses:
            self._pauses.remove(reason)
            at = self._clock() - self._began
            self._tell(lambda w: w.timeline.resume(at, reason))

    async def close(self) -> Kept | None:
        """End the recording: what was kept, None if nothing was. Gaps are told before it returns.

        Raises:
            TimeoutError: the disk holds up the end. The parent closes what is there, once this
                process has ended, as the recording of a killed job.
        """
        if self._thread is None:
            return None
        self._tell_what_was_dropped()
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            raise TimeoutError("the recording's disk holds up its end")
        return self._kept

    async def discard(self) -> None:
        """The caller refused: leave nothing of what was recorded.

        Raises:
            TimeoutError: the disk holds it up.
        """
        self._keeps = False
        await self.close()

    def _sound(self, source: str, pcm: bytes, ends_at: float) -> None:
        if len(self._queue) >= MOST_QUEUED:
            if self._dropped_since is None:
                self._dropped_since = self._clock()
            return
        self._tell_what_was_dropped()
        at = ends_at - self._began
        self._queue.append(lambda w: w.heard(source, pcm, at))

    def _tell_what_was_dropped(self) -> None:
        if self._dropped_since is not None:
            began, ended = self._dropped_since - self._began, self._clock() - self._began
            self._dropped_since = None
            self._queue.append(partial(_lost, began_at=began, ended_at=ended))

    def _tell(self, done: _Done) -> None:
        """What is decided about sound is never dropped; it comes a few times a minute."""
        if self._thread is not None:
            self._queue.append(done)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        def told(gap: Gap) -> None:
            since = self._began_wall
            moved = gap._replace(began_at=gap.began_at + since, ended_at=gap.ended_at + since)
            # RuntimeError: the call's loop has ended, nobody listens any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._on_gap, moved)

        writing: Writing | None = None
        try:
            writing = Writing(
                self._folder,
                self._call_id,
                self._key,
                began_at=self._began_wall,
                most_backlog_bytes=self._most_backlog_bytes,
                told=told,
            )
            self._record(writing)
        except Exception as error:
            # The edge of the recording: the call goes on without it.
            log.error("the recorder failed", exc_info=error)  # noqa: TRY400 - told by type and place
            until = writing.abandon() if writing else 0.0
            self._stopping.wait()
            told(Gap(until, self._clock() - self._began, "recorder_failed"))
        if writing and not self._keeps:
            writing.discard()

    def _record(self, writing: Writing) -> None:
        while not self._stopping.wait(WORK_EVERY_S):
            self._empty(writing)
            writing.work(self._clock() - self._began)
        if self._keeps:
            self._empty(writing)
            self._kept = writing.close(self._clock() - self._began)

    def _empty(self, writing: Writing) -> None:
        # No more than is there now: taps go on meanwhile.
        for _ in range(len(self._queue)):
            self._queue.popleft()(writing)


def _paused(writing: Writing, at: float, reason: Reason) -> None:
    writing.timeline.pause(at, reason)


def _turn_began(writing: Writing, at: float, item: str) -> None:
    writing.timeline.turn_began(at, item)


def _lost(writing: Writing, began_at: float, ended_at: float) -> None:
    writing.timeline.silence(began_at, ended_at, "overload")
