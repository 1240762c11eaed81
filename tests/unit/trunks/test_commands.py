"""`python -m sip` where no LiveKit is needed: sentences and exit codes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sip.__main__ import app

GOOD = """
agent: frontdesk
trunks:
  - name: sbc
    numbers: ["+15557654321"]
    allowed_addresses: [203.0.113.7/32]
    auth: {username: sbc, password_env: SBC_PASSWORD}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good file that the settings name, in an environment without LiveKit."""
    path = tmp_path / "trunks.yaml"
    path.write_text(GOOD)
    for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "SBC_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRONTDESK_SIP_FILE", str(path))
    return path


def test_check_needs_no_livekit_and_no_secret(file: Path) -> None:
    """A good file passes; what apply will need besides is a note."""
    done = CliRunner().invoke(app, ["check"])

    assert done.exit_code == 0
    assert "no mistakes; trunks: 1, numbers: 1" in done.stdout
    assert "apply will need SBC_PASSWORD" in done.stdout


def test_check_prints_each_mistake_on_a_line_of_its_own(file: Path) -> None:
    """File and line come first, as editors expect; nothing is wrapped."""
    file.write_text(GOOD.replace("203.0.113.7/32", "203.0.113.7, 0.0.0.0/0"))

    done = CliRunner().invoke(app, ["check"])

    assert done.exit_code == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == [f"{file}:6:"] * 2


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """The option beats the setting, and the file that cannot be read is named."""
    done = CliRunner().invoke(app, ["check", "--file", str(tmp_path / "none.yaml")])

    assert done.exit_code == 1
    assert "none.yaml: write one like " in done.stderr


def test_a_missing_password_stops_the_plan(file: Path) -> None:
    """The variable is named before LiveKit is asked for anything."""
    done = CliRunner().invoke(app, ["plan"])

    assert done.exit_code == 1
    assert "named by password_env: SBC_PASSWORD" in done.stderr


def test_a_missing_key_stops_the_apply(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no request: the sentence names both settings."""
    monkeypatch.setenv("SBC_PASSWORD", "x")

    done = CliRunner().invoke(app, ["apply"])

    assert done.exit_code == 1
    assert "LIVEKIT_API_KEY and LIVEKIT_API_SECRET must both be set" in done.stderr


def test_a_bad_setting_is_one_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting out of range is named without a traceback and without its value."""
    monkeypatch.setenv("FRONTDESK_SIP_REQUEST_TIMEOUT_S", "soon")

    done = CliRunner().invoke(app, ["plan"])

    assert done.exit_code == 1
    assert done.stderr.startswith("setting FRONTDESK_SIP_REQUEST_TIMEOUT_S: ")
