"""A call while it goes on: one line for each thing that happens, as the caller lives it.

What was said comes from the worker's record, when it was said from the phone's own ear. Plain
lines without a terminal, colours with one; printed by `rehearsal.rehearse.show`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from records.reading import OPEN, Wanted
from records.view import ToolUse, Turn
from rehearsal.phone.events import (
    Answered,
    Ended,
    OtherStarted,
    PhoneEvent,
    Pressed,
    Ringing,
    Said,
)
from rehearsal.phone.signals import EndedBy
from rehearsal.stack.calls import Calls

POLL_S = 0.2
CLIP_WITHIN_S = 1.0
_ENDED_BY: dict[EndedBy, str] = {
    "phone": "the caller",
    "other": "the other side",
    "network": "the network",
}
Line = tuple[float | None, str, str]
"""Seconds since the INVITE if known, who or what, and the words."""


@dataclass
class Told:
    """Turns phone events and what is in the record into lines to print. Pure; one call."""

    answered_s: float | None = None
    waiting_since: float | None = None
    heard: list[tuple[float, float | None]] = field(default_factory=list)
    """Starts of the agent's speech, each with the gap before it, not yet given words."""
    clips: list[str] = field(default_factory=list)
    """Clips whose words are known and whose sound is not heard yet."""
    invited_at: float | None = None
    """When the INVITE was sent, seconds since 1970."""

    def phone(self, event: PhoneEvent) -> Iterator[Line]:
        """Lines for one event of the phone."""
        match event:
            case Ringing():
                yield event.at_s, "ringing", ""
            case Answered():
                self.answered_s = self.waiting_since = event.at_s
                yield event.at_s, "answered", f"after {event.at_s * 1000:.0f} ms"
            case Said(text=text) if text:
                self.waiting_since = event.end_s
                yield event.start_s, "caller", text
            case OtherStarted():
                since, self.waiting_since = self.waiting_since, None
                gap = event.at_s - since if since is not None and event.at_s > since else None
                if self.clips:
                    yield event.at_s, "agent", self.clips.pop(0) + _waited(gap)
                else:
                    self.heard.append((event.at_s, gap))
            case Pressed():
                yield event.start_s, "caller", f"presses {event.key}"
            case Ended():
                yield from self._unheard()
                yield event.at_s, "ended", f"by {_ENDED_BY[event.by]}, status {event.code}"

    def turn(self, turn: Turn) -> Iterator[Line]:
        """Lines for a turn that is in the record now."""
        if turn.speaker == "clip":
            yield from self._clip(turn)
        elif turn.speaker == "agent":
            yield from self._unheard()
            at, gap = self.heard.pop(0) if self.heard else (None, None)
            cut = "  (spoken over)" if turn.interrupted else ""
            yield at, "agent", f"{turn.text}{cut}{_waited(gap)}"

    def tool(self, use: ToolUse) -> Iterator[Line]:
        """The line for a tool that was used."""
        how = f"{use.outcome} {use.reason}".strip()
        yield None, "tool", f"{use.tool}: {how}, {use.duration_ms} ms"

    def _clip(self, turn: Turn) -> Iterator[Line]:
        """Its words come a moment before its sound or a moment after."""
        if self.heard and self.invited_at is not None:
            at, gap = self.heard[-1]
            if abs(self.invited_at + at - turn.at) < CLIP_WITHIN_S:
                self.heard.pop()
                yield at, "agent", turn.text + _waited(gap)
                return
        self.clips.append(turn.text)

    def _unheard(self) -> Iterator[Line]:
        """Clips that began with no silence before them."""
        for text in self.clips:
            yield None, "agent", text
        self.clips.clear()


def _waited(gap_s: float | None) -> str:
    return "" if gap_s is None else f"  [gap {gap_s * 1000:.0f} ms]"


async def follow(calls: Calls, told: Callable[[Turn | ToolUse], None]) -> None:
    """Tell what comes into the record of calls that begin from now on, until cancelled."""
    since = time.time()
    known: dict[str, int] = {}
    while True:
        for call_id in reversed(await calls.ids(Wanted(since=since))):
            call = await calls.call(call_id)
            if call is not None:
                over = [use for use in call.tools if use.outcome != OPEN]
                found: list[Turn | ToolUse] = sorted([*call.turns, *over], key=_told_at)
                for one in found[known.get(call_id, 0) :]:
                    told(one)
                known[call_id] = len(found)
        await asyncio.sleep(POLL_S)


def _told_at(one: object) -> float:
    """When it was written down: of a tool, when it had ended."""
    if isinstance(one, ToolUse):
        return one.at + one.duration_ms / 1000
    assert isinstance(one, Turn)
    return one.at
