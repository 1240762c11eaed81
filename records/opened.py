"""The record as one call, one parent or one command has it open: its parts on one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from records.call_keys import CallSeals, seals_of
from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.keyring import CallKey
from records.own_key import must_be_own
from records.reading import Reader
from records.settings import RecordsAccess
from records.store import open_engine


@dataclass(frozen=True)
class Record:
    """What tools were asked to do, what staff have to do, and what everything is sealed with."""

    engine: AsyncEngine
    seals: CallSeals
    ledger: KeptLedger
    follow_ups: FollowUps

    @property
    def reader(self) -> Reader:
        """Reads the calls."""
        return Reader(self.engine, self.seals)


@asynccontextmanager
async def open_record(
    access: RecordsAccess, *, call: CallKey | None = None, own: bool = False
) -> AsyncIterator[Record]:
    """The record in the database of `access`, whose tables are there already.

    `call` is the key of the call that this process holds. `own` asks whether the record belongs to
    our key first, for whoever writes and was started by no worker.

    Raises:
        NotKept: with `own`, it belongs to another key or is out of order.
    """
    seals = seals_of(access.key_bytes, call)
    async with open_engine(access) as engine:
        if own:
            await must_be_own(engine, seals.records)
        yield Record(engine, seals, KeptLedger(engine, seals), FollowUps(engine, seals))
