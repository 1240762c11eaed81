"""A call while it goes on: one line for each thing that happens, as the caller lives it.

What was said comes from the worker's journal, when it was said from the phone's own ear. Plain
lines without a terminal, colours with one; printed by `rehearsal.rehearse.show`.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from records.journal import JOURNAL
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

POLL_S = 0.2
_ENDED_BY: dict[EndedBy, str] = {
    "phone": "the caller",
    "other": "the other side",
    "network": "the network",
}
Line = tuple[float | None, str, str]
"""Seconds since the INVITE if known, who or what, and the words."""


@dataclass
class Told:
    """Turns phone events and journal lines into lines to print. Pure; one call."""

    answered_s: float | None = None
    waiting_since: float | None = None
    heard: list[tuple[float, float | None]] = field(default_factory=list)
    """Starts of the agent's speech, each with the gap before it, not yet given words."""
    clips: list[str] = field(default_factory=list)
    """Clips on their way: their words are known before their sound is heard."""

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

    def journal(self, line: dict[str, Any]) -> Iterator[Line]:
        """Lines for one line of the worker's journal."""
        if line["kind"] == "turn" and line["speaker"] == "clip":
            self.clips.append(line["text"])
        elif line["kind"] == "turn" and line["speaker"] == "agent":
            yield from self._unheard()
            at, gap = self.heard.pop(0) if self.heard else (None, None)
            cut = "  (spoken over)" if line.get("interrupted") else ""
            yield at, "agent", f"{line['text']}{cut}{_waited(gap)}"
        elif line["kind"] == "tool":
            how = f"{line['outcome']} {line['reason']}".strip()
            yield None, "tool", f"{line['tool']}: {how}, {line['duration_ms']} ms"

    def _unheard(self) -> Iterator[Line]:
        """Clips that began with no silence before them."""
        for text in self.clips:
            yield None, "agent", text
        self.clips.clear()


def _waited(gap_s: float | None) -> str:
    return "" if gap_s is None else f"  [gap {gap_s * 1000:.0f} ms]"


async def follow(calls: Path, told: Callable[[dict[str, Any]], None]) -> None:
    """Tell every line of the journals that appear in `calls`, until cancelled."""
    known = _folders(calls)
    read: dict[Path, int] = {}
    while True:
        for folder in sorted(_folders(calls) - known):
            for line in _unread(folder / JOURNAL, read):
                told(line)
        await asyncio.sleep(POLL_S)


def _folders(calls: Path) -> set[Path]:
    return set(calls.iterdir())


def _unread(journal: Path, read: dict[Path, int]) -> Iterator[dict[str, Any]]:
    if not journal.exists():
        return
    with journal.open("rb") as file:
        file.seek(read.get(journal, 0))
        for line in file:
            if line.endswith(b"\n"):
                read[journal] = read.get(journal, 0) + len(line)
                yield json.loads(line)
