"""Waits as panels show them: how long half, 95 % and 99 % of callers wait at most."""

from dashboards.panel import Query
from dashboards.promql import quantile
from dashboards.slo import PATH_S
from dashboards.units import Colour

HERE = 'instance=~"$instance"'
"""The workers that are chosen on top of a board."""
NO_CALLS = "No calls in this time."
NEVER = "It has not happened since the workers started."
QUANTILES = ((0.5, "half", Colour.GOOD), (0.95, "95 %", Colour.WARN), (0.99, "99 %", Colour.BAD))


def heard(series: str) -> tuple[Query, ...]:
    """Quantiles of a wait as the caller has it: the path is added to the worker's clock."""
    return tuple(
        Query(f"({quantile(part, series, where=HERE)}) + {PATH_S:g}", name, colour=colour)
        for part, name, colour in QUANTILES
    )


def clocked(series: str) -> tuple[Query, ...]:
    """Quantiles on the worker's clock."""
    return tuple(
        Query(quantile(part, series, where=HERE), name, colour=colour)
        for part, name, colour in QUANTILES
    )
