"""`python -m rehearsal`: what is wrong with its settings is a sentence, whatever was asked for."""

from pathlib import Path

import httpx
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


@pytest.mark.parametrize(("met", "code"), [(True, 0), (False, 1)])
def test_call_succeeds_only_if_the_goal_was_met(
    met: bool, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A pipeline needs no eyes."""

    async def shown(*_: object) -> bool:
        return met

    monkeypatch.setenv("FRONTDESK_RUN_FOLDER", str(tmp_path))
    monkeypatch.setattr("rehearsal.__main__.show_call", shown)

    assert CliRunner().invoke(app, ["call"]).exit_code == code


def test_what_office_or_model_refuse_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A script may order a fault that there is not."""

    async def refused(*_: object) -> bool:
        request = httpx.Request("POST", "http://model/rehearsal/next")
        raise httpx.HTTPStatusError(
            "", request=request, response=httpx.Response(422, text="no such brain", request=request)
        )

    monkeypatch.setenv("FRONTDESK_RUN_FOLDER", str(tmp_path))
    monkeypatch.setattr("rehearsal.__main__.show_call", refused)

    done = CliRunner().invoke(app, ["call"])

    assert done.exit_code == 1
    says = "POST http://model/rehearsal/next was refused (422), mend the script: no such brain\n"
    assert done.stderr == says
