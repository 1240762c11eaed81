"""Both sides of a call on one timeline, a moment behind: what must not be kept is silenced in time.

Sound is held until it is `hold_s` old and belongs to no open turn. Until then a span can still be
silenced, so that a card number that was spoken never reaches the encoder. What is held is bounded:
of a turn that stays open longer than `most_held_s`, the older part is silenced, not let through.
Pure; used by `records.recording.writing`. Times are seconds of the recording, which begins at 0.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from records.recording.arrivals import Run
from records.recording.opus import CHANNELS, RATE_HZ, Sound

# A turn's beginning is told up to half a second after it: by the model's server.
HOLD_S = 2.5
# 4.3 MB. Nobody reads out a card number for longer without a pause in which the turn ends.
MOST_HELD_S = 45.0
# Voice detection hears a voice late, and takes the end of a quiet one for silence.
LEAD_S = 0.6
TAIL_S = 0.3
# Sound for a time that far ahead was never heard: the clip or the clock was wrong.
_MOST_AHEAD_S = 5.0
_BLOCK = RATE_HZ
_INT16 = np.iinfo(np.int16)
CALLER, AGENT = 0, 1

Reason: TypeAlias = Literal[
    "backlog_full",
    "before_consent",
    "card_entry",
    "card_heard",
    "keys_awaited",
    "overload",
    "recorder_failed",
    "refused",
    "storage",
    "turn_too_long",
    "words_unknown",
]
"""Why a span is silent: too much waits for the storage, the caller has not agreed yet, enters a
card or a PIN, said a card number, this machine was too slow, the recorder has a fault, the caller
has not agreed at all, the disk took nothing, a turn had no end, or it had no words when the call
ended."""


class Gap(NamedTuple):
    """A span that is silent on both sides, in seconds of the recording or since 1970."""

    began_at: float
    ended_at: float
    reason: Reason


@dataclass
class _Silence:
    begin: int
    end: float
    """A sample; infinity while a pause lasts."""


@dataclass
class _Turn:
    begin: int
    silenced_to: int
    """Up to where it was too old to be held."""


class Timeline:
    """Takes sound by its time and gives it back in order, silenced where it must be."""

    def __init__(self, *, hold_s: float = HOLD_S, most_held_s: float = MOST_HELD_S) -> None:
        self._hold, self._most_held = _samples(hold_s), _samples(most_held_s)
        # Of one second each: released as a whole, given back to the system as a whole.
        self._blocks: deque[Sound] = deque()
        self._first = 0
        """The first sample that is still here."""
        self._silences: list[_Silence] = []
        self._pauses: dict[Reason, float] = {}
        self._pause: _Silence | None = None
        self._turns: dict[str, _Turn] = {}
        self._gaps: list[Gap] = []

    @property
    def released_s(self) -> float:
        """Up to where sound was given back."""
        return self._first / RATE_HZ

    @property
    def held_bytes(self) -> int:
        """How much memory the sound takes that is still here."""
        return sum(block.nbytes for block in self._blocks)

    def place(self, channel: int, run: Run) -> None:
        """Add sound of one side, of shape (n,), to what is there; what comes too late is lost."""
        at = run.begin
        for view in self._views(run.begin, run.begin + len(run.sound)):
            at = max(at, self._first)
            part = run.sound[at - run.begin : at - run.begin + len(view)]
            mixed = view[:, channel].astype(np.int32) + part
            view[:, channel] = np.clip(mixed, _INT16.min, _INT16.max)
            at += len(view)
        for silence in self._silences:
            self._wipe(silence, run.begin, at)

    def silence(self, began_at: float, ended_at: float, reason: Reason) -> bool:
        """Blank a span on both sides; False if a part of it had been given back already."""
        begin, end = _samples(began_at), _samples(ended_at)
        if end > self._first:
            self._blank(max(begin, self._first), end)
            self._gaps.append(Gap(max(began_at, self.released_s), ended_at, reason))
        return begin >= self._first

    def pause(self, at: float, reason: Reason) -> None:
        """Drop all sound from `at` on, until no reason is left."""
        if self._pause is None:
            self._pause = self._blank(_samples(at), float("inf"))
        self._pauses.setdefault(reason, at)

    def resume(self, at: float, reason: Reason) -> None:
        """One reason for a pause is over; unknown ones are nothing."""
        began_at = self._pauses.pop(reason, None)
        if began_at is None:
            return
        self._gaps.append(Gap(began_at, at, reason))
        if self._pause is not None and not self._pauses:
            self._pause.end, self._pause = _samples(at), None

    def turn_began(self, at: float, item: str) -> None:
        """Hold what is heard from `at` on, until the turn is over."""
        begin = max(self._first, _samples(at - LEAD_S))
        self._turns.setdefault(item, _Turn(begin, begin))

    def turn_over(self, item: str, ended_at: float, silenced: Reason | None = None) -> None:
        """Give the turn free, or silence it; unknown ones are nothing."""
        turn = self._turns.pop(item, None)
        if turn is None:
            return
        if turn.silenced_to > turn.begin and silenced is None:
            self._gaps.append(_gap(turn.begin, turn.silenced_to, "turn_too_long"))
        elif silenced is not None:
            end = max(turn.silenced_to, _samples(ended_at + TAIL_S))
            self._blank(max(turn.begin, self._first), end)
            self._gaps.append(_gap(turn.begin, end, silenced))

    def take(self, now: float) -> list[Sound]:
        """What can be given back at `now`: whole seconds, of shape (n, 2)."""
        until = _samples(now) - self._hold
        must = _samples(now) - self._most_held
        for turn in self._turns.values():
            if turn.begin < must:
                self._blank(max(turn.silenced_to, self._first), must)
                turn.silenced_to = must
            until = min(until, max(turn.begin, must))
        return list(self._release(until))

    def finish(self, now: float) -> None:
        """Nothing is to come after `now`: turns without an end are silenced, pauses end."""
        for item in list(self._turns):
            self.turn_over(item, now, "words_unknown")
        for reason in list(self._pauses):
            self.resume(now, reason)
        # What was silenced beyond the end is no gap of the recording.
        self._gaps = [gap._replace(ended_at=min(gap.ended_at, now)) for gap in self._gaps]

    def rest(self, now: float) -> Iterator[Sound]:
        """Everything that is left until `now`, after `finish`."""
        end = _samples(now)
        yield from self._release(end)
        for view in self._views(self._first, end):
            yield view.copy()

    def gaps(self) -> list[Gap]:
        """The gaps that have ended since this was asked last."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def _release(self, until: int) -> Iterator[Sound]:
        while self._first + _BLOCK <= until:
            self._ensure(self._first + _BLOCK)
            self._first += _BLOCK
            yield self._blocks.popleft()
        self._silences = [silence for silence in self._silences if silence.end > self._first]

    def _blank(self, begin: int, end: float) -> _Silence:
        silence = _Silence(begin, end)
        self._silences.append(silence)
        self._wipe(silence, begin, self._first + len(self._blocks) * _BLOCK)
        return silence

    def _wipe(self, silence: _Silence, begin: int, end: int) -> None:
        for view in self._views(max(silence.begin, begin), int(min(silence.end, end))):
            view[:] = 0

    def _views(self, begin: int, end: int) -> Iterator[Sound]:
        """The span as it lies in the blocks, without what was given back or lies too far ahead."""
        begin = max(begin, self._first)
        ahead = self._hold + self._most_held + _samples(_MOST_AHEAD_S)
        end = min(end, self._first + ahead)
        self._ensure(end)
        while begin < end:
            number, offset = divmod(begin - self._first, _BLOCK)
            view = self._blocks[number][offset : offset + end - begin]
            begin += len(view)
            yield view

    def _ensure(self, end: int) -> None:
        while self._first + len(self._blocks) * _BLOCK < end:
            self._blocks.append(np.zeros((_BLOCK, CHANNELS), np.int16))


def _samples(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def _gap(begin: int, end: int, reason: Reason) -> Gap:
    return Gap(begin / RATE_HZ, end / RATE_HZ, reason)
