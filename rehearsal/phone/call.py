"""One call as its user sees it: wait for it, speak, press keys, hold, hang up, and what came of it.

Made by the phone. Ties the signalling's machine, the media and the timeline together; every wait
has a deadline and ends when the call does.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from rehearsal.phone import dtmf
from rehearsal.phone.detect import SpeechWatch
from rehearsal.phone.events import (
    Answered,
    Ended,
    KeyHeard,
    OtherFinished,
    OtherStarted,
    PhoneEvent,
    Pressed,
    Ringing,
    Said,
)
from rehearsal.phone.loudness import trimmed
from rehearsal.phone.machine import CallMachine
from rehearsal.phone.media import Media
from rehearsal.phone.messages import Header
from rehearsal.phone.mouth import Mouth, Utterance
from rehearsal.phone.sdp import Direction
from rehearsal.phone.signals import CallEvent, Established, Over, Provisional
from rehearsal.phone.timeline import Timeline
from rehearsal.speech import Pcm

SETTLE_TIMEOUT_S = 2.0
"""How long a BYE or CANCEL may go unanswered before the phone leaves without."""
PLAYING_SLACK_S = 2.0
"""What a clip may take beyond its own length and those queued before it."""
REINVITE_TIMEOUT_S = 5.0

_Event = TypeVar("_Event", bound=PhoneEvent)


class CallFailed(Exception):
    """The call did not come to what was waited for; `ended` says how it ended, if it did."""

    def __init__(self, says: str, ended: Ended | None = None) -> None:
        super().__init__(says)
        self.ended = ended


@dataclass(frozen=True)
class CallResult:
    """What came of a call. Times are seconds since the INVITE, None for what never happened."""

    code: int | None
    """Final status of the INVITE; None while there is none."""
    ended: Ended | None
    ringing_s: float | None
    answered_s: float | None
    keys_heard: str
    said: tuple[Said, ...]
    events: tuple[PhoneEvent, ...]
    timeline: Timeline = field(repr=False)
    stalls: int = 0
    """Times this machine was too slow to keep the audio's pace; such a call measures nothing."""
    sip_call_id: str = ""


