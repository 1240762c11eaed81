"""The keys of calls where they are kept: a row for each call, beside what it opens.

Used within transactions of the ledger, of follow-ups and of filing. A row whose key was destroyed
stays, empty: whoever comes late with entries of that call must not bring back what is forgotten.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, Table, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.keyring import CallKey, Keyring, keyring_of, known_key
from records.schema import call_keys
from records.sealing import Seal, Unreadable

DESTROYED = b""


def insert_once(connection: AsyncConnection, table: Table) -> Insert:
    """An insert that passes over rows which are there."""
    if connection.dialect.name == "postgresql":
        return postgresql_insert(table).on_conflict_do_nothing()
    return sqlite_insert(table).on_conflict_do_nothing()


async def kept_key(connection: AsyncConnection, key: CallKey) -> bool:
    """Keep the key of a call that goes on; False if it was destroyed already."""
    row = {"call_id": key.call_id, "wrapped": key.wrapped}
    await connection.execute(insert_once(connection, call_keys).values(**row))
    return await wrapped_of(connection, key.call_id) == key.wrapped


async def wrapped_of(connection: AsyncConnection, call_id: str) -> bytes | None:
    """The wrapped key of a call; DESTROYED, or None for a call of before there were keys."""
    wanted = select(call_keys.c.wrapped).where(call_keys.c.call_id == call_id)
    return (await connection.execute(wanted)).scalar()


@dataclass(frozen=True)
class CallSeals:
    """Seals and opens what is kept of calls, each with its own key.

    `own` is the key of the call that this process holds. What was kept before calls had keys was
    sealed by `records`, the seal of the whole record.
    """

    keyring: Keyring
    records: Seal
    own: CallKey | None = None

    async def seal(
        self, connection: AsyncConnection, call_id: str, value: dict[str, Any], *, place: str
    ) -> bytes:
        """`value` sealed with the key of a call; nothing of it once that is destroyed."""
        if self.own is not None and self.own.call_id == call_id:
            known = await kept_key(connection, self.own)
            return self.own.seal.seal(value if known else {}, place=place)
        wrapped = await wrapped_of(connection, call_id)
        if wrapped == DESTROYED:
            return self.records.seal({}, place=place)
        return self._of(call_id, wrapped).seal(value, place=place)

    def open(self, call_id: str, wrapped: bytes | None, sealed: bytes, *, place: str) -> Any:
        """What was sealed; `wrapped` is the call's key as it is kept.

        Raises:
            Unreadable: it was destroyed, or sealed with another key.
        """
        try:
            return self._of(call_id, wrapped).open(sealed, place=place)
        except Unreadable:
            return self.records.open(sealed, place=place)

    def _of(self, call_id: str, wrapped: bytes | None) -> Seal:
        if not wrapped:
            return self.records
        if self.own is not None and self.own.wrapped == wrapped:
            return self.own.seal
        return known_key(self.keyring, call_id, wrapped).seal


def seals_of(key: bytes, own: CallKey | None = None) -> CallSeals:
    """The seals of a record by the 32 bytes of its key, for whoever holds the call of `own`."""
    return CallSeals(keyring_of(key), Seal(key), own)
