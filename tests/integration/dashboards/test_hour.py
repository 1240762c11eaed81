"""Every query of every panel and rule, on a real Prometheus with the simulated hour."""

import re
from typing import Any

import pytest
import yaml

from dashboards.boards import BOARDS, everything, filled
from dashboards.panel import Board, Query
from dashboards.series import series_in
from tests.integration.dashboards.conftest import HERE, Hour, evaluated


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_query_of_every_panel_finds_something(hour: Hour, board: Board) -> None:
    """Over the hour and at its end, by every label that its names are made of."""
    values = everything(board, range_s=3600, rate_s=300)
    asked = [(panel, query) for panel in board.panels() for query in panel.queries]
    empty = [f"{p.title}: {q.expr}" for p, q in asked if not finds_something(hour, q, values)]

    assert not empty


def finds_something(hour: Hour, query: Query, values: dict[str, str]) -> bool:
    """Whether a query has a series over the hour and one now, each with the labels of its name."""
    expr, (prometheus, span) = filled(query.expr, values), hour
    lines = prometheus.over(expr, begins=span.begins, ends=span.ends, step_s=30)
    labels = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
    named = all(labels <= set(line.labels) for line in lines)
    return bool(lines) and named and bool(prometheus.now(expr, span.ends))


def test_every_series_of_every_panel_and_alert_is_there(hour: Hour) -> None:
    """Also those behind which a 0 would stand in, and those of alerts that are silent."""
    exprs = [query.expr for board in BOARDS for panel in board.panels() for query in panel.queries]
    exprs += [rule["expr"] for rule in rules("alerts.yaml") + rules("recording.yaml")]
    names = {name for expr in exprs for name in series_in(expr) if ":" not in name}
    missing = [name for name in sorted(names) if not hour.prometheus.now(name, hour.span.ends)]

    assert len(names) > 50
    assert not missing


def test_every_rule_can_be_evaluated_and_what_is_recorded_is_there(hour: Hour) -> None:
    """By the server itself, once: no rule is at fault, and no recorded series is missing."""
    loaded = evaluated(hour)
    recorded = {(r["name"], r["labels"]["slo"]) for r in loaded if r["type"] == "recording"}
    absent = [
        (name, slo) for name, slo in recorded if not hour.prometheus.now(f'{name}{{slo="{slo}"}}')
    ]

    assert len(loaded) == len(rules("alerts.yaml")) + len(rules("recording.yaml"))
    assert not [(rule["name"], rule["lastError"]) for rule in loaded if rule["health"] != "ok"]
    assert not absent


def test_the_dead_mans_switch_is_on(hour: Hour) -> None:
    """Alerting works from the rules' files to the server's list of what fires."""
    firing = {rule["name"] for rule in evaluated(hour) if rule.get("state") == "firing"}

    assert "Watchdog" in firing
    assert not firing & {"WorkerMetricsMissing", "NoWorkerRegistered", "RecordEntriesLost"}


def rules(file: str) -> list[dict[str, Any]]:
    """What is written in one of our files."""
    groups = yaml.safe_load((HERE / "rules" / file).read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]
