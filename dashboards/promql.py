"""The few shapes of PromQL that panels are made of, so that each is written, and right, once.

A selector is what stands in braces. A ratio of nothing by nothing is no number: comparing it with
0 drops it, so that a panel can say why it is empty instead of showing NaN.
"""

RATE = "$__rate_interval"
RANGE = "$__range"


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


def _sum(by: str) -> str:
    return f"sum by ({by}) " if by else "sum"
