"""How long what is kept: sound, words, facts, each by its own age; the audit stays. Done by every
parent, by the hour, and by `python -m records retain`.

Sound and words go like a forgotten caller's (`records.erasing`); facts go last, with everything
that hangs on them. What nobody knows the end of stays until somebody does.
"""

import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from functools import partial

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records import schema
from records.erasing import AT_ONCE, Eraser, Sounds
from records.ledger import UNKNOWN
from records.settings import Retention
from records.store import look, transact

DAY_S = 86_400.0
BY_AGE = "retention"


class Class(StrEnum):
    """What has an age of its own: a closed set."""

    SOUND = "sound"
    WORDS = "words"
    FACTS = "facts"


class Expiry:
    """Deletes what is old. Its methods may raise `records.ledger.NotKept`."""

    def __init__(
        self,
        engine: AsyncEngine,
        eraser: Eraser,
        sounds: Sounds,
        retention: Retention,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._eraser, self._sounds = engine, eraser, sounds
        self._retention, self._clock = retention, clock

    async def retain(self) -> Counter[Class]:
        """Delete everything that is older than it may be; how many calls lost what."""
        found: Counter[Class] = Counter()
        found[Class.SOUND] = await self._sound()
        found[Class.WORDS] = await self._words()
        found[Class.FACTS] = await self._facts()
        return found

    async def _sound(self) -> int:
        calls, rows = schema.calls.c, schema.recordings.c
        old = (
            select(rows.call_id, rows.name)
            .join(schema.calls, calls.id == rows.call_id)
            .where(self._older(self._retention.sound_days))
        )

        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            return [(row.call_id, row.name) for row in await connection.execute(old)]

        deleted = 0
        for call_id, name in await look(self._engine, work):
            if await self._sounds.delete(call_id, name):
                await transact(self._engine, partial(_forget_sound, name))
                deleted += 1
        return deleted

    async def _words(self) -> int:
        not_yet = schema.calls.c.erased_at.is_(None)
        ids = await self._ids(self._older(self._retention.words_days), not_yet)
        if ids:
            await self._eraser.erase(ids, why="age", who=BY_AGE)
        else:
            await self._eraser.delete_files()
            await self._eraser.delete_sounds()
        return len(ids)

    async def _facts(self) -> int:
        # Its recording first: without a row nobody would delete it.
        sound = select(schema.recordings.c.call_id)
        uses = schema.tool_uses.c
        open_ = or_(uses.outcome.is_(None), uses.outcome == UNKNOWN)
        unsettled = select(uses.call_id).where(open_)
        ids = await self._ids(
            self._older(self._retention.facts_days),
            schema.calls.c.erased_at.is_not(None),
            schema.calls.c.id.not_in(sound),
            schema.calls.c.id.not_in(unsettled),
        )
        for begin in range(0, len(ids), AT_ONCE):
            await transact(self._engine, partial(_forget_facts, ids[begin : begin + AT_ONCE]))
        return len(ids)

    def _older(self, days: int | None) -> ColumnElement[bool]:
        calls = schema.calls.c
        before = 0.0 if days is None else self._clock() - days * DAY_S
        return calls.outcome.is_not(None) & (calls.ended_at < before)

    async def _ids(self, *conditions: ColumnElement[bool]) -> list[str]:
        wanted = select(schema.calls.c.id).where(*conditions).order_by(schema.calls.c.ended_at)

        async def work(connection: AsyncConnection) -> list[str]:
            return list((await connection.execute(wanted)).scalars())

        return await look(self._engine, work)


async def _forget_sound(name: str, connection: AsyncConnection) -> None:
    rows = schema.recordings.c
    await connection.execute(delete(schema.recordings).where(rows.name == name))


async def _forget_facts(ids: list[str], connection: AsyncConnection) -> None:
    # Follow-ups point at uses of tools: first what points, then what it points at.
    for table in reversed(schema.metadata.sorted_tables):
        if "call_id" in table.c:
            await connection.execute(delete(table).where(table.c.call_id.in_(ids)))
    await connection.execute(delete(schema.calls).where(schema.calls.c.id.in_(ids)))
