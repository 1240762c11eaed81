"""The parent counts a lost call once, whoever closes its record in the end."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agent.housekeeping import House
from agent.reports import CallEnded, CallStarted, Report
from records.closing import Closer
from records.journal import begin
from records.keyring import SettingsKeyring
from records.opened import open_record
from records.prices import load_prices
from records.recording.storage import open_storage
from records.settings import RecordingStorage, RecordsAccess
from records.spool import Room
from records.upgrade import upgrade

WITHIN_S = 5.0
CLOSED = "frontdesk_records_closed_lost_total"


async def test_a_lost_call_that_was_counted_is_not_counted_again(
    access: RecordsAccess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job's parent counted it at its death; the database took its end only later."""
    monkeypatch.setenv("FRONTDESK_RECORDINGS_WAITING", str(tmp_path / "waiting"))
    storage = open_storage(RecordingStorage(url=str(tmp_path / "sound")))
    spool, told, both = tmp_path / "spool", list[str](), asyncio.Event()
    await upgrade(access)
    for call_id in ("counted", "uncounted"):
        room, keyring = Room(spool, 10**7), SettingsKeyring(access.key_bytes)
        journal = begin(spool, keyring, call_id, room=room)
        journal.write("started", profile="acme")
        journal.close()
    before = REGISTRY.get_sample_value(CLOSED) or 0.0

    def count(report: Report, call: CallStarted | None) -> None:
        assert isinstance(report, CallEnded)
        assert call is not None
        told.append(call.call_id)
        both.set()

    async with open_record(access) as record:
        closer = Closer(record.engine, record.seals, spool)
        house = House(record, closer, book=load_prices(), storage=storage, spool=spool)
        house.count, house.counted = count, {"counted"}
        async with house.kept(), asyncio.timeout(WITHIN_S):
            # Both are closed in one round, this one after the other.
            await both.wait()

    assert told == ["uncounted"]
    assert house.counted == set()
    assert REGISTRY.get_sample_value(CLOSED) == before + 1
