"""Where a telephone number was issued: "US-CA", "DE", or "unknown". Pure.

A number says where it was issued and not where its caller is; nothing better is known when a call
begins. The numbering plan of the world is libphonenumber's. Area codes of North America, which
phonenumbers knows only as the names of towns, are in `area_codes.yaml`. Read by the call, for
`records.consent.owed`.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, TypeAlias

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field

from configs import load

UNKNOWN = "unknown"
"""A number that is withheld, belongs to no plan, or to no place: toll-free and the like."""
Place: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2})?$")]
"""A country by its ISO 3166-1 code, or a state of the USA: `DE`, `US-CA`."""
AreaCode: TypeAlias = Annotated[int, Field(ge=200, le=999)]

_FILE = Path(__file__).parent / "area_codes.yaml"
_NORTH_AMERICA = "+1"
_NORTH_AMERICAN_DIGITS = 10


class AreaCodes(BaseModel):
    """`area_codes.yaml`: the area codes of each place in North America."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compiled: date
    source: str
    areas: Mapping[Place, tuple[AreaCode, ...]]


def jurisdiction_of(number: str | None, known: Mapping[str, str] | None = None) -> str:
    """The place that `number` (E.164) was issued in, or `UNKNOWN`.

    `known` has places of numbers by how they begin; it counts for those that no plan knows, the
    longest beginning first.
    """
    if number is None:
        return UNKNOWN
    place = _in_north_america(number) if number.startswith(_NORTH_AMERICA) else _abroad(number)
    if place == UNKNOWN:
        begins = sorted((k for k in known or {} if number.startswith(k)), key=len)
        return (known or {})[begins[-1]] if begins else UNKNOWN
    return place


@cache
def area_codes() -> AreaCodes:
    """The table, read once.

    Raises:
        ConfigError: it has mistakes.
    """
    return load(_FILE, AreaCodes)


@cache
def _places_by_code() -> Mapping[str, str]:
    return {str(code): place for place, codes in area_codes().areas.items() for code in codes}


def _in_north_america(number: str) -> str:
    national = number.removeprefix(_NORTH_AMERICA)
    if len(national) != _NORTH_AMERICAN_DIGITS:
        return UNKNOWN
    return _places_by_code().get(national[:3], UNKNOWN)


def _abroad(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return UNKNOWN
    if not phonenumbers.is_valid_number(parsed):
        # It is in no plan: who made it up may be anywhere.
        return UNKNOWN
    region = phonenumbers.region_code_for_number(parsed)
    nowhere = region is None or region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
    return UNKNOWN if nowhere else str(region)
