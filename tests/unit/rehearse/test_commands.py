"""`python -m rehearsal`: what is wrong with its settings is a sentence, whatever was asked for."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rehearsal.__main__ import app


@pytest.mark.parametrize("verb", ["call", "up", "down", "status"])
def test_a_bad_setting_is_one_sentence(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the variable and starts nothing."""
    monkeypatch.setenv("FRONTDESK_START_TIMEOUT_S", "soon")

    done = CliRunner().invoke(app, [verb])

    assert done.exit_code == 1
    assert done.stderr.startswith("setting FRONTDESK_START_TIMEOUT_S: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("verb", ["call", "up", "down", "status"])
def test_a_run_folder_that_cannot_be_made_is_named(
    verb: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the setting to mend."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("FRONTDESK_RUN_FOLDER", str(tmp_path / "file" / "runs"))

    done = CliRunner().invoke(app, [verb])

    assert done.exit_code == 1
    assert done.stderr.startswith("setting FRONTDESK_RUN_FOLDER: ")
