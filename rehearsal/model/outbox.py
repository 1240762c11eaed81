"""Everything that a session sends passes here: numbered in the log, and spoiled where asked.

The faults that concern the wire (silent, half-open, drop, malformed) are carried out here, so the
rest of a session knows nothing of them. Called by `model.session` and `model.response`.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from rehearsal.model.faults import OF_THE_CONNECTION, Fault, Kind, take
from rehearsal.model.protocol import Event

Log = Callable[..., None]
SEND_TIMEOUT_S = 30.0


class Line(Protocol):
    """The connection to the client."""

    async def send_text(self, text: str) -> None:
        """Send one text frame."""

    def abort(self) -> None:
        """Close the connection at once, without a goodbye."""

    async def gone(self) -> None:
        """Return when the client has closed the connection, without reading from it."""


class Outbox:
    """The sending half of one session."""

    def __init__(self, line: Line, faults: list[Fault], log: Log) -> None:
        self.half_open = asyncio.Event()
        self.line = line
        self._faults = faults
        self.log = log
        self._sent: Counter[str] = Counter()

    async def send(self, event: Event) -> None:
        """Send one event, unless a fault swallows it.

        Raises:
            TimeoutError: the client does not read for SEND_TIMEOUT_S.
        """
        kind = str(event["type"])
        if self.half_open.is_set() or (self._has("silent") and kind != "session.created"):
            return
        text = json.dumps(event)
        if kind == "response.output_audio.delta" and self.take("malformed"):
            text = text[: len(text) // 2]
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self.line.send_text(text)
        self._sent[kind] += 1
        if kind != "response.output_audio.delta":
            self.log("model.sent", type=kind)
        for fault in self._faults:
            due = fault.after_event == kind and self._sent[kind] == fault.nth
            if due and fault.kind in OF_THE_CONNECTION:
                self.strike(fault)

    def take(self, kind: Kind) -> Fault | None:
        """The fault of this kind that spoils what is sent now, if there is one."""
        fault = take(self._faults, kind, self._sent)
        if fault:
            self.log("model.fault", kind=kind)
        return fault

    def strike(self, fault: Fault) -> None:
        """Let a fault of the connection happen now."""
        self.log("model.fault", kind=fault.kind)
        if fault.kind == "half_open":
            self.half_open.set()
        else:
            self.line.abort()

    def _has(self, kind: str) -> bool:
        return any(fault.kind == kind for fault in self._faults)
