"""What a panel is: data from which Grafana's JSON and the static page are both made.

`dashboards.operations`, `dashboards.business` and `dashboards.tool_health` hold the panels,
`dashboards.grafana_json` and `dashboards.drawing` show them. Queries are PromQL with Grafana's
placeholders (`$__rate_interval`, `$__range`) and the variables of the board.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboards.units import Colour, Unit


class Kind(StrEnum):
    """How a panel shows what its queries find."""

    STAT = "stat"
    """One number, coloured by `Panel.steps`."""
    SERIES = "series"
    """Lines over time, or areas on each other."""
    HEATMAP = "heatmap"
    """How many fell into which bucket of a histogram, over time; one query by `le`."""
    BARS = "bars"
    """One bar for each label."""
    TABLE = "table"
    """One row for each value of `Panel.by`, one column for each query."""


@dataclass(frozen=True)
class Query:
    """One PromQL expression. `legend` names its series, `{{label}}` stands for a label's value.

    `unit` is that of a table's column; None: the panel's.
    """

    expr: str
    legend: str = ""
    unit: Unit | None = None
    colour: Colour | None = None


@dataclass(frozen=True)
class Step:
    """From the value `at` on, a number has this colour; the first step has no `at`."""

    at: float | None
    colour: Colour


@dataclass(frozen=True)
class Panel:
    """One panel. `width` is of 24 columns, `height` in Grafana's units of 30 pixels.

    `tells` says what the panel tells and what a bad value means. `empty` says why it may show
    nothing. `runbook` is the alert whose section in docs/runbook.md says what to do.
    """

    title: str
    tells: str
    kind: Kind
    unit: Unit
    queries: tuple[Query, ...]
    empty: str
    width: int = 8
    height: int = 8
    stacked: bool = False
    by: str = ""
    steps: tuple[Step, ...] = ()
    line: float | None = None
    """A value that is promised, drawn as a line across."""
    top: float | None = None
    """The highest value that the axis can have."""
    colours: Mapping[str, Colour] = field(default_factory=dict)
    """By the names of series."""
    runbook: str = ""


@dataclass(frozen=True)
class Row:
    """Panels under one heading, which is a question somebody asks."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Variable:
    """A choice on top of a board: the values of `label` on `series`."""

    name: str
    title: str
    series: str
    label: str


@dataclass(frozen=True)
class Board:
    """One dashboard. `uid` is its name in Grafana's addresses and its file's."""

    uid: str
    title: str
    answers: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()

    def panels(self) -> Iterator[Panel]:
        """All of them, from the top."""
        for row in self.rows:
            yield from row.panels
