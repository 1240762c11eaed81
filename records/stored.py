"""What the record knows of a recording once the storage has it.

For `records.recording.backlog`, in the worker's parent. The job of a recording may have died before
it could say anything of it but that it began.
"""

from functools import partial

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.recording.backlog import Stored
from records.recording.files import call_of
from records.schema import calls, recordings
from records.store import transact


async def mark_stored(engine: AsyncEngine, stored: Stored) -> None:
    """Write down that the storage has a recording.

    Raises:
        NotKept: it is not written down, and has to be once more.
    """
    await transact(engine, partial(_mark, stored))


async def _mark(stored: Stored, connection: AsyncConnection) -> None:
    known = {"bytes": stored.bytes, "sha256": stored.sha256, "stored_at": stored.stored_at}
    of_name = update(recordings).where(recordings.c.name == stored.name)
    if (await connection.execute(of_name.values(**known))).rowcount:
        if not stored.whole:
            # Its job was killed: it goes on until the call does, as far as anybody knows.
            ended = select(calls.c.ended_at).where(calls.c.id == recordings.c.call_id)
            seconds = func.coalesce(ended.scalar_subquery() - recordings.c.began_at, 0.0)
            await connection.execute(of_name.values(seconds=seconds))
        return
    # Its beginning never came into the record. A row all the same: without one, nobody who has to
    # forget the call would find its sound.
    call_id = call_of(stored.name)
    began = select(func.coalesce(calls.c.answered_at, calls.c.started_at)).where(
        calls.c.id == call_id
    )
    began_at = (await connection.execute(began)).scalar()
    row = {"name": stored.name, "call_id": call_id, "began_at": began_at or stored.stored_at}
    await connection.execute(insert(recordings).values(**row, seconds=0.0, **known))
