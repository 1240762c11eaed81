"""`call.json`: made from the journal, also when the journal has no end."""

import json
from pathlib import Path
from typing import Any

import pytest

from records import CALL_FILE, CallOutcome, Journal, close_record

ANSWERED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("started", {"call_id": "c1", "profile": "acme", "caller": "+15550001111"}),
    ("answered", {}),
    ("turn", {"speaker": "agent", "text": "Hello", "response_ms": None}),
    ("tool", {"tool": "look_up_order", "outcome": "ok", "duration_ms": 40}),
)


def journal_of(folder: Path, *lines: tuple[str, dict[str, Any]]) -> Journal:
    """A journal whose lines are one second apart, from 1000 s on."""
    times = iter(range(1000, 2000))
    journal = Journal(folder, clock=lambda: float(next(times)))
    for kind, fields in lines:
        journal.write(kind, **fields)
    return journal


def test_a_finished_call_has_its_turns_tools_and_end(tmp_path: Path) -> None:
    """What was written as it happened is what the file holds."""
    journal_of(tmp_path, *ANSWERED, ("ended", {"outcome": "completed"})).close()
    call = close_record(tmp_path)

    assert (call.outcome, call.ended_at) == (CallOutcome.COMPLETED, 1004.0)
    assert [turn.text for turn in call.turns] == ["Hello"]
    assert json.loads((tmp_path / CALL_FILE).read_text())["tools"][0]["tool"] == "look_up_order"


def test_a_killed_job_leaves_everything_up_to_its_last_line(tmp_path: Path) -> None:
    """Nobody ended the journal: the call is lost, its turns are not."""
    journal_of(tmp_path, *ANSWERED).close()
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"at": 1004, "kind": "tu')
    call = close_record(tmp_path, lost=True)

    assert (call.outcome, call.ended_at, len(call.turns)) == (CallOutcome.LOST, 1003.0, 1)


def test_a_journal_without_a_beginning_is_refused(tmp_path: Path) -> None:
    """A record of nothing would be counted as a call."""
    journal_of(tmp_path, ("turn", {"speaker": "agent", "text": "Hello"})).close()

    with pytest.raises(ValueError, match="no beginning"):
        close_record(tmp_path)


def test_the_record_is_for_its_owner_only(tmp_path: Path) -> None:
    """It holds the caller's number and words."""
    journal_of(tmp_path / "c1", *ANSWERED).close()
    close_record(tmp_path / "c1")

    modes = {p.name: oct(p.stat().st_mode)[-3:] for p in (tmp_path / "c1").iterdir()}
    assert modes == {"journal.jsonl": "600", CALL_FILE: "600"}
    assert oct((tmp_path / "c1").stat().st_mode)[-3:] == "700"


def test_a_full_disk_costs_lines_and_not_the_call(tmp_path: Path) -> None:
    """A journal that cannot be written counts what it lost."""
    journal = Journal(tmp_path)
    journal.close()
    journal.write("turn", text="Hello")

    assert journal.lines_lost == 1
