"""The boards as one static HTML page: everything inline, nothing fetched, no script.

`make dashboard` writes it. It shows the panels of Grafana's boards where there is no Grafana. Names
of series come from labels and are escaped by the template.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dashboards import drawing
from dashboards.answers import Answer, Found, Span, answer
from dashboards.boards import BOARDS
from dashboards.panel import Kind, Panel
from dashboards.prometheus import Prometheus
from dashboards.rule_files import section
from dashboards.shown import shown
from dashboards.units import Colour

TEMPLATE = Path(__file__).parent / "page.html.j2"
# A column of 24 and a unit of height, on a page of its usual width.
COLUMN_PX, HEIGHT_PX, AROUND_PX = 64, 26, 58
SPARK = (190.0, 26.0)
WHITE, INK, DARKEST = "#ffffff", "#1f2933", "#081d58"
# White letters could not be read on these.
PALE = frozenset({Colour.WARN, Colour.FAINT, Colour.FAINTER})


def page(
    prometheus: Prometheus,
    span: Span,
    *,
    source: str,
    runbook: str,
    tell: Callable[[str], None],
) -> str:
    """The page over `span`. `source` is the server's address, or "" for the simulated hour;
    `tell` hears the title of each panel when its turn comes."""
    boards = []
    for board in BOARDS:
        rows = []
        for row in board.rows:
            panels = []
            for panel in row.panels:
                tell(panel.title)
                panels.append(_panel(answer(prometheus, board, panel, span), runbook))
            rows.append({"title": row.title, "panels": panels})
        boards.append(
            {"uid": board.uid, "title": board.title, "answers": board.answers, "rows": rows}
        )
    around = Environment(
        loader=FileSystemLoader(TEMPLATE.parent), autoescape=True, undefined=StrictUndefined
    )
    return around.get_template(TEMPLATE.name).render(
        boards=boards,
        begins=_moment(span.begins),
        ends=_moment(span.ends),
        made=_moment(datetime.now(UTC).timestamp()),
        simulated=not source,
        source=source,
    )


def _panel(told: Answer, runbook: str) -> dict[str, Any]:
    panel = told.panel
    said: dict[str, Any] = {
        "title": panel.title,
        "tells": _with_code(panel.tells),
        "width": panel.width,
        "runbook": panel.runbook,
        "link": f"{runbook}#{section(panel.runbook)}",
        "queries": "\n".join(query.expr for query in panel.queries),
        "fault": told.fault,
        "nothing": "" if _says_something(told.found) else panel.empty,
    }
    blank = {"stat": None, "bars": None, "table": None, "svg": "", "legend": None}
    return said | blank | (SHOW[panel.kind](told) if not said["nothing"] else {})


def _says_something(found: Sequence[Found]) -> bool:
    return any(math.isfinite(value) for one in found for value in one.line.values)


def _stat(told: Answer) -> dict[str, Any]:
    line = told.found[0].line
    value = line.values[-1]
    colour = _colour(told.panel, value)
    number = {
        "value": shown(value, told.panel.unit),
        "colour": colour.value,
        "ink": INK if colour in PALE else WHITE,
    }
    return {"stat": number, "svg": _inline(drawing.spark(line, number["ink"], SPARK))}


def _series(told: Answer) -> dict[str, Any]:
    panel = told.panel
    drawn = drawing.lines(
        [(one.line, one.colour) for one in told.found],
        panel.unit,
        _size(panel),
        told.span,
        stacked=panel.stacked,
        promise=panel.line,
        top=panel.top,
    )
    legend = [
        {"name": one.name, "colour": one.colour, "value": shown(one.line.values[-1], panel.unit)}
        for one in told.found
    ]
    return {"svg": _inline(drawn), "legend": legend}


def _heatmap(told: Answer) -> dict[str, Any]:
    panel = told.panel
    lines = [one.line for one in told.found]
    drawn, most = drawing.heat(lines, panel.unit, _size(panel), told.span, promise=panel.line)
    darkest = {"name": "darkest", "colour": DARKEST, "value": f"{most:,.0f}"}
    kept = {"name": "promised", "colour": drawing.PROMISE, "value": ""}
    if panel.line is None:
        return {"svg": _inline(drawn), "legend": [darkest]}
    return {
        "svg": _inline(drawn),
        "legend": [darkest, kept | {"value": shown(panel.line, panel.unit)}],
    }


def _bars(told: Answer) -> dict[str, Any]:
    highest = max((one.line.values[-1] for one in told.found), default=0) or 1
    bars = [
        {
            "name": one.name,
            "colour": one.colour,
            "value": shown(one.line.values[-1], told.panel.unit),
            "percent": round(100 * one.line.values[-1] / highest, 1),
        }
        for one in told.found
    ]
    return {"bars": bars}


def _table(told: Answer) -> dict[str, Any]:
    panel = told.panel
    cells: dict[str, dict[int, Found]] = {}
    for one in told.found:
        cells.setdefault(one.line.labels.get(panel.by, ""), {})[one.query] = one
    beside = [label for label in _labels(told.found) if label != panel.by]
    lines = [
        [
            name,
            *(_label(row, label) for label in beside),
            *(_cell(panel, row, number) for number in range(len(panel.queries))),
        ]
        for name, row in sorted(cells.items())
    ]
    return {
        "table": {
            "head": [panel.by, *beside, *(query.legend for query in panel.queries)],
            "lines": lines,
        }
    }


def _labels(found: Sequence[Found]) -> list[str]:
    return sorted({label for one in found for label in one.line.labels if label != "__name__"})


def _label(row: Mapping[int, Found], label: str) -> str:
    return next((one.line.labels[label] for one in row.values() if label in one.line.labels), "-")


def _cell(panel: Panel, row: Mapping[int, Found], number: int) -> str:
    unit = panel.queries[number].unit or panel.unit
    return shown(row[number].line.values[-1], unit) if number in row else "-"


SHOW: dict[Kind, Callable[[Answer], dict[str, Any]]] = {
    Kind.STAT: _stat,
    Kind.SERIES: _series,
    Kind.HEATMAP: _heatmap,
    Kind.BARS: _bars,
    Kind.TABLE: _table,
}


def _inline(svg: str) -> Markup:
    # matplotlib's own, and no label is ever in it.
    return Markup(svg)  # noqa: S704


def _with_code(text: str) -> Markup:
    """Text that may hold names in backticks, as descriptions in Grafana do."""
    parts = (escape(part) for part in text.split("`"))
    marked = (f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
    return Markup("").join(Markup(part) for part in marked)  # noqa: S704


def _colour(panel: Panel, value: float) -> Colour:
    reached = [step.colour for step in panel.steps if step.at is None or value >= step.at]
    return reached[-1]


def _size(panel: Panel) -> tuple[float, float]:
    return panel.width * COLUMN_PX - 24, panel.height * HEIGHT_PX - AROUND_PX


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
