"""What has to be done for a caller after the call: open until somebody of the staff has done it.

A promise to call back, a wish for a person, a write whose end no program could find out. What was
said is sealed; who is behind it is in the call's own record.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.call_keys import CallSeals
from records.ledger import NotKept
from records.schema import call_keys, follow_ups
from records.sealing import Unreadable
from records.store import transact

UNSETTLED = "unsettled"
"""The kind of a write whose end has to be looked up by hand."""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """One thing to do. Times are seconds since 1970; `words` is None if another key sealed it."""

    id: str
    call_id: str
    kind: str
    tool_use: str | None
    words: Mapping[str, Any] | None
    promised_for: float | None
    opened_at: float
    done_at: float | None


class FollowUps:
    """Every one of them. All methods may raise `records.ledger.NotKept`."""

    def __init__(
        self, engine: AsyncEngine, seals: CallSeals, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._seals, self._clock = engine, seals, clock

    async def open(
        self,
        *,
        call_id: str,
        kind: str,
        words: Mapping[str, Any],
        promised_for: float | None = None,
        tool_use: str | None = None,
    ) -> None:
        """Have something done; once for each `tool_use`, a key of the ledger."""
        row_id = f"f{secrets.token_hex(4)}"
        row = {
            "id": row_id,
            "call_id": call_id,
            "kind": kind,
            "tool_use": tool_use,
            "promised_for": promised_for,
            "opened_at": self._clock(),
        }

        async def work(connection: AsyncConnection) -> None:
            place = f"{row_id} words"
            sealed = await self._seals.seal(connection, call_id, dict(words), place=place)
            await connection.execute(insert(follow_ups).values(**row, words=sealed))

        try:
            await transact(self._engine, work)
        except IntegrityError as error:
            if tool_use is None or not await self.has(tool_use):
                raise NotKept("the follow-up was refused by the database") from error

    async def has(self, tool_use: str) -> bool:
        """Whether that use, a key of the ledger, has opened one."""
        wanted = select(follow_ups.c.id).where(follow_ups.c.tool_use == tool_use)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(wanted)).first() is not None

        return await transact(self._engine, work)

    async def all(self, *, done: bool = False) -> list[FollowUp]:
        """What is to do, the oldest first; with `done` also what was done."""
        wanted = (
            select(follow_ups, call_keys.c.wrapped)
            .outerjoin(call_keys, call_keys.c.call_id == follow_ups.c.call_id)
            .order_by(follow_ups.c.opened_at)
        )
        if not done:
            wanted = wanted.where(follow_ups.c.done_at.is_(None))

        async def work(connection: AsyncConnection) -> Sequence[RowMapping]:
            return (await connection.execute(wanted)).mappings().all()

        rows = await transact(self._engine, work)
        names = [column.name for column in follow_ups.columns if column.name != "words"]
        return [
            FollowUp(**{name: row[name] for name in names}, words=self._words(row)) for row in rows
        ]

    async def done(self, row_id: str) -> bool:
        """Note that it was done; False if there is no such one to do."""
        row = follow_ups.c
        to_do = update(follow_ups).where(row.id == row_id, row.done_at.is_(None))

        async def work(connection: AsyncConnection) -> bool:
            changed = await connection.execute(to_do.values(done_at=self._clock()))
            return changed.rowcount == 1

        return await transact(self._engine, work)

    def _words(self, row: RowMapping) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._seals.open(
                row["call_id"], row["wrapped"], row["words"], place=f"{row['id']} words"
            )
        except Unreadable:
            return None
        return found
