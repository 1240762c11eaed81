"""Who looked at, took out or destroyed what of the record: lines that cannot be altered unseen.

Each line holds a keyed digest of itself and of the line before it. Nothing of a caller is in it.
Written by the commands of `records` and by whatever deletes by age.
"""

import getpass
import socket
import time
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.ledger import NotKept
from records.rows import fitting
from records.schema import audit
from records.sealing import Seal
from records.store import Work, look, transact

# Lines have numbers in a row, and two may want the same one.
TRIES = 20


@dataclass(frozen=True)
class Line:
    """One thing that was done. `at`: seconds since 1970."""

    number: int
    at: float
    who: str
    did: str
    what: str


def somebody() -> str:
    """Who runs this program, as `user@machine`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


async def audited(
    engine: AsyncEngine, seal: Seal, work: Work[None], *, who: str, did: str, what: str
) -> None:
    """Do `work`, and add the line that tells of it: both or neither.

    Raises:
        NotKept: neither was done, or nobody knows.
    """

    async def both(connection: AsyncConnection) -> None:
        await work(connection)
        await _note(connection, seal, who=who, did=did, what=what)

    for _ in range(TRIES):
        try:
            await transact(engine, both)
        except IntegrityError:
            # Somebody else added a line in the same moment.
            continue
        return
    raise NotKept("too many wrote to the audit at once")


async def nothing(_: AsyncConnection) -> None:
    """Work for what is only told: that somebody looked."""


async def _note(connection: AsyncConnection, seal: Seal, *, who: str, did: str, what: str) -> None:
    latest = select(audit.c.number, audit.c.chained).order_by(audit.c.number.desc()).limit(1)
    before = (await connection.execute(latest)).first()
    number = 0 if before is None else before.number + 1
    line = Line(
        number,
        time.time(),
        fitting(audit, "who", who),
        fitting(audit, "did", did),
        fitting(audit, "what", what),
    )
    chained = _chained(seal, "" if before is None else before.chained, line)
    await connection.execute(insert(audit).values(**vars(line), chained=chained))


async def read(engine: AsyncEngine) -> list[Line]:
    """Every line, the oldest first."""
    return [line for line, _ in await _rows(engine)]


async def first_broken(engine: AsyncEngine, seal: Seal) -> int | None:
    """The number of the first line that was altered, or that follows one which is gone."""
    before = ""
    for place, (line, chained) in enumerate(await _rows(engine)):
        if line.number != place or chained != _chained(seal, before, line):
            return place
        before = chained
    return None


async def _rows(engine: AsyncEngine) -> list[tuple[Line, str]]:
    async def work(connection: AsyncConnection) -> list[tuple[Line, str]]:
        rows = (await connection.execute(select(audit).order_by(audit.c.number))).all()
        return [(Line(r.number, r.at, r.who, r.did, r.what), r.chained) for r in rows]

    return await look(engine, work)


def _chained(seal: Seal, before: str, line: Line) -> str:
    return seal.digest("audit", before, line.number, line.at, line.who, line.did, line.what)
