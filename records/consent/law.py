"""What the law of a place asks of a company that records a call: a dated table with its sources.

The table is data, `jurisdictions.yaml`; places that are not in it count as the strictest. Read by
`records.consent.owed`, and printed by whoever has to check it.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from configs import load
from records.consent.places import Place

_FILE = Path(__file__).parent / "jurisdictions.yaml"


class Needs(StrEnum):
    """Whose consent is needed."""

    ONE = "one"
    """One party's, and the company is one."""
    TOLD = "told"
    """One party's, but the others have to be told."""
    ALL = "all"
    """Every party's."""


class Law(BaseModel):
    """What one place asks for, and the statute that says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    needs: Needs
    source: Annotated[str, Field(pattern=r"\w")]


class Jurisdictions(BaseModel):
    """`jurisdictions.yaml`; `compiled` is the day on which it was put together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compiled: date
    jurisdictions: Mapping[Place, Law]


@cache
def jurisdictions() -> Jurisdictions:
    """The table, read once.

    Raises:
        ConfigError: it has mistakes.
    """
    return load(_FILE, Jurisdictions)


def law_of(jurisdiction: str) -> Law | None:
    """The law of a place; None where nobody knows it, which is to be taken as the strictest."""
    return jurisdictions().jurisdictions.get(jurisdiction)
