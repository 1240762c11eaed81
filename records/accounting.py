"""Works out what ended calls have cost, by the terms that they began with.

Done by every worker's parent, so that a call whose job died costs what it cost all the same. While
a call goes on its job says what has been spent so far; the day's sum holds that too.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.call_keys import CallSeals
from records.costing import Terms, Used, lines_of, total_micro
from records.ledger import NotKept
from records.prices import PriceBook
from records.reading import Reader
from records.schema import calls, cost_lines
from records.store import look, transact
from records.view import CostLine

# What a job writes last comes in one transaction with its end, or from its spool a moment later.
AFTER_S = 0.5
AT_ONCE = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Costed:
    """One call whose cost is in the record now; `before` is what had been worked out, if anything.

    What comes into the record late is paid too: then there is more than before.
    """

    call_id: str
    profile: str
    lines: list[CostLine]
    before: list[CostLine]

    def more_micro(self) -> dict[str, int]:
        """What each kind costs more than before, in millionths; what became cheaper is left out."""
        more = Counter[str]()
        for line in self.lines:
            more[line.kind] += line.amount_micro
        for line in self.before:
            more[line.kind] -= line.amount_micro
        return dict(+more)


@dataclass(frozen=True)
class _Tried:
    """A cost that was worked out, and of which nobody knows whether the database took it."""

    at: float
    before: list[CostLine]


class Accounting:
    """The cost of calls in one record. Its methods may raise `records.ledger.NotKept`."""

    def __init__(
        self,
        engine: AsyncEngine,
        seals: CallSeals,
        book: PriceBook,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._book, self._clock = engine, book, clock
        self._reader = Reader(engine, seals)
        self._tried: dict[str, _Tried] = {}
        self._turn = asyncio.Lock()

    async def settle(self) -> list[Costed]:
        """Work out some calls that have ended since; none is left when it returns none.

        Each is told once, by the worker that did it. If the database fails after some, these are
        told: they are in the record, and nobody would ever tell of them again.
        """
        async with self._turn:
            return await self._settle_some()

    async def _settle_some(self) -> list[Costed]:
        wanted = (
            select(calls.c.id, calls.c.terms)
            .where(or_(calls.c.costed_at.is_(None), calls.c.id.in_(self._tried)))
            .where(calls.c.outcome.is_not(None))
            .where(calls.c.ended_at < self._clock() - AFTER_S)
            .order_by(calls.c.ended_at)
            .limit(AT_ONCE)
        )

        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            return [(row.id, row.terms) for row in await connection.execute(wanted)]

        found: list[Costed] = []
        try:
            for call_id, terms in await look(self._engine, work):
                costed = await self._tell_of(call_id, terms)
                found += [costed] if costed else []
        except NotKept:
            if not found:
                raise
        return found

    async def _tell_of(self, call_id: str, terms: str) -> Costed | None:
        try:
            return await self._settle(call_id, Terms(**json.loads(terms)))
        except (TypeError, ValueError) as error:
            # One that cannot be read must not keep all others from having a cost.
            log.error(  # noqa: TRY400 - told by kind
                "a call's cost cannot be worked out: a newer worker wrote its record, or"
                " somebody's hand; it has none in its record",
                call=call_id,
                error=type(error).__name__,
            )
            self._tried.pop(call_id, None)
            await transact(self._engine, partial(self._given_up, call_id))
            return None

    async def _given_up(self, call_id: str, connection: AsyncConnection) -> None:
        of_call = update(calls).where(calls.c.id == call_id)
        await connection.execute(of_call.values(costed_at=self._clock()))

    async def spent_since(self, since: float) -> int:
        """Millionths that the calls begun since then have cost so far; those that go on too."""
        wanted = select(func.coalesce(func.sum(calls.c.spent_micro), 0))

        async def work(connection: AsyncConnection) -> int:
            summed = await connection.execute(wanted.where(calls.c.started_at >= since))
            return int(summed.scalar_one())

        return await look(self._engine, work)

    async def _settle(self, call_id: str, terms: Terms) -> Costed | None:
        call = await self._reader.call(call_id)
        if call is None:
            self._tried.pop(call_id, None)
            return None
        again = call_id in self._tried
        tried = self._tried.setdefault(call_id, _Tried(self._clock(), call.cost))
        lines = lines_of(Used.by(call), self._book, terms)
        rows = [
            {"call_id": call_id, "line": number, **line.model_dump()}
            for number, line in enumerate(lines)
        ]

        async def work(connection: AsyncConnection) -> bool:
            done = {"costed_at": tried.at, "spent_micro": total_micro(lines)}
            of_call = update(calls).where(calls.c.id == call_id, calls.c.costed_at.is_(None))
            if (await connection.execute(of_call.values(**done))).rowcount == 0:
                stands = select(calls.c.costed_at).where(calls.c.id == call_id)
                # Another worker was first; or we were, and the database took it too late to say so.
                return again and (await connection.execute(stands)).scalar_one() == tried.at
            await connection.execute(delete(cost_lines).where(cost_lines.c.call_id == call_id))
            if rows:
                await connection.execute(insert(cost_lines), rows)
            return True

        ours = await transact(self._engine, work)
        del self._tried[call_id]
        return Costed(call_id, call.profile, lines, tried.before) if ours else None


def midnight(now: float) -> float:
    """When the UTC day of `now` began; seconds since 1970."""
    return (
        datetime.fromtimestamp(now, UTC)
        .replace(hour=0, minute=0, second=0, microsecond=0)
        .timestamp()
    )
