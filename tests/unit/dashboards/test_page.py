"""The static page, over a server that answers what a test wants."""

import math

import pytest

from dashboards.answers import Span
from dashboards.boards import BOARDS
from dashboards.drawing import _with_gaps, heat
from dashboards.page import page
from dashboards.prometheus import Line, NoPrometheus, Prometheus
from dashboards.shown import shown
from dashboards.units import Unit

SPAN = Span(1_764_000_000, 1_764_003_600)
HOSTILE = "</svg><script>alert(1)</script>$x$"


class Answering(Prometheus):
    """A server that answers each query about `series` with the same lines."""

    def __init__(self, lines: list[Line], *, series: str = "", fault: str = "") -> None:
        super().__init__("http://nowhere.invalid")
        self._lines, self._series, self._fault = lines, series, fault

    def now(self, expr: str, at: float | None = None) -> list[Line]:
        """The last value of each line."""
        return [Line(one.labels, one.at[-1:], one.values[-1:]) for one in self._found(expr)]

    def over(self, expr: str, *, begins: float, ends: float, step_s: float) -> list[Line]:
        """Each line."""
        return self._found(expr)

    def _found(self, expr: str) -> list[Line]:
        if self._fault:
            raise NoPrometheus(self._fault)
        return self._lines if self._series in expr else []


def drawn(server: Prometheus) -> str:
    """The page that is made of what `server` answers."""
    return page(server, SPAN, source="http://p", runbook="runbook.md", tell=lambda _: None)


def test_a_label_cannot_inject_markup() -> None:
    """Labels are closed sets; the server that is asked may be anybody's."""
    at = [SPAN.ends - 2 * SPAN.cell_s, SPAN.ends - SPAN.cell_s, SPAN.ends]
    labels = {"le": "1", **dict.fromkeys(("tool", "outcome", "cause", "instance"), HOSTILE)}
    text = drawn(Answering([Line(labels, at, [1.0, 2.0, 3.0])], series="tool_"))

    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_an_empty_panel_says_why() -> None:
    """Nothing, and no number, are told apart from 0."""
    text = drawn(Answering([]))

    for board in BOARDS:
        for panel in board.panels():
            assert f'<div class="empty">{panel.empty}</div>' in text.replace("&#39;", "'")


def test_no_number_at_all_is_empty_too() -> None:
    """A ratio of nothing by nothing is not drawn."""
    nothing = Line({"le": "1"}, [SPAN.ends], [float("nan")])

    assert "<svg" not in drawn(Answering([nothing]))


def test_a_query_that_fails_is_told_in_its_panel() -> None:
    """The others may still be there."""
    text = drawn(Answering([], fault="query timed out"))

    assert text.count('class="empty fault">query timed out<') == sum(
        1 for board in BOARDS for _ in board.panels()
    )


def test_a_heat_map_counts_what_fell_between_two_bounds() -> None:
    """Buckets are cumulative; a cell is the difference to the one below."""
    at = [SPAN.begins + SPAN.cell_s, SPAN.begins + 3 * SPAN.cell_s]
    buckets = {"0.5": [2.0, 1.0], "1": [9.0, 4.0], "+Inf": [9.0, 5.0]}
    lines = [Line({"le": bound}, at, values) for bound, values in buckets.items()]

    _, darkest = heat(lines, Unit.SECONDS, (300, 200), SPAN)

    assert darkest == 7


def test_a_line_does_not_lead_across_what_is_missing() -> None:
    """An hour in which nothing was scraped looks like one."""
    step, first = SPAN.step_s, SPAN.begins
    line = Line({}, [first, first + step, first + 5 * step], [1.0, 2.0, 3.0])

    _, values = _with_gaps(line, SPAN)

    assert [math.isnan(value) for value in values] == [False, False, True, False]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.9954, Unit.RATIO, "99.54 %"),
        (0.5, Unit.RATIO, "50 %"),
        (0.28, Unit.SECONDS, "280 ms"),
        (1.48, Unit.SECONDS, "1.48 s"),
        (0, Unit.SECONDS, "0 s"),
        (600, Unit.SECONDS, "10 min"),
        (17.14, Unit.COUNT, "17"),
        (12345.6, Unit.COUNT, "12,346"),
        (165_635, Unit.PER_MINUTE, "166k /min"),
        (0.25, Unit.PER_MINUTE, "0.25 /min"),
        (0.256, Unit.USD, "$0.26"),
        (0.0031, Unit.USD, "$0.0031"),
        (4_200_000, Unit.BYTES, "4.2 MB"),
        (float("nan"), Unit.COUNT, "-"),
    ],
)
def test_a_value_is_shown_with_its_unit(value: float, unit: Unit, words: str) -> None:
    """With no more digits than matter."""
    assert shown(value, unit) == words
