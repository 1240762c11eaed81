"""Destroys what is left of a caller, or of calls that are too old: what opens it, then the rest.

A call's key goes first: from then on nothing that is sealed with it can be read, in the database,
in a storage, on a disk that is away; a backup opens only for whoever has the record's key and the
backup's own copy of the call's. Then the rows, the sound, and every file that was made out of them.
Facts without a person stay: that there was a call, how long, what it cost, how it ended.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import structlog
from sqlalchemy import Delete, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records import schema
from records.audit import audited
from records.call_keys import DESTROYED, CallSeals
from records.closing import Closer
from records.journal import JOURNAL, read_journal
from records.ledger import UNKNOWN
from records.overwriting import overwrite
from records.products import here
from records.rows import caller_digest
from records.sealing import Unreadable
from records.spool import Busy, SpoolFile, is_held
from records.store import look, transact

Why = Literal["wish", "age"]
AT_ONCE = 50

log = structlog.get_logger(__name__)


class Sounds(Protocol):
    """Where recordings are, on this machine and in the storage."""

    async def delete(self, call_id: str, name: str) -> bool:
        """Have no recording of that name; False if the storage is away."""


@dataclass
class Erased:
    """What was destroyed, and what could not be yet."""

    calls: int = 0
    files: int = 0
    in_progress: list[str] = field(default_factory=list)
    """Calls that go on: they are not touched."""
    sounds_left: int = 0
    """Recordings in a storage that is away; nobody can open them, and they are deleted later."""
    files_left: list[str] = field(default_factory=list)
    """Files that cannot be deleted from here, each with its machine."""

    @property
    def whole(self) -> bool:
        """Whether nothing is left to do, as far as is known here."""
        return not (self.in_progress or self.sounds_left or self.files_left)

    def told(self) -> Iterator[str]:
        """What of it whoever asked has to know, a sentence each."""
        if self.in_progress:
            yield (
                f"{len(self.in_progress)} calls go on and are untouched: erase again once they have"
                " ended"
            )
        if self.sounds_left:
            yield (
                f"{self.sounds_left} recordings are in a storage that is away, or on a disk that"
                " does not let go of them: nobody can open them any more, and workers delete them"
                " once they can"
            )
        for file in self.files_left:
            yield f"still there: {file}; delete it there, by hand or by `retain`"


class Eraser:
    """Destroys parts of one record. Its methods may raise `records.ledger.NotKept`."""

    def __init__(self, engine: AsyncEngine, seals: CallSeals, sounds: Sounds, spool: Path) -> None:
        self._engine, self._seals, self._sounds, self._spool = engine, seals, sounds, spool

    async def erase_caller(self, number: str, *, who: str) -> Erased:
        """Forget everything of whoever called from `number`, E.164."""
        held = await self._file_what_is_left(number)
        calls = schema.calls.c
        of_caller = select(calls.id, calls.outcome).where(
            calls.caller_digest == caller_digest(self._seals.records, number)
        )

        async def work(connection: AsyncConnection) -> list[tuple[str, str | None]]:
            return [(row.id, row.outcome) for row in await connection.execute(of_caller)]

        found = await look(self._engine, work)
        ended = [call_id for call_id, outcome in found if outcome is not None]
        erased = await self.erase(ended, why="wish", who=who)
        going_on = {call_id for call_id, outcome in found if outcome is None}
        erased.in_progress = sorted(going_on | held)
        return erased

    async def _file_what_is_left(self, number: str) -> set[str]:
        """Have this machine's calls of `number` in the database that it does not know yet.

        Returns those that go on.
        """
        held: set[str] = set()
        closer = Closer(self._engine, self._seals, self._spool)
        for file in sorted(self._spool.glob(f"*/{JOURNAL}")):
            try:
                begun = read_journal(file.parent, self._seals.keyring)[:1]
            except (OSError, Unreadable, ValueError, KeyError):
                # Of another record, or being removed at this moment.
                continue
            if any(entry.fields.get("caller") == number for entry in begun):
                if is_held(file):
                    held |= {file.parent.name} if file.exists() else set()
                else:
                    await closer.finish(file.parent.name)
        return held

    async def erase(self, call_ids: Sequence[str], *, why: Why, who: str) -> Erased:
        """Forget whoever is in these calls, which have ended."""
        erased = Erased()
        for begin in range(0, len(call_ids), AT_ONCE):
            some = call_ids[begin : begin + AT_ONCE]
            await transact(self._engine, partial(_destroy, some))
            erased.files_left += [left for one in some for left in _empty(self._spool / one)]
            erased.calls += len(some)
        erased.files = await self.delete_files()
        erased.files_left += await self._files_that_are_left()
        erased.sounds_left = await self.delete_sounds()
        if call_ids or why == "wish":
            await self._note(erased, why, who)
        await overwrite(self._engine)
        return erased

    async def delete_sounds(self) -> int:
        """Delete the recordings of forgotten calls; how many a storage still has that is away."""
        rows, calls = schema.recordings.c, schema.calls.c
        forgotten = select(rows.call_id, rows.name).join(
            schema.calls, calls.id == rows.call_id
        ).where(calls.erased_at.is_not(None))  # fmt: skip

        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            return [(row.call_id, row.name) for row in await connection.execute(forgotten)]

        left = 0
        for call_id, name in await look(self._engine, work):
            if await self._sounds.delete(call_id, name):
                gone = delete(schema.recordings).where(rows.name == name)
                await transact(self._engine, partial(_do, gone))
            else:
                left += 1
        return left

    async def delete_files(self) -> int:
        """Delete what was made out of forgotten calls on this machine; how many files there were.

        One that cannot be deleted keeps its row, and is tried again by whoever comes next.
        """
        rows, calls = schema.products.c, schema.calls.c
        forgotten = (
            select(rows.path)
            .join(schema.calls, calls.id == rows.call_id)
            .where(calls.erased_at.is_not(None), rows.machine == here())
            .distinct()
        )

        async def work(connection: AsyncConnection) -> list[str]:
            return list((await connection.execute(forgotten)).scalars())

        files = 0
        for path in await look(self._engine, work):
            try:
                files += _unlinked(Path(path)) + _unlinked(Path(f"{path}.part"))
            except OSError as error:
                log.error(  # noqa: TRY400 - the operator needs the sentence
                    "a file of a forgotten call cannot be deleted: delete it by hand",
                    error=error.strerror or str(error),
                )
                continue
            gone = delete(schema.products).where(rows.path == path, rows.machine == here())
            await transact(self._engine, partial(_do, gone))
        return files

    async def _files_that_are_left(self) -> list[str]:
        """Of whatever forgotten caller: who asks again finds nobody by the number."""
        rows, calls = schema.products.c, schema.calls.c
        of_forgotten = (
            select(rows.path, rows.machine)
            .join(schema.calls, calls.id == rows.call_id)
            .where(calls.erased_at.is_not(None))
            .distinct()
        )

        async def work(connection: AsyncConnection) -> list[str]:
            left = (await connection.execute(of_forgotten)).all()
            return [f"{row.path} on {row.machine}" for row in left]

        return await look(self._engine, work)

    async def _note(self, erased: Erased, why: Why, who: str) -> None:
        row = {
            "id": f"e{secrets.token_hex(8)}",
            "at": time.time(),
            "why": why,
            "calls": erased.calls,
            "files": erased.files,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(schema.erasures).values(**row))

        what = f"{row['id']}: {erased.calls} calls, {erased.files} files, by {why}"
        await audited(self._engine, self._seals.records, work, who=who, did="erase", what=what)


def _empty(folder: Path) -> list[str]:
    """Take away what a worker of this machine has left of a call that has ended; what stays."""
    journal = folder / JOURNAL
    # Busy: whoever has it files facts alone, now that the key is destroyed, and takes it away.
    with contextlib.suppress(OSError, Busy):
        SpoolFile.adopt(journal)[0].remove()
    try:
        stays = journal.exists() and not is_held(journal)
    except OSError:
        # A folder that lets nobody look.
        stays = True
    return [f"{journal} on {here()}"] if stays else []


def _unlinked(file: Path) -> bool:
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


async def _do(statement: Delete, connection: AsyncConnection) -> None:
    await connection.execute(statement)


async def _destroy(ids: Sequence[str], connection: AsyncConnection) -> None:
    """Keys, words, numbers and arguments of these calls."""
    uses, calls, promises = schema.tool_uses.c, schema.calls.c, schema.follow_ups.c
    now = time.time()
    for statement in (
        update(schema.call_keys)
        .where(schema.call_keys.c.call_id.in_(ids))
        .values(wrapped=DESTROYED),
        delete(schema.turns).where(schema.turns.c.call_id.in_(ids)),
        update(schema.calls)
        .where(calls.id.in_(ids))
        .values(caller=None, caller_digest=None, sip_call_id="", erased_at=now),
        update(schema.tool_uses).where(uses.call_id.in_(ids)).values(arguments=b"", result=None),
        # A write that nobody knows the end of stays findable until somebody does.
        update(schema.tool_uses)
        .where(uses.call_id.in_(ids), uses.outcome.is_not(None), uses.outcome != UNKNOWN)
        .values(wish=None, topic=None),
        update(schema.follow_ups)
        .where(promises.call_id.in_(ids), promises.done_at.is_(None))
        .values(done_at=now),
        update(schema.follow_ups).where(promises.call_id.in_(ids)).values(words=b""),
    ):
        await connection.execute(statement)
