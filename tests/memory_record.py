"""The record in memory, for tests in virtual time; its own tests hold it to the contract."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from records.ledger import (
    DONE,
    MARGIN_S,
    UNKNOWN,
    AlreadyDone,
    Begun,
    Found,
    InDoubt,
    Intent,
    NotKept,
    Open,
)
from tests.unit.desk_tools.virtual_time import pass_time


def _digested(intent: Intent) -> str:
    """As the real one compares: to Python 3 and 3.0 are the same."""
    return json.dumps((intent.subject, intent.tool, intent.arguments), sort_keys=True)


@dataclass
class Row:
    """One write."""

    key: str
    intent: Intent
    begun_at: float
    outcome: str | None = None
    reason: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    ended_at: float = 0.0
    leased_until: float = 0.0

    @property
    def open(self) -> bool:
        """Whether nobody knows its end."""
        return self.outcome in (None, UNKNOWN)

    def is_wish_of(self, intent: Intent) -> bool:
        """Whether it is about the same."""
        return _digested(self.intent) == _digested(intent)


class MemoryLedger:
    """As `records.ledger.Ledger` says; out of order while `broken`."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.rows: list[Row] = []
        self.broken = False
        self.ends = True
        """False: what became of a use is lost, as with a job that dies."""

    async def look(self, intent: Intent) -> Found | None:
        """See `Ledger`."""
        self._must_work()
        latest = next((row for row in reversed(self.rows) if row.is_wish_of(intent)), None)
        if latest is None:
            return None
        now = self._clock()
        if latest.open:
            deadline_at = latest.begun_at + latest.intent.deadline_s
            running = latest.outcome is None and now < deadline_at + MARGIN_S
            return InDoubt(latest.key, running=running, witness=latest.intent.witness)
        fresh = latest.outcome == DONE and now - latest.ended_at < intent.once_s
        return AlreadyDone(latest.result) if fresh and not self._undone(latest) else None

    async def intend(self, intent: Intent, *, again: bool = False) -> Begun | Found:
        """See `Ledger`."""
        found = await self.look(intent)
        if isinstance(found, InDoubt) or (found and not again):
            return found
        row = Row(f"fd-{secrets.token_hex(16)}", intent, self._clock())
        self.rows.append(row)
        return Begun(row.key)

    async def end(
        self, key: str, outcome: str, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> bool:
        """See `Ledger`."""
        self._must_work()
        row = next(row for row in self.rows if row.key == key)
        if not (row.open and self.ends):
            return False
        row.outcome, row.reason, row.result = outcome, reason, dict(result or {})
        row.ended_at = self._clock()
        return True

    async def lease(self, *, lease_s: float, most: int = 20) -> list[Open]:
        """See `Ledger`."""
        self._must_work()
        now = self._clock()
        free = [row for row in self._late() if row.leased_until < now]
        late = sorted(free, key=lambda row: row.leased_until)[:most]
        for row in late:
            row.leased_until = now + lease_s
        return [
            Open(
                *(r.key, r.intent.call_id, r.intent.tool, r.begun_at, r.intent.arguments),
                witness=r.intent.witness,
            )
            for r in late
        ]

    async def unsettled(self) -> int:
        """See `Ledger`."""
        self._must_work()
        return len(self._late())

    def _undone(self, done: Row) -> bool:
        topic = (done.intent.subject, done.intent.topic)
        return bool(done.intent.topic) and any(
            row.outcome == DONE and row.begun_at >= done.begun_at
            for row in self.rows
            if row is not done and (row.intent.subject, row.intent.topic) == topic
        )

    def _late(self) -> list[Row]:
        now = self._clock()

        def late(row: Row) -> bool:
            over = row.begun_at + row.intent.deadline_s < now - MARGIN_S
            return over or row.begun_at > now + MARGIN_S

        return [row for row in self.rows if row.open and late(row)]

    def _must_work(self) -> None:
        if self.broken:
            raise NotKept("out of order")


@dataclass
class MemoryFollowUps:
    """As `records.follow_ups.FollowUps` opens them; out of order while `broken`."""

    opened: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False
    slow_s: float = 0.0
    """How long it takes to tell that something was opened."""

    async def open(
        self,
        *,
        call_id: str,
        kind: str,
        words: Mapping[str, Any],
        promised_for: float | None = None,
        tool_use: str | None = None,
    ) -> None:
        """See `FollowUps`."""
        if self.broken:
            raise NotKept("out of order")
        if tool_use is None or not await self.has(tool_use):
            told = {"call_id": call_id, "kind": kind, "promised_for": promised_for}
            self.opened.append({**told, "words": dict(words), "tool_use": tool_use})
        if self.slow_s:
            await pass_time(self.slow_s)

    async def has(self, tool_use: str) -> bool:
        """See `FollowUps`."""
        if self.broken:
            raise NotKept("out of order")
        return any(one["tool_use"] == tool_use for one in self.opened)