class Call:
    """One call, incoming or outgoing. All of it runs on the event loop it was made on."""

    def __init__(
        self,
        machine: CallMachine,
        *,
        flush: Callable[[], None],
        seed: int,
        silence_s: float,
        on_event: Callable[[PhoneEvent], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.machine = machine
        self.timeline = Timeline(self._loop.time())
        self.events: list[PhoneEvent] = []
        self._flush = flush
        self._tell = on_event
        self._mouth = Mouth(seed)
        self._watch = SpeechWatch(silence_s)
        self.media = Media(
            self._mouth,
            self.timeline,
            on_heard=lambda pcm, at: self._emit_all(self._watch.hear(pcm, self._since(at))),
            on_key=lambda heard: self._emit(KeyHeard(heard.key, heard.at_s)),
            on_tick=lambda now: self._emit_all(self._watch.tick(self._since(now))),
        )
        self._changed = asyncio.Event()
        self._renegotiated: int | None = None
        self.settled = asyncio.Event()
        """Set once the call is over and the other side knows."""
        machine.on_event = self._on_machine
        machine.on_settled = self.settled.set

    # What happened so far.

    @property
    def now_s(self) -> float:
        """This moment on the call's timeline."""
        return self._since(self._loop.time())

    @property
    def ended(self) -> Ended | None:
        """How the call ended, None while it has not."""
        return self._last(Ended)

    @property
    def answered_s(self) -> float | None:
        """When the call was answered."""
        found = self._last(Answered)
        return found.at_s if found else None

    @property
    def other_speaks_since(self) -> float | None:
        """Since when the other side is speaking, None while it is not."""
        return self._watch.started_s

    @property
    def result(self) -> CallResult:
        """Everything known of the call by now."""
        ended, ringing = self.ended, self._last(Ringing)
        answered = self.answered_s
        return CallResult(
            code=200 if answered is not None else ended.code if ended else None,
            ended=ended,
            ringing_s=ringing.at_s if ringing else None,
            answered_s=answered,
            keys_heard="".join(e.key for e in self.events if isinstance(e, KeyHeard)),
            said=tuple(e for e in self.events if isinstance(e, Said)),
            events=tuple(self.events),
            timeline=self.timeline,
            stalls=self.media.stalls,
            sip_call_id=self.machine.dialog.call_id,
        )

    # Waiting.

    async def until(
        self, found: Callable[[], bool], *, timeout_s: float, what: str, even_ended: bool = False
    ) -> None:
        """Wait until `found` holds; looked at after every event.

        Raises:
            CallFailed: the call ended first (unless `even_ended`), or `timeout_s` went by.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not found():
                    if self.ended and not even_ended:
                        how = f"ended by {self.ended.by} with {self.ended.code}"
                        raise CallFailed(f"no {what}: the call {how}", self.ended)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise CallFailed(f"no {what} within {timeout_s:g} s", self.ended) from error

    async def answered(self, *, timeout_s: float = 30.0) -> float:
        """Wait for the answer; the seconds it took.

        Raises:
            CallFailed: refused, or not answered in time.
        """
        await self.until(lambda: self.answered_s is not None, timeout_s=timeout_s, what="answer")
        assert self.answered_s is not None
        return self.answered_s

    async def other_hangs_up(self, *, timeout_s: float) -> Ended:
        """Wait for the end of the call.

        Raises:
            CallFailed: it goes on after `timeout_s`.
        """
        await self.until(
            lambda: self.ended is not None, timeout_s=timeout_s, what="hang-up", even_ended=True
        )
        assert self.ended is not None
        return self.ended

    async def other_finishes(self, *, timeout_s: float, since: int = 0) -> OtherFinished:
        """Wait for the other side to finish speaking; `since` skips that many earlier events.

        Raises:
            CallFailed: the call ended, or `timeout_s` went by, first.
        """
        return await self._event(OtherFinished, since, timeout_s, "end of the other side's speech")

    async def other_starts(self, *, timeout_s: float, since: int = 0) -> OtherStarted:
        """Wait for the other side to start speaking; else as `other_finishes`."""
        return await self._event(OtherStarted, since, timeout_s, "speech of the other side")

    async def key(self, *, timeout_s: float, since: int = 0) -> KeyHeard:
        """Wait for a key from the other side; else as `other_finishes`."""
        return await self._event(KeyHeard, since, timeout_s, "key of the other side")

    async def reach(self, at_s: float, *, unless: Callable[[], bool] = lambda: False) -> bool:
        """Wait for a moment of the timeline; False as soon as `unless` holds, looked at on events.

        Raises:
            CallFailed: the call ended first.
        """
        try:
            async with asyncio.timeout(max(0.0, at_s - self.now_s)):
                await self.until(unless, timeout_s=float("inf"), what="time left")
        except TimeoutError:
            return True
        return False

    async def _event(self, kind: type[_Event], since: int, timeout_s: float, what: str) -> _Event:
        def first() -> _Event | None:
            return next((e for e in self.events[since:] if isinstance(e, kind)), None)

        await self.until(lambda: first() is not None, timeout_s=timeout_s, what=what)
        found = first()
        assert found is not None
        return found

    # Doing.

    async def say(self, pcm: Pcm, *, text: str = "(sound)", trim: bool = True) -> Said:
        """Play a clip at 8 kHz and wait for its end; it may be cut short by the call's end.

        `trim` takes the silence off both ends, so that its times are those of the sound. Without
        `text` it is noise, to which nobody is expected to answer.
        """
        clip = trimmed(pcm) if trim else pcm
        done: asyncio.Future[Said] = self._loop.create_future()

        def over(utterance: Utterance) -> None:
            ended = self._since(utterance.ended or 0.0)
            start = ended if utterance.started is None else self._since(utterance.started)
            said = Said(text, start, ended, utterance.whole)
            self._emit(said)
            if not done.done():
                done.set_result(said)

        utterance = Utterance(clip, over)
        if self.ended is not None:
            utterance.ended = self._loop.time()
            over(utterance)
        else:
            self._mouth.say(utterance)
        queued = self._mouth.waiting_s
        try:
            async with asyncio.timeout(queued + PLAYING_SLACK_S):
                return await done
        except TimeoutError as error:
            raise CallFailed("the clip was not sent: is the call held?", self.ended) from error

    async def press(self, keys: str) -> None:
        """Press keys one after another and wait until they are sent.

        Raises:
            CallFailed: a key is none, or the other side takes no telephone-events.
        """
        agreed = self.media.agreed
        if not keys or not set(keys) <= set(dtmf.KEYS):
            raise CallFailed(f"keys are {dtmf.KEYS}")
        if agreed is None or agreed.events is None:
            raise CallFailed("the other side takes no telephone-events")
        before = self._count(Pressed)
        for key in keys:
            self.media.press(key, self._pressed)
        timeout_s = PLAYING_SLACK_S + 0.3 * len(keys)
        await self.until(
            lambda: self._count(Pressed) >= before + len(keys),
            timeout_s=timeout_s,
            what="keys sent",
        )

    def _pressed(self, key: str, start: float, end: float) -> None:
        self._emit(Pressed(key, self._since(start), self._since(end)))

    async def redirect(self, wanted: Direction) -> None:
        """Re-INVITE with another direction: hold is `sendonly` or `inactive`, resume `sendrecv`.

        Raises:
            CallFailed: refused, or not answered in time.
        """
        self.machine.media.wanted = wanted
        self._renegotiated = None
        if not self.machine.reinvite(self._loop.time()):
            raise CallFailed("the call cannot be renegotiated now", self.ended)
        self._flush()
        await self.until(
            lambda: self._renegotiated is not None, timeout_s=REINVITE_TIMEOUT_S, what="answer"
        )
        if self._renegotiated != 200:
            raise CallFailed(f"the re-INVITE was refused with {self._renegotiated}", self.ended)

    def ring(self) -> None:
        """Tell the caller of an incoming call that it rings."""
        self.machine.ring(self._loop.time())
        self._flush()

    def accept(self, headers: Iterable[Header] = ()) -> None:
        """Answer an incoming call."""
        self.machine.accept(self._loop.time(), headers)
        self._flush()

    def refuse(self, code: int) -> None:
        """Decline an incoming call with a status of 300 or more."""
        self.machine.refuse(code, self._loop.time())
        self._flush()

    def leave(self, headers: Iterable[Header] = ()) -> None:
        """Send what ends the call in its state, and do not wait."""
        self.machine.hang_up(self._loop.time(), headers)
        self._flush()

    async def hang_up(self, headers: Iterable[Header] = ()) -> CallResult:
        """End the call and wait until the other side knows, at most `SETTLE_TIMEOUT_S`."""
        self.leave(headers)
        # A peer that is gone cannot be told; the call is over for us all the same.
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                await self.settled.wait()
        self.media.close()
        return self.result

    # What comes in.

    def _on_machine(self, event: CallEvent) -> None:
        if isinstance(event, Provisional):
            if event.code >= 180 and self._last(Ringing) is None:
                self._emit(Ringing(self.now_s))
        elif isinstance(event, Over):
            at = self.now_s
            self.media.close()
            self._emit(Ended(at, event.by, event.code, event.reason, event.headers))
        else:
            self.media.agreed = self.machine.media.agreed
            if isinstance(event, Established):
                self._emit(Answered(self.now_s))
                self.media.start()
            elif event.ours:
                self._renegotiated = event.code
                self._changed.set()

    def _since(self, at: float) -> float:
        return at - self.timeline.t0

    def _last(self, kind: type[_Event]) -> _Event | None:
        return next((e for e in reversed(self.events) if isinstance(e, kind)), None)

    def _count(self, kind: type[PhoneEvent]) -> int:
        return sum(isinstance(e, kind) for e in self.events)

    def _emit_all(self, events: Iterable[PhoneEvent]) -> None:
        for event in events:
            self._emit(event)

    def _emit(self, event: PhoneEvent) -> None:
        self.events.append(event)
        self._changed.set()
        self._tell(event)
