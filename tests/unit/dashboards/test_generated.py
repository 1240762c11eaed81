"""What is committed is what the data makes, and every alert leads somewhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.boards import BOARDS
from dashboards.generated import RUNBOOK, files
from dashboards.rule_files import alerting, section
from dashboards.words import what_outcomes_mean
from records import CallOutcome

REPO = Path(__file__).parents[3]
HERE = REPO / "dashboards"
MADE = files()
PAGE = (REPO / RUNBOOK).read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(MADE["rules/alerts.yaml"])["groups"] for rule in group["rules"]
]
ALERTS = {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("name", MADE)
def test_what_is_committed_is_what_would_be_made(name: str) -> None:
    """`make dashboards` writes them anew."""
    assert (HERE / name).read_text(encoding="utf-8") == MADE[name]


def test_nothing_committed_is_left_over() -> None:
    """A board or a rule that is gone from the data is gone from the folders."""
    there = {f"grafana/{file.name}" for file in (HERE / "grafana").iterdir()}
    there |= {f"rules/{file.name}" for file in (HERE / "rules").glob("*.yaml")}

    assert there == set(MADE)


def test_each_alert_has_its_section_and_each_section_its_alert() -> None:
    """Nobody is woken without being told what to do, and no advice is for an alert of the past."""
    assert sorted(SECTIONS) == sorted(ALERTS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_callers_notice_and_links_to_its_section(rule: dict[str, Any]) -> None:
    """Its words are all that somebody has on a telephone at night."""
    said = rule["annotations"]

    assert rule["labels"]["severity"] in ("page", "ticket", "none")
    assert said["runbook_url"] == f"{RUNBOOK}#{section(rule['alert'])}"
    assert said["summary"]
    assert len(said["description"]) > len(said["summary"])


@pytest.mark.parametrize("name", sorted(ALERTS - {"Watchdog"}))
def test_a_section_says_how_to_make_sure_and_what_to_do(name: str) -> None:
    """After what callers hear."""
    text = PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]

    assert text.strip().startswith(("**Callers hear", "**Callers heard"))
    assert "**Make sure:**" in text
    assert "**Do:**" in text


def test_links_inside_the_runbook_lead_to_sections() -> None:
    """A renamed alert takes its links along."""
    assert set(re.findall(r"\]\(#(\w+)\)", PAGE)) <= {section(name) for name in SECTIONS}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_panels_lead_to_alerts_that_exist(board: Any) -> None:
    """The link of a panel opens a section."""
    assert {panel.runbook for panel in board.panels()} - {""} <= ALERTS


def test_every_alert_is_tested() -> None:
    """With promtool, by a world in which it fires."""
    tests = (HERE / "rules" / "tests").glob("*.yaml")
    worlds = "".join(file.read_text(encoding="utf-8") for file in tests)

    assert not [name for name in ALERTS if f'alertname="{name}"' not in worlds]


def test_the_address_of_a_runbook_of_ones_own_goes_everywhere() -> None:
    """Into the alerts and into the boards."""
    ours = "https://wiki.example/runbook"

    assert f"{ours}#{section('DeadAir')}" in alerting(ours)
    assert all(ours in text for name, text in files(ours).items() if name.startswith("grafana/"))


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_grafana_gets_every_panel_with_an_id_of_its_own(board: Any) -> None:
    """With a place that no other has, the chosen data source, and a description."""
    made = json.loads(MADE[f"grafana/{board.uid}.json"])
    panels = [panel for panel in made["panels"] if panel["type"] != "row"]
    places = [tuple(panel["gridPos"].values()) for panel in made["panels"]]
    names = [variable["name"] for variable in made["templating"]["list"]]

    assert [panel["title"] for panel in panels] == [panel.title for panel in board.panels()]
    assert len({panel["id"] for panel in made["panels"]}) == len(made["panels"])
    assert len(set(places)) == len(places)
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels)
    assert names == ["datasource", "runbook", *(variable.name for variable in board.variables)]


def test_outcomes_are_told_in_the_words_of_the_record() -> None:
    """Each one, and none that is not there."""
    told = dict(line.split(": ", 1) for line in what_outcomes_mean().splitlines())

    assert list(told) == [outcome.value for outcome in CallOutcome]
    assert all(told.values())
