"""What a panel's queries find, ready to be shown: series with names, colours and units.

`dashboards.page` shows it. Nothing is drawn here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboards.boards import everything, filled
from dashboards.panel import Board, Kind, Panel, Query
from dashboards.prometheus import Line, NoPrometheus, Prometheus

# For series whose names nobody has given a meaning; told apart by colour-blind people too.
PALETTE = (
    "#3b78c2",
    "#e0a100",
    "#2b8a5a",
    "#7b61a8",
    "#d1662f",
    "#3aa6b9",
    "#8c6d46",
    "#b5477d",
    "#5b6570",
    "#8fb339",
)
POINTS = 120
LEAST_RATE_S = 300
LEAST_CELL_S = 180


@dataclass(frozen=True)
class Span:
    """The time that is shown, in Unix seconds."""

    begins: float
    ends: float

    @property
    def length_s(self) -> int:
        """How long it is."""
        return round(self.ends - self.begins)

    @property
    def step_s(self) -> int:
        """The time between two points of a line."""
        return max(15, self.length_s // POINTS)

    @property
    def rate_s(self) -> int:
        """Over what rates are taken; several scrapes, and no less than a step."""
        return max(LEAST_RATE_S, 4 * self.step_s)

    @property
    def cell_s(self) -> int:
        """The width of a heat map's cell; three scrapes, since one alone is no increase."""
        return max(LEAST_CELL_S, 2 * self.step_s)


@dataclass(frozen=True)
class Found:
    """One series of an answer. `query` is the number of the query that found it."""

    name: str
    colour: str
    line: Line
    query: int


@dataclass(frozen=True)
class Answer:
    """What a panel has to show. `fault` says why it could not be asked."""

    panel: Panel
    span: Span
    found: Sequence[Found]
    fault: str = ""


def answer(prometheus: Prometheus, board: Board, panel: Panel, span: Span) -> Answer:
    """Ask all queries of one panel; a query that fails is the panel's fault, not the page's."""
    rate_s = span.cell_s if panel.kind is Kind.HEATMAP else span.rate_s
    values = everything(board, range_s=span.length_s, rate_s=rate_s)
    lines: list[tuple[int, Query, Line]] = []
    try:
        for number, query in enumerate(panel.queries):
            expr = filled(query.expr, values)
            found = _asked(prometheus, panel, expr, span)
            lines += [(number, query, line) for line in found]
    except NoPrometheus as reason:
        return Answer(panel, span, [], str(reason))
    names = [_name(query, line) for _, query, line in lines]
    colours = _colours(panel, lines, names)
    together = zip(names, colours, lines, strict=True)
    shown = [Found(name, colour, line, number) for name, colour, (number, _, line) in together]
    return Answer(panel, span, sorted(shown, key=_order(panel)))


def _asked(prometheus: Prometheus, panel: Panel, expr: str, span: Span) -> list[Line]:
    if panel.kind in (Kind.BARS, Kind.TABLE):
        return prometheus.now(expr, span.ends)
    # A heat map's cells stand beside each other and count what fell between two of them.
    step_s = span.cell_s if panel.kind is Kind.HEATMAP else span.step_s
    return prometheus.over(expr, begins=span.begins + step_s, ends=span.ends, step_s=step_s)


def _name(query: Query, line: Line) -> str:
    def value(found: "re.Match[str]") -> str:
        return line.labels.get(found[1], "")

    return re.sub(r"\{\{(\w+)\}\}", value, query.legend)


def _colours(
    panel: Panel, lines: Sequence[tuple[int, Query, Line]], names: Sequence[str]
) -> list[str]:
    given: Mapping[str, str] = panel.colours
    unnamed = sorted(
        {n for n, (_, q, _) in zip(names, lines, strict=True) if not q.colour} - {*given}
    )
    by_name = {name: PALETTE[n % len(PALETTE)] for n, name in enumerate(unnamed)}
    return [
        query.colour or given.get(name) or by_name[name]
        for name, (_, query, _) in zip(names, lines, strict=True)
    ]


def _order(panel: Panel) -> Callable[[Found], tuple[int, int, str]]:
    known = list(panel.colours)

    def place(found: Found) -> tuple[int, int, str]:
        of_meaning = known.index(found.name) if found.name in known else len(known)
        return found.query, of_meaning, found.name

    return place
