"""`python -m records` on a record with calls in it: what people and programs get and are told."""

import asyncio
import base64
import csv
import io
import json
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from records.__main__ import app
from records.filing import file_entries
from records.journal import Journal, begin
from records.keyring import SettingsKeyring
from records.opened import open_record
from records.recording.files import name_of
from records.recording.sealed import SealedWriter
from records.settings import RecordsAccess
from records.spool import Room
from records.upgrade import upgrade
from tests.journals import KEY

CALLER = "+15550001111"
SOUND = b"OggS and the rest of it"
BEGAN = 1_790_000_000.0


@pytest.fixture(autouse=True)
def _record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A record with three calls, one of them recorded; its settings are those of this process."""
    for name, value in {
        "FRONTDESK_RECORDS_URL": f"sqlite+aiosqlite:///{tmp_path}/records.db",
        "FRONTDESK_RECORDS_KEY": base64.b64encode(KEY).decode(),
        "FRONTDESK_RECORDS_SPOOL": str(tmp_path / "spool"),
        "FRONTDESK_RECORDINGS_URL": str(tmp_path / "recordings"),
        "FRONTDESK_RECORDINGS_WAITING": str(tmp_path / "waiting"),
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    going_on = asyncio.run(_filled(RecordsAccess(), tmp_path))
    yield
    for journal in going_on:
        journal.close()


async def _filled(access: RecordsAccess, folder: Path) -> list[Journal]:
    """The journals of calls that go on."""
    going_on = []
    await upgrade(access)
    (folder / "waiting").mkdir()
    for number, outcome in enumerate(("completed", "abandoned", None)):
        call_id = f"c{number}"
        room = Room(access.spool, 10**7)
        journal = begin(access.spool, SettingsKeyring(access.key_bytes), call_id, room=room)
        at = BEGAN + number
        journal.write("started", profile="acme", caller=CALLER, terms={}, at=at)
        journal.write("answered", at=at)
        journal.write("turn", speaker="caller", text="zebra pyjamas", at=at + 1)
        asked = {"order": "4271", "phone": CALLER}
        journal.write(
            "tool", tool="look_up", outcome="ok", duration_ms=5, arguments=asked, at=at + 2
        )
        if number == 0:
            name = name_of(call_id)
            journal.write("recording", name=name, began_at=at)
            written = SealedWriter(folder / "waiting" / f"{name}.whole", journal.key.key, call_id)
            written.write(SOUND)
            written.close()
            journal.write("recorded", seconds=3.0, bytes=written.size, sha256=written.sha256)
        if outcome:
            journal.write("ended", outcome=outcome, at=at + 10)
        async with open_record(access, call=journal.key) as record:
            await file_entries(record.engine, journal, record.seals.records, alive=True)
        if outcome:
            journal.remove()
        else:
            going_on.append(journal)
    return going_on


def ran(*arguments: str) -> Result:
    """A command, which may fail."""
    return CliRunner().invoke(app, arguments)


def told(*arguments: str) -> str:
    """What a command that succeeds prints."""
    result = ran(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def listed(*arguments: str) -> list[dict[str, Any]]:
    """The calls that `list` finds."""
    found: list[dict[str, Any]] = json.loads(told("list", "--format", "json", *arguments))
    return found


def test_a_list_has_facts_and_nobodys_words() -> None:
    """For people as a table; for programs as JSON and CSV."""
    rows = listed()
    assert [(row["call_id"], row["outcome"]) for row in rows] == [
        ("c2", "in progress"),
        ("c1", "abandoned"),
        ("c0", "completed"),
    ]
    as_csv = list(csv.DictReader(io.StringIO(told("list", "--format", "csv"))))
    assert [row["call_id"] for row in as_csv] == ["c2", "c1", "c0"]
    shown = told("list") + told("list", "--format", "json")
    assert "zebra" not in shown
    assert "5550001111" not in shown


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["--outcome", "completed"], ["c0"]),
        (["--caller", "+1 555 000 1111"], ["c2", "c1", "c0"]),
        (["--caller", "+15550002222"], []),
        (["--newest", "1"], ["c2"]),
        (["--since", "2026-09-21T14:13:21"], ["c2", "c1"]),
        (["--until", "2026-09-21"], []),
        (["--profile", "other"], []),
    ],
)
def test_calls_are_found_by_what_is_known_of_them(wanted: Sequence[str], found: list[str]) -> None:
    """Callers by their number, which stands nowhere in clear."""
    assert [row["call_id"] for row in listed(*wanted)] == found


def test_one_call_is_shown_whole_and_that_is_noted() -> None:
    """Words, tools and who called; who looked stands in the audit."""
    shown = told("show", "c0")
    assert "zebra pyjamas" in shown
    assert CALLER in shown
    assert json.loads(told("show", "c0", "--format", "json"))["caller"] == CALLER

    assert told("audit").count("show  c0") == 2


def test_a_call_can_be_heard(tmp_path: Path) -> None:
    """The recording as a player takes it, for its owner only."""
    told("play", "c0", "--to", str(tmp_path / "c0.ogg"))

    assert (tmp_path / "c0.ogg").read_bytes() == SOUND
    assert stat.S_IMODE((tmp_path / "c0.ogg").stat().st_mode) == 0o600


def test_a_report_says_where_it_is(tmp_path: Path) -> None:
    """Also of a call without sound."""
    for call_id in ("c0", "c1"):
        page = Path(told("report", call_id, "--to", str(tmp_path)).strip())
        assert "zebra pyjamas" in page.read_text(encoding="utf-8")
        assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_an_export_is_redacted_unless_it_is_wanted_in_clear(tmp_path: Path) -> None:
    """A line for each call."""
    told("export", str(tmp_path / "a.jsonl"))
    told("export", str(tmp_path / "b.jsonl"), "--in-clear", "--outcome", "completed")
    masked, clear = (tmp_path / "a.jsonl").read_text(), (tmp_path / "b.jsonl").read_text()

    assert (masked.count("\n"), clear.count("\n")) == (3, 1)
    assert "5550001111" not in masked
    assert json.loads(clear)["tools"][0]["arguments"]["phone"] == CALLER
    assert "zebra pyjamas" in masked


def test_erasing_a_caller_takes_what_was_made_of_their_calls(tmp_path: Path) -> None:
    """Pages, exports and sound too; a call that goes on is told, and the exit code says so."""
    told("report", "c0", "--to", str(tmp_path))
    told("export", str(tmp_path / "a.jsonl"))
    result = ran("erase", "--caller", CALLER)

    assert result.exit_code == 2
    assert "2 calls, 2 files" in result.stdout
    assert "1 calls go on" in result.stderr
    assert not list(tmp_path.glob("*.html"))
    assert not (tmp_path / "a.jsonl").exists()
    assert not list((tmp_path / "waiting").iterdir())
    assert [row["call_id"] for row in listed("--caller", CALLER)] == ["c2"]
    assert "erased" in told("show", "c0")


def test_costs_are_told_with_what_is_missing() -> None:
    """None has been worked out here: nothing is told as free."""
    table = json.loads(told("cost", "--format", "json"))

    assert "2 ended calls have no cost" in told("cost")
    assert table


def test_old_words_go_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they go by the hour."""
    monkeypatch.setenv("FRONTDESK_RETENTION_WORDS_DAYS", "0")
    monkeypatch.setenv("FRONTDESK_RETENTION_FACTS_DAYS", "")

    assert "words: 2 calls" in told("retain")
    assert "zebra" not in told("show", "c1")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "c9"], "there is no call c9; see `python -m records list`"),
        (["play", "c1", "--to", "x.ogg"], "the call was not recorded"),
        (["report", "c0", "--to", "/nowhere/x.html"], "/nowhere"),
        (["list", "--since", "yesterday"], "no day like 2026-11-25"),
        (["list", "--outcome", "fine"], "is no outcome: one of completed"),
        (["list", "--caller", "5550001111"], "write the number as E.164"),
        (["cost", "--by", "weather"], "write some of day"),
        (["cost", "--zone", "Mars"], "is no time zone"),
        (["erase"], "name one: --caller NUMBER or --call CALL"),
        (["erase", "--call", "c2"], "goes on: erase it once it has ended"),
        (["erase", "--call", "c9"], "there is no call c9"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_fix(arguments: list[str], says: str) -> None:
    """No trace of the program, and nothing was done."""
    result = ran(*arguments)

    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_another_key_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the setting."""
    monkeypatch.setenv("FRONTDESK_RECORDS_KEY", base64.b64encode(bytes(32)).decode())
    result = ran("list")

    assert result.exit_code == 1
    assert "FRONTDESK_RECORDS_KEY" in result.stderr


def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by the worker."""
    monkeypatch.delenv("FRONTDESK_RECORDS_KEY")
    result = ran("list")

    assert result.exit_code == 1
    assert "FRONTDESK_RECORDS_KEY" in result.stderr
