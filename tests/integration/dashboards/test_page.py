"""The page as `make dashboard` draws it, of the simulated hour."""

import re
from pathlib import Path

from typer.testing import CliRunner

from dashboards.__main__ import app
from dashboards.page import page
from tests.integration.dashboards.conftest import Hour


def test_the_page_shows_every_panel_and_asks_for_nothing(hour: Hour) -> None:
    """No panel is empty or at fault, and nothing on it is fetched."""
    text = page(*hour, source="", runbook="../docs/runbook.md", tell=lambda _: None)
    addresses = set(re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", text))
    elsewhere = {one for one in addresses if not one.startswith(("#", "../docs/runbook.md#"))}

    assert 'class="empty' not in text
    assert "A simulated hour. Nothing here was measured." in text
    assert not elsewhere
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed)\b", text)
    assert len(text) < 3_000_000


def test_a_server_that_does_not_answer_is_told_at_once(tmp_path: Path) -> None:
    """With its address and what to check, and no page is written."""
    to = tmp_path / "page.html"
    asked = ["draw", "--prometheus", "http://127.0.0.1:9", "--to", str(to)]
    ended = CliRunner().invoke(app, asked)

    assert ended.exit_code == 1
    assert "no answer from Prometheus at http://127.0.0.1:9" in ended.stderr.replace("\n", " ")
    assert not to.exists()
