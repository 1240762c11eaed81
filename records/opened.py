"""The record as one call, one parent or one command has it open: its parts on one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.own_key import must_be_own
from records.sealing import Seal
from records.settings import RecordsAccess
from records.store import open_engine


@dataclass(frozen=True)
class Record:
    """What tools were asked to do, and what the staff have to do."""

    ledger: KeptLedger
    follow_ups: FollowUps


@asynccontextmanager
async def open_record(access: RecordsAccess, *, own: bool = False) -> AsyncIterator[Record]:
    """The record in the database of `access`, whose tables are there already.

    `own` asks whether it belongs to our key first, for whoever writes and was started by no worker.

    Raises:
        NotKept: with `own`, it belongs to another key or is out of order.
    """
    seal = Seal(access.key_bytes)
    async with open_engine(access) as engine:
        if own:
            await must_be_own(engine, seal)
        yield Record(KeptLedger(engine, seal), FollowUps(engine, seal))
