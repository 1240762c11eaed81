"""All boards, and what their variables and Grafana's placeholders stand for outside Grafana."""

from collections.abc import Mapping

from dashboards.business import BUSINESS
from dashboards.operations import OPERATIONS
from dashboards.panel import Board
from dashboards.tool_health import TOOLS

BOARDS: tuple[Board, ...] = (OPERATIONS, BUSINESS, TOOLS)


def everything(board: Board, *, range_s: int, rate_s: int) -> dict[str, str]:
    """The values with which a board shows everything over `range_s`, rates over `rate_s`."""
    chosen = {variable.name: ".*" for variable in board.variables}
    return chosen | {"__range": f"{range_s}s", "__rate_interval": f"{rate_s}s"}


def filled(expr: str, values: Mapping[str, str]) -> str:
    """The expression with values for its placeholders, as Grafana would send it."""
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace(f"${name}", values[name])
    return expr
