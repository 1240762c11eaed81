"""Panels as data: each says what it tells, fits its row, and asks for what there is."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from dashboards.alarms import ALARMS
from dashboards.boards import BOARDS, everything, filled
from dashboards.panel import Board, Kind, Panel
from dashboards.series import Series, livekit, series_in, watcher, worker
from dashboards.slo import SLOS, WINDOW, over

PANELS = [(board, panel) for board in BOARDS for panel in board.panels()]
NAMES = [f"{board.uid}: {panel.title}" for board, panel in PANELS]
COLUMNS = 24
# What Prometheus adds to whatever it scrapes.
SCRAPED = {"instance", "job", "le"}


@cache
def known() -> dict[str, Series]:
    """Every series that can be there, by each name that queries use."""
    registered = (*worker().values(), *watcher().values(), *livekit().values())
    return {name: series for series in registered for name in series.names}


def expressions() -> Iterator[str]:
    """Every query of a panel, and every one of a rule that reads series themselves."""
    yield from (query.expr for _, panel in PANELS for query in panel.queries)
    yield from (over(expr, "1h") for slo in SLOS for expr in (slo.bad, slo.total))
    yield from (alarm.expr for alarm in ALARMS)


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_a_panel_says_what_it_tells_and_why_it_may_be_empty(board: Board, panel: Panel) -> None:
    """Somebody reads it at night who did not build it."""
    assert panel.title
    assert panel.tells.endswith((".", "closed for it."))
    assert panel.empty.endswith(".")
    assert panel.queries


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_rows_are_full(board: Board) -> None:
    """No panel hangs over, and none leaves a hole beside it."""
    for row in board.rows:
        widths = [panel.width for panel in row.panels]
        lines = [sum(widths[:n]) for n in range(1, len(widths) + 1)]
        assert sum(widths) % COLUMNS == 0, row.title
        assert all(end * COLUMNS in lines for end in range(1, sum(widths) // COLUMNS + 1)), (
            row.title
        )


def test_the_first_row_of_operations_is_numbers_with_a_judgement() -> None:
    """At 3 a.m. a colour is read before a graph; each number leads to its section."""
    first = BOARDS[0].rows[0].panels

    assert all(panel.kind is Kind.STAT and len(panel.steps) > 1 for panel in first)
    assert all(panel.runbook for panel in first)
    assert sum(panel.width for panel in first) == COLUMNS


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_no_placeholder_is_left_open(board: Board, panel: Panel) -> None:
    """A board has every variable that its panels use."""
    values = everything(board, range_s=3600, rate_s=300)

    assert not [q.expr for q in panel.queries if "$" in filled(q.expr, values)]


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_a_table_names_its_columns(board: Board, panel: Panel) -> None:
    """And what its rows are; other panels have no rows."""
    if panel.kind is Kind.TABLE:
        names = [query.legend for query in panel.queries]
        assert panel.by
        assert all(names)
        assert len(set(names)) == len(names)
    else:
        assert not panel.by


@pytest.mark.parametrize("expr", sorted(set(expressions())))
def test_every_series_in_use_is_registered(expr: str) -> None:
    """By the worker, the watcher or LiveKit, with the labels that the expression picks by."""
    there = known()
    recorded = {name for name in series_in(expr) if name.startswith("frontdesk:")}
    assert not series_in(expr) - set(there) - recorded

    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", expr):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        if name in there:
            assert labels <= {*there[name].labels, *SCRAPED}, name


def test_a_window_is_always_filled_in() -> None:
    """A promise's expression without one would be no PromQL."""
    assert all(WINDOW in slo.bad and WINDOW in slo.total for slo in SLOS)


def test_series_are_found_in_an_expression() -> None:
    """Labels, values, ranges and functions are none."""
    expr = 'sum by (le, tool) (rate(a_total{b="c_total", d=~"e"}[5m])) / on () f:g or vector(0)'

    assert series_in(expr) == {"a_total", "f:g"}
