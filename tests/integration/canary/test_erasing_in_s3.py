"""Erasing by the real command where production has its record: PostgreSQL, with sound in S3."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from records.filing import file_entries
from records.journal import begin
from records.keyring import SettingsKeyring
from records.opened import open_record
from records.recording.files import WHOLE, name_of
from records.recording.sealed import SealedWriter
from records.recording.storage import NotStored, open_storage
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.integration.canary.searching import Search
from tests.integration.conftest import RECORDS_KEY, in_postgres
from tests.integration.postgres import Postgres
from tests.integration.recording.s3 import S3, SECRET, USER, serving

CALLER, CALL = "+15550001111", "c1"
WORDS = "zebra pyjamas"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A storage that speaks S3."""
    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


async def one_call(access: RecordsAccess, s3: S3, folder: Path) -> bytes:
    """A call with words and with sound in the storage; its wrapped key."""
    await upgrade(access)
    room, keyring = Room(access.spool, 10**7), SettingsKeyring(access.key_bytes)
    journal, name = begin(access.spool, keyring, CALL, room=room), name_of(CALL)
    sealed = folder / f"{name}{WHOLE}"
    written = SealedWriter(sealed, journal.key.key, CALL)
    written.write(b"OggS and the rest of it")
    written.close()
    sha256 = hashlib.sha256(sealed.read_bytes()).hexdigest()
    await open_storage(s3.settings()).put(name, sealed, sha256)
    journal.write("started", profile="acme", caller=CALLER, terms={})
    journal.write("turn", speaker="caller", text=WORDS)
    journal.write("recording", name=name, began_at=1.0)
    journal.write("recorded", seconds=3.0, bytes=written.size, sha256=sha256)
    journal.write("ended", outcome="completed")
    async with open_record(access, call=journal.key) as record:
        await file_entries(record.engine, journal, record.seals.records, alive=False)
    # What a job leaves that was killed right after its end.
    journal.close()
    return journal.key.wrapped


def erased(access: RecordsAccess, s3: S3, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The command, as an operator runs it."""
    settings = {
        "FRONTDESK_RECORDS_URL": access.url,
        "FRONTDESK_RECORDS_KEY": RECORDS_KEY,
        "FRONTDESK_RECORDS_SPOOL": str(access.spool),
        "FRONTDESK_RECORDINGS_URL": s3.settings().url,
        "FRONTDESK_RECORDINGS_ENDPOINT": s3.endpoint,
        "FRONTDESK_RECORDINGS_REGION": "us-east-1",
        "FRONTDESK_RECORDINGS_ACCESS_KEY_ID": USER,
        "FRONTDESK_RECORDINGS_SECRET_ACCESS_KEY": SECRET,
        "FRONTDESK_RECORDINGS_CONNECT_TIMEOUT_S": "1",
        "FRONTDESK_RECORDINGS_WAITING": str(folder / "waiting"),
    }
    return subprocess.run(
        [sys.executable, "-m", "records", "erase", "--caller", CALLER],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(server: Postgres, access: RecordsAccess) -> bytes:
    """Every row of every table, bytes as hexadecimal digits."""
    name = access.url.partition("?")[0].rpartition("/")[2]
    tables = server.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name)
    found = []
    for (table,) in tables:
        everything = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
        found += [row for (row,) in server.ask(everything, name)]
    return "\n".join(found).encode()


def files_with(server: Postgres, value: bytes) -> list[str]:
    """Files of tables that hold these bytes; the write-ahead log is not among them."""
    server.ask("CHECKPOINT")
    files = [file for file in (server.folder / "data" / "base").rglob("*") if file.is_file()]
    return [file.name for file in files if value in file.read_bytes()]


async def test_a_caller_is_erased_from_postgresql_and_s3(
    postgres: Postgres, s3: S3, tmp_path: Path
) -> None:
    """Rows, key, spool, sound; a storage that is away is told, and made up for by the next try."""
    access = in_postgres(postgres).model_copy(update={"spool": tmp_path / "spool"})
    key = await one_call(access, s3, tmp_path)
    assert key.hex().encode() in rows(postgres, access)
    assert files_with(postgres, key)
    s3.stop()
    away = erased(access, s3, tmp_path)

    assert away.returncode == 2, away.stderr
    assert "1 recordings are in a storage that is away" in away.stderr
    assert key.hex().encode() not in rows(postgres, access)
    assert files_with(postgres, key) == []
    assert Search([WORDS, CALLER[1:]]).found(rows(postgres, access)) == []
    assert not (access.spool / CALL).exists()
    s3.start()
    assert erased(access, s3, tmp_path).returncode == 0
    with pytest.raises(NotStored):
        await open_storage(s3.settings()).get(name_of(CALL))
