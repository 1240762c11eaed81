"""The few shapes of PromQL that panels are made of, so that each is written, and right, once.

A selector is what stands in braces. A ratio of nothing by nothing is no number: comparing it with
0 drops it, so that a panel can say why it is empty instead of showing NaN.
"""

import re
from collections.abc import Mapping

RATE = "$__rate_interval"
RANGE = "$__range"
NOT_SERIES = re.compile(
    r"sum|max|min|avg|count|by|without|on|ignoring|group_left|or|and|unless|absent|vector|rate"
    r"|increase|deriv|histogram_quantile|\w+_over_time|offset|bool|scalar"
)


def selector(where: str) -> str:
    """What stands behind a series' name."""
    return f"{{{where}}}" if where else ""


def per_minute(series: str, by: str = "", where: str = "") -> str:
    """How often a minute, now."""
    return f"60 * {_sum(by)}(rate({series}{selector(where)}[{RATE}]))"


def in_range(series: str, by: str = "", where: str = "") -> str:
    """How many in the time that is shown."""
    return f"{_sum(by)}(increase({series}{selector(where)}[{RANGE}]))"


def quantile(
    share: float, series: str, *, by: str = "", where: str = "", within: str = RATE
) -> str:
    """The value in seconds, or whatever the histogram holds, that `share` of all stay below."""
    labels = f"le, {by}" if by else "le"
    inner = f"sum by ({labels}) (rate({series}_bucket{selector(where)}[{within}]))"
    return f"histogram_quantile({share:g}, {inner}) >= 0"


def buckets(series: str, where: str = "") -> str:
    """How many fell into each bucket, for a heat map."""
    return f"sum by (le) (increase({series}_bucket{selector(where)}[{RATE}]))"


def share(part: str, whole: str) -> str:
    """`part` of `whole`; nothing where there is no whole."""
    return f"(({part}) / ({whole})) >= 0"


def or_none(expr: str) -> str:
    """0 where nothing was ever counted; only for what is rightly absent until it happens."""
    return f"(({expr}) or vector(0))"


def filled(expr: str, values: Mapping[str, str]) -> str:
    """The expression with values for its placeholders, as Grafana would send it."""
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace(f"${name}", values[name])
    return expr


def series_in(expr: str) -> set[str]:
    """The names of the series that an expression reads, suffixes of histograms included."""
    bare = re.sub(r'"(\\.|[^"\\])*"|\{[^}]*\}|\[[^]]*\]', " ", expr)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left)\s*\([^)]*\)", " ", bare)
    words = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare))
    return {word for word in words if not NOT_SERIES.fullmatch(word)}


def _sum(by: str) -> str:
    return f"sum by ({by}) " if by else "sum"
