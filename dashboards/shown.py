"""Values as people read them on the page: a number with its unit, never more digits than matter."""

import math

from dashboards.units import Unit

STEPS_OF_BYTES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def shown(value: float, unit: Unit) -> str:
    """A value in words, "-" where it is no number."""
    if not math.isfinite(value):
        return "-"
    return SAID.get(unit, _number)(value)


def _ratio(value: float) -> str:
    # Near a promise of 99.5 % one digit more matters.
    return f"{value * 100:.4g} %" if value >= 0.995 else f"{value * 100:.3g} %"


def _usd(value: float) -> str:
    return f"${value:,.2f}" if value >= 0.01 or value == 0 else f"${value:.4f}"


def _per_minute(value: float) -> str:
    return f"{_number(value)} /min"


def _seconds(value: float) -> str:
    if value == 0:
        return "0 s"
    if value < 1:
        return f"{value * 1000:.3g} ms"
    if value < 120:
        return f"{value:.3g} s"
    return f"{value / 60:.3g} min"


def _bytes(value: float) -> str:
    for name, size in STEPS_OF_BYTES:
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:.0f} B"


def _number(value: float) -> str:
    if value >= 100_000:
        return f"{value / 1000:,.0f}k"
    if value >= 10 or value == round(value):
        # An increase between two scrapes is an estimate; its decimals mean nothing.
        return f"{value:,.0f}"
    return f"{value:.2g}"


SAID = {
    Unit.RATIO: _ratio,
    Unit.SECONDS: _seconds,
    Unit.BYTES: _bytes,
    Unit.USD: _usd,
    Unit.PER_MINUTE: _per_minute,
}
