"""Draws lines over time and heat maps as SVG, with matplotlib; `dashboards.page` places them.

Names of series never get into a drawing: they come from labels, and the page escapes them in its
own legend.
"""

import io
import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.answers import Span
from dashboards.prometheus import Line
from dashboards.shown import shown
from dashboards.units import Unit

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # The same drawing has the same names inside on every run.
    "svg.hashsalt": "frontdesk",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": "#c9ced4",
    "axes.labelcolor": "#5b6570",
    "xtick.color": "#5b6570",
    "ytick.color": "#5b6570",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
PIXELS = 72
DAY_S = 86_400
# Left, right, top, bottom, in pixels.
MARGINS = (62, 8, 8, 20)
PROMISE = "#c4314b"
# An axis of a ratio or a count that is all zero would be drawn from -0.05 to 0.05.
LEAST_TOP = 1e-9


def lines(
    found: Sequence[tuple[Line, str]],
    unit: Unit,
    size: tuple[float, float],
    span: Span,
    *,
    stacked: bool = False,
    promise: float | None = None,
    top: float | None = None,
) -> str:
    """Lines, or areas on each other, each with its colour; `promise` is a dashed line across."""
    with mpl.rc_context(STYLE):
        figure, axes = _blank(size)
        if stacked:
            _stack(axes, found)
        else:
            for line, colour in found:
                at, values = _with_gaps(line, span)
                axes.plot(_times(at), values, color=colour, linewidth=1.6)
        if promise is not None:
            axes.axhline(promise, color=PROMISE, linewidth=1, linestyle=(0, (4, 3)))
        highest = axes.get_ylim()[1] if top is None else top * 1.05
        axes.set_ylim(0, max(highest, _enough(unit)))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=unit is Unit.COUNT))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value, unit)))
        axes.grid(axis="y", color="#e8ebee", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlim(*_times([span.begins, span.ends]))
        return _svg(figure, axes)


def heat(
    found: Sequence[Line],
    unit: Unit,
    size: tuple[float, float],
    span: Span,
    *,
    promise: float | None = None,
) -> tuple[str, float]:
    """A heat map of a histogram's cumulative buckets, one row for each bucket.

    Returns it and the number that its darkest cell stands for.
    """
    rows = sorted(found, key=lambda line: float(line.labels["le"]))
    bounds = [float(line.labels["le"]) for line in rows]
    # Cells without traffic, or without a scrape, stay white where they belong.
    below = np.zeros((len(rows), span.length_s // span.cell_s))
    for n, line in enumerate(rows):
        places = [round((moment - span.begins) / span.cell_s) - 1 for moment in line.at]
        below[n, places] = line.values
    cells = np.clip(np.diff(below, axis=0, prepend=0), 0, None)
    with mpl.rc_context(STYLE):
        figure, axes = _blank(size)
        edges = _times([span.begins + n * span.cell_s for n in range(below.shape[1] + 1)])
        shades = np.ma.masked_less(cells, 0.5)
        # Not from the palest on: one turn in a cell must be seen on white.
        palest = -0.25 * float(cells.max(initial=1))
        axes.pcolormesh(edges, np.arange(len(rows) + 1), shades, cmap="YlGnBu", vmin=palest)
        _bucket_names(axes, bounds, unit, promise)
        if promise is not None and promise in bounds:
            level = bounds.index(promise) + 1
            axes.axhline(level, color=PROMISE, linewidth=1, linestyle=(0, (4, 3)))
        return _svg(figure, axes), float(cells.max(initial=0))


def spark(line: Line, colour: str, size: tuple[float, float]) -> str:
    """A small line without axes, for beside a number."""
    with mpl.rc_context(STYLE):
        figure, axes = _blank(size)
        axes.plot(line.at, line.values, color=colour, linewidth=1.5)
        axes.fill_between(line.at, line.values, color=colour, alpha=0.18, linewidth=0)
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        axes.axis("off")
        return _svg(figure, axes, of_time=False)


def _with_gaps(line: Line, span: Span) -> tuple[list[float], list[float]]:
    """A line that ends where values are missing, instead of leading across."""
    at: list[float] = []
    values: list[float] = []
    for moment, value in zip(line.at, line.values, strict=True):
        if at and moment - at[-1] > 1.5 * span.step_s:
            at.append(moment - span.step_s)
            values.append(math.nan)
        at.append(moment)
        values.append(value)
    return at, values


def _stack(axes: Axes, found: Sequence[tuple[Line, str]]) -> None:
    at = sorted({moment for line, _ in found for moment in line.at})
    heights = []
    for line, _ in found:
        by_time = dict(zip(line.at, line.values, strict=True))
        values = [by_time.get(moment, 0.0) for moment in at]
        heights.append([value if math.isfinite(value) else 0.0 for value in values])
    axes.stackplot(_times(at), heights, colors=[colour for _, colour in found], alpha=0.85)


def _bucket_names(axes: Axes, bounds: Sequence[float], unit: Unit, promise: float | None) -> None:
    every = max(1, math.ceil(len(bounds) / 8))
    named = [n for n, bound in enumerate(bounds) if math.isfinite(bound)][::every]
    if promise in bounds:
        kept = bounds.index(promise)
        named = sorted({kept, *(n for n in named if abs(n - kept) > 1)})
    axes.set_yticks([n + 1 for n in named], [shown(bounds[n], unit) for n in named])
    axes.set_ylim(0, len(bounds))
    axes.tick_params(axis="y", length=2)


def _blank(size: tuple[float, float]) -> tuple[Figure, Axes]:
    # Without pyplot: no backend that wants a screen, and nothing that outlives the drawing.
    figure = Figure(figsize=(size[0] / PIXELS, size[1] / PIXELS))
    return figure, figure.add_subplot()


def _times(at: Sequence[float]) -> list[float]:
    """Days since 1970, which is what matplotlib counts time in."""
    return [moment / DAY_S for moment in at]


def _enough(unit: Unit) -> float:
    return 1.0 if unit is Unit.COUNT else LEAST_TOP


def _svg(figure: Figure, axes: Axes, *, of_time: bool = True) -> str:
    # The same margins everywhere: drawings under each other share their axis of time.
    width, height = (inches * PIXELS for inches in figure.get_size_inches())
    left, right, top, bottom = MARGINS if of_time else (0, 0, 0, 0)
    figure.subplots_adjust(left / width, bottom / height, 1 - right / width, 1 - top / height)
    if of_time:
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
        axes.margins(x=0)
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    text = written.getvalue()
    return text[text.index("<svg") :]
