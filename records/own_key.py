"""A record belongs to one key: under another, no wish would be found again, and be done twice.

The database holds a proof of the key that it was begun with, a digest that only that key makes.
Taken by `records.upgrade` at a worker's start, asked for by whoever writes on without one.
"""

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.ledger import NotKept
from records.schema import record_key, tool_uses
from records.sealing import Seal, Unreadable
from records.store import transact


class WrongKey(NotKept):
    """The record was begun with another key; the message names the fix."""

    def __init__(self) -> None:
        super().__init__(
            "the record in the database of FRONTDESK_RECORDS_URL is sealed with another key: set"
            " FRONTDESK_RECORDS_KEY to the key it was begun with, or FRONTDESK_RECORDS_URL to a"
            " new database"
        )


def claim(connection: Connection, seal: Seal) -> None:
    """Have the record belong to the key of `seal`, if it does not belong to one yet.

    Raises:
        WrongKey: it belongs to another.
    """
    proof = connection.execute(select(record_key.c.proof)).scalar()
    if proof is None:
        _must_open(connection, seal)
        connection.execute(insert(record_key).values(one=1, proof=_proof(seal)))
    elif proof != _proof(seal):
        raise WrongKey


async def must_be_own(engine: AsyncEngine, seal: Seal) -> None:
    """Go on only if the record belongs to the key of `seal`.

    Raises:
        WrongKey: it belongs to another, or to none yet.
        NotKept: the database is out of order.
    """

    async def work(connection: AsyncConnection) -> str | None:
        return (await connection.execute(select(record_key.c.proof))).scalar()

    if await transact(engine, work) != _proof(seal):
        raise WrongKey


def _must_open(connection: Connection, seal: Seal) -> None:
    """Records of before there were proofs: their latest row tells the key."""
    uses = tool_uses.c
    latest = select(uses.id, uses.arguments).order_by(uses.started_at.desc()).limit(1)
    if row := connection.execute(latest).first():
        try:
            seal.open(row.arguments, place=f"{row.id} arguments")
        except Unreadable:
            raise WrongKey from None


def _proof(seal: Seal) -> str:
    return seal.digest("the key of this record")
