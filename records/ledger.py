"""What tools were asked to do, written down before they do it: no wish is fulfilled twice or lost.

A write's row is on the disk before its request leaves, so that a job that dies leaves the question
"what became of it" and not nothing. A wish is a subject, a tool and its arguments; the database
itself keeps two rows from being the same wish at the same time, whoever asks, on whatever call.
For `tools.gate`, which does not use it yet, and for whoever finds out what became of open rows.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.schema import tool_uses
from records.sealing import Seal

DONE = "ok"
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What is about to be done. `subject` is whom it is about; `once_s` how long one doing of it
    answers the same wish, None for what may be done any number of times."""

    call_id: str
    tool: str
    subject: str
    arguments: Mapping[str, Any]
    deadline_s: float
    once_s: float | None = None


@dataclass(frozen=True)
class Begun:
    """It may be done now; `key` names it to the back office and in the ledger."""

    key: str


@dataclass(frozen=True)
class AlreadyDone:
    """The wish was fulfilled before, with this result."""

    result: Mapping[str, Any]


@dataclass(frozen=True)
class InDoubt:
    """The wish is being fulfilled, or nobody knows yet whether it was."""

    key: str


Admitted: TypeAlias = Begun | AlreadyDone | InDoubt


@dataclass(frozen=True)
class Open:
    """A row whose end nobody has written; leased to whoever got it."""

    key: str
    call_id: str
    tool: str
    arguments: Mapping[str, Any]


class Ledger:
    """The tool uses of all calls. Every method is one transaction.

    Any may raise `sqlalchemy.exc.SQLAlchemyError`: nothing has been written then. `intend` and
    `lease` raise `records.sealing.Unreadable` of a row that another key has sealed.
    """

    def __init__(
        self, engine: AsyncEngine, seal: Seal, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._seal, self._clock = engine, seal, clock

    async def intend(self, intent: Intent) -> Admitted:
        """Write down that `intent` is about to be done, unless it was or is being done."""
        while True:
            try:
                async with self._engine.begin() as connection:
                    return await self._intend(connection, intent)
            except IntegrityError:
                # Another call has begun the same wish between our look and our row.
                continue

    async def end(
        self, key: str, outcome: str, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> bool:
        """Write down what became of it; False if that has been written before and is certain."""
        uses = tool_uses.c
        sealed = self._seal.seal(result or {}, place=f"{key} result")
        ended = {"outcome": outcome, "reason": reason, "result": sealed, "ended_at": self._clock()}
        still_open = or_(uses.outcome.is_(None), uses.outcome == UNKNOWN)
        statement = update(tool_uses).where(uses.id == key, still_open).values(**ended)
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def lease(self, *, margin_s: float, lease_s: float, most: int = 20) -> list[Open]:
        """Open rows `margin_s` past their deadline, for whoever asks alone, for `lease_s`."""
        now, uses = self._clock(), tool_uses.c
        late = and_(
            or_(uses.outcome.is_(None), uses.outcome == UNKNOWN),
            uses.wish.is_not(None),
            uses.deadline_at < now - margin_s,
            uses.leased_until < now,
        )
        columns = (uses.id, uses.call_id, uses.tool, uses.arguments)
        wanted = select(*columns).where(late).order_by(uses.started_at).limit(most)
        async with self._engine.begin() as connection:
            rows = (await connection.execute(wanted.with_for_update(skip_locked=True))).all()
            leased = update(tool_uses).where(uses.id.in_([row.id for row in rows]))
            await connection.execute(leased.values(leased_until=now + lease_s))
        return [self._opened(row) for row in rows]

    async def _intend(self, connection: AsyncConnection, intent: Intent) -> Admitted:
        wish, latest = None, None
        if intent.once_s is not None:
            wish = self._seal.digest(intent.subject, intent.tool, dict(intent.arguments))
            latest = await _latest(connection, wish)
        if latest is not None:
            if latest.outcome in (None, UNKNOWN):
                return InDoubt(latest.id)
            assert intent.once_s is not None
            fresh = self._clock() - latest.ended_at < intent.once_s
            if latest.outcome == DONE and fresh:
                return AlreadyDone(self._seal.open(latest.result, place=f"{latest.id} result"))
        key = f"fd-{secrets.token_hex(16)}"
        now = self._clock()
        row = {
            "id": key,
            "call_id": intent.call_id,
            "tool": intent.tool,
            "wish": wish,
            "round": 0 if latest is None else latest.round + 1,
            "arguments": self._seal.seal(intent.arguments, place=f"{key} arguments"),
            "reason": "",
            "started_at": now,
            "deadline_at": now + intent.deadline_s,
            "leased_until": 0.0,
        }
        await connection.execute(insert(tool_uses).values(**row))
        return Begun(key)

    def _opened(self, row: Row[Any]) -> Open:
        arguments = self._seal.open(row.arguments, place=f"{row.id} arguments")
        return Open(row.id, row.call_id, row.tool, arguments)


async def _latest(connection: AsyncConnection, wish: str) -> Row[Any] | None:
    uses = tool_uses.c
    columns = (uses.id, uses.round, uses.outcome, uses.result, uses.ended_at)
    of_wish = select(*columns).where(uses.wish == wish).order_by(uses.round.desc()).limit(1)
    return (await connection.execute(of_wish)).first()
