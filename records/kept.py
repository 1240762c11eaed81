"""The ledger in a database that all jobs and workers share.

Every method is one transaction, which is on the disk when it is told done. Two who begin the same
wish at the same time are parted by the database, not by anybody's memory.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.call_keys import CallSeals, wrapped_of
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
from records.schema import call_keys, consents, tool_uses
from records.sealing import Unreadable
from records.store import transact
from records.witness import Witness

# Without consent nobody keeps what a caller asked for once it is certain what became of it.
_NOT_AGREED = ("refused", "no_answer")


def has_ended() -> ColumnElement[bool]:
    """Whether it is certain what became of a use."""
    outcome = tool_uses.c.outcome
    return outcome.is_not(None) & (outcome != UNKNOWN)


class KeptLedger:
    """`records.ledger.Ledger` on `engine`; `clock` gives seconds since 1970."""

    def __init__(
        self, engine: AsyncEngine, seals: CallSeals, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._seals, self._clock = engine, seals, clock

    async def look(self, intent: Intent) -> Found | None:
        """See `Ledger`."""

        async def work(connection: AsyncConnection) -> Found | None:
            return await self._meaning(connection, await self._latest(connection, intent), intent)

        return await transact(self._engine, work)

    async def intend(self, intent: Intent, *, again: bool = False) -> Begun | Found:
        """See `Ledger`."""
        while True:
            try:
                return await transact(self._engine, partial(self._intend, intent, again=again))
            except IntegrityError:
                # Another call has begun the same wish between our look and our row.
                continue

    async def end(
        self, key: str, outcome: str, reason: str = "", result: Mapping[str, Any] | None = None
    ) -> bool:
        """See `Ledger`."""
        uses = tool_uses.c
        still_open = or_(uses.outcome.is_(None), uses.outcome == UNKNOWN)
        ended = {"outcome": outcome, "reason": reason, "ended_at": self._clock()}

        async def work(connection: AsyncConnection) -> bool:
            call_id = (
                await connection.execute(select(uses.call_id).where(uses.id == key))
            ).scalar()
            if call_id is None:
                return False
            sealed = await self._seals.seal(
                connection, call_id, dict(result or {}), place=f"{key} result"
            )
            statement = update(tool_uses).where(uses.id == key, still_open)
            changed = await connection.execute(statement.values(result=sealed, **ended))
            refused = select(consents.c.call_id).where(consents.c.answer.in_(_NOT_AGREED))
            unkept = update(tool_uses).where(uses.id == key, has_ended())
            await connection.execute(unkept.where(uses.call_id.in_(refused)).values(arguments=b""))
            return changed.rowcount == 1

        return await transact(self._engine, work)

    async def lease(self, *, lease_s: float, most: int = 20) -> list[Open]:
        """See `Ledger`."""
        now, uses = self._clock(), tool_uses.c
        late = and_(self._late(), uses.leased_until < now)
        columns = (
            *(uses.id, uses.call_id, uses.tool),
            *(uses.started_at, uses.arguments, uses.witness, call_keys.c.wrapped),
        )
        wanted = (
            select(*columns)
            .outerjoin(call_keys, call_keys.c.call_id == uses.call_id)
            .where(late)
            .order_by(uses.leased_until, uses.started_at)
            .limit(most)
            .with_for_update(skip_locked=True, of=tool_uses)
        )

        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            rows = (await connection.execute(wanted)).all()
            leased = update(tool_uses).where(uses.id.in_([row.id for row in rows]))
            await connection.execute(leased.values(leased_until=now + lease_s))
            return rows

        return [self._opened(row) for row in await transact(self._engine, work)]

    async def unsettled(self) -> int:
        """See `Ledger`."""
        counted = select(func.count()).select_from(tool_uses).where(self._late())

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(counted)).scalar_one())

        return await transact(self._engine, work)

    async def _intend(
        self, intent: Intent, connection: AsyncConnection, *, again: bool
    ) -> Begun | Found:
        latest = await self._latest(connection, intent)
        found = await self._meaning(connection, latest, intent)
        if isinstance(found, InDoubt) or (found and not again):
            return found
        key = f"fd-{secrets.token_hex(16)}"
        now = self._clock()
        row = {
            "id": key,
            "call_id": intent.call_id,
            "tool": intent.tool,
            "wish": self._wish(intent),
            "topic": self._topic(intent),
            "round": 0 if latest is None else latest.round + 1,
            "arguments": await self._seals.seal(
                connection, intent.call_id, dict(intent.arguments), place=f"{key} arguments"
            ),
            "reason": "",
            "witness": intent.witness.value,
            "started_at": now,
            "deadline_at": now + intent.deadline_s,
            "leased_until": 0.0,
        }
        await connection.execute(insert(tool_uses).values(**row))
        return Begun(key)

    def _late(self) -> ColumnElement[bool]:
        """Rows without a certain end that nobody is at any more."""
        uses, now = tool_uses.c, self._clock()
        no_end = or_(uses.outcome.is_(None), uses.outcome == UNKNOWN)
        # What is yet to begin was written by a clock that runs ahead, and it alone knows how far:
        # nobody waits as long. Asking after what is still going on fences it, at worst.
        over = or_(uses.deadline_at < now - MARGIN_S, uses.started_at > now + MARGIN_S)
        return and_(no_end, over)

    async def _meaning(
        self, connection: AsyncConnection, latest: Row[Any] | None, intent: Intent
    ) -> Found | None:
        """What the latest row of a wish says about it now."""
        if latest is None:
            return None
        now = self._clock()
        if latest.outcome in (None, UNKNOWN):
            at_it = latest.outcome is None and now < latest.deadline_at + MARGIN_S
            return InDoubt(latest.id, running=at_it, witness=Witness(latest.witness))
        fresh = latest.outcome == DONE and now - latest.ended_at < intent.once_s
        if fresh and not await self._undone(connection, latest, intent):
            wrapped = await wrapped_of(connection, latest.call_id)
            place = f"{latest.id} result"
            try:
                return AlreadyDone(
                    self._seals.open(latest.call_id, wrapped, latest.result, place=place)
                )
            except Unreadable as error:
                raise NotKept(str(error)) from error
        return None

    async def _latest(self, connection: AsyncConnection, intent: Intent) -> Row[Any] | None:
        uses = tool_uses.c
        columns = (
            *(uses.id, uses.call_id, uses.round, uses.outcome, uses.result),
            *(uses.started_at, uses.deadline_at, uses.ended_at, uses.witness),
        )
        of_wish = select(*columns).where(uses.wish == self._wish(intent))
        return (await connection.execute(of_wish.order_by(uses.round.desc()).limit(1))).first()

    async def _undone(self, connection: AsyncConnection, done: Row[Any], intent: Intent) -> bool:
        if not intent.topic:
            return False
        uses = tool_uses.c
        later = select(uses.id).where(
            uses.topic == self._topic(intent),
            uses.id != done.id,
            uses.outcome == DONE,
            # By their beginning: when an end was found out says nothing about its order.
            uses.started_at >= done.started_at,
        )
        return (await connection.execute(later.limit(1))).first() is not None

    def _topic(self, intent: Intent) -> str | None:
        return self._seals.records.digest(intent.subject, intent.topic) if intent.topic else None

    def _wish(self, intent: Intent) -> str:
        return self._seals.records.digest(intent.subject, intent.tool, dict(intent.arguments))

    def _opened(self, row: Row[Any]) -> Open:
        arguments: Mapping[str, Any] | None
        try:
            place = f"{row.id} arguments"
            arguments = self._seals.open(row.call_id, row.wrapped, row.arguments, place=place)
        except Unreadable:
            # Its end can be found out all the same: the back office knows it by its key.
            arguments = None
        return Open(
            *(row.id, row.call_id, row.tool, row.started_at, arguments), Witness(row.witness)
        )
