"""Units and colours of panels, by their meaning; Grafana and the page both know them."""

from enum import StrEnum


class Unit(StrEnum):
    """The unit of a value; Grafana's name for it."""

    COUNT = "short"
    RATIO = "percentunit"
    SECONDS = "s"
    BYTES = "bytes"
    USD = "currencyUSD"
    PER_MINUTE = "suffix: /min"
    WORDS = "string"


class Colour(StrEnum):
    """Colours by meaning, told apart by colour-blind people too."""

    GOOD = "#2b8a5a"
    WARN = "#e0a100"
    BAD = "#c4314b"
    WORST = "#7a1f3d"
    CALM = "#3b78c2"
    OTHER = "#7b61a8"
    FAINT = "#9aa3ad"
    FAINTER = "#c9ced4"
