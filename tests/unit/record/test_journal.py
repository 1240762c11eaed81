"""The journal: a broken disk costs lines, never the call."""

from pathlib import Path

from records import Journal


def test_a_folder_that_cannot_be_made_costs_every_line_and_no_call(tmp_path: Path) -> None:
    """The caller is served all the same; what was lost is counted."""
    (tmp_path / "taken").write_text("a file where the folder should be")
    journal = Journal(tmp_path / "taken" / "c1")
    journal.write("started", call_id="c1")
    journal.close()

    assert journal.lines_lost == 1
