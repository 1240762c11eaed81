"""What everything a call uses costs: a book of dated prices that people write.

`records.costing` turns a call's use into lines by it; the worker and `python -m records` read it
once. The book that is shipped, `prices.yaml`, holds public list prices with their sources: whoever
has a contract writes a book of their own (FRONTDESK_RECORDS_PRICES).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from configs import load

BOOK = Path(__file__).parent / "prices.yaml"


class CostKind(StrEnum):
    """What a line of cost is for: a closed list, in the order in which lines stand."""

    MODEL_INPUT_TEXT = "model_input_text"
    MODEL_INPUT_AUDIO = "model_input_audio"
    MODEL_INPUT_CACHED_TEXT = "model_input_cached_text"
    MODEL_INPUT_CACHED_AUDIO = "model_input_cached_audio"
    MODEL_OUTPUT_TEXT = "model_output_text"
    MODEL_OUTPUT_AUDIO = "model_output_audio"
    TRANSCRIPTION = "transcription"
    TELEPHONY = "telephony"
    PLATFORM = "platform"
    STORAGE = "storage"


def _day(written: Any) -> Any:
    # A number would be taken for seconds since 1970, and pydantic tells ValueErrors alone.
    if isinstance(written, int | float):
        raise ValueError("write a day like 2026-01-31")  # noqa: TRY004
    return written


Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Amount: TypeAlias = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class _Written(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )


class Price(_Written):
    """What every price says of itself."""

    since: Day = Field(alias="from")
    """First day (UTC) on which it holds, until a younger one of the same item does."""
    source: str = Field(min_length=3)
    """Where it is written: an address, or the contract."""
    seen: Day | None = None
    """Day on which somebody last read it there."""


class TokenPrice(Price):
    """A model that is paid by tokens; those that are left out have no price."""

    input_text: Amount | None = None
    """For a million tokens, like all of these."""
    input_audio: Amount | None = None
    cached_text: Amount | None = None
    """Input that the provider had cached, instead of `input_text`."""
    cached_audio: Amount | None = None
    output_text: Amount | None = None
    output_audio: Amount | None = None

    @model_validator(mode="after")
    def _prices_something(self) -> Self:
        if not self.model_fields_set - set(Price.model_fields):
            raise ValueError("it prices nothing: write input_audio, output_audio and their like")
        return self


class MinutePrice(Price):
    """Something that is paid by the minute."""

    per_minute: Amount
    increment_s: int = Field(1, ge=1, le=3600)
    """Seconds are rounded up to a multiple of it: 60 for a carrier that counts begun minutes."""
    minimum_s: int = Field(0, ge=0, le=3600)
    """What is charged at least, seconds."""


class StoragePrice(Price):
    """Something that is paid by size and time."""

    per_gb_month: Amount
    """For 2**30 bytes kept for a twelfth of a year."""


Dated = TypeVar("Dated", bound=Price)


def _one_a_day(prices: tuple[Dated, ...]) -> tuple[Dated, ...]:
    # Not by a minimum length, which pydantic tells again of a list whose only price is wrong.
    if not prices:
        raise ValueError("it holds no price; write one or leave the item out")
    days = [price.since for price in prices]
    twice = {day for day in days if days.count(day) > 1}
    if twice:
        raise ValueError(f"two prices begin on {min(twice)}; keep one")
    return tuple(sorted(prices, key=lambda price: price.since))


def _paid_by(written: Any) -> str:
    by_the_minute = isinstance(written, Mapping) and "per_minute" in written
    return "minutes" if by_the_minute or isinstance(written, MinutePrice) else "tokens"


_Series: TypeAlias = Annotated[tuple[Dated, ...], AfterValidator(_one_a_day)]
_ByTokensOrMinutes: TypeAlias = Annotated[
    Annotated[TokenPrice, Tag("tokens")] | Annotated[MinutePrice, Tag("minutes")],
    Discriminator(_paid_by),
]
_Direction: TypeAlias = Literal["inbound", "outbound"]


class PriceBook(_Written):
    """All prices, in one currency; each item has several, one after the other."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """Of every price in the book, ISO 4127: `USD`."""
    usd_per_unit: Annotated[Decimal, Field(gt=0)] | None = None
    """US dollars for one unit of `currency`, for the metric alone; none is needed for USD."""
    models: Mapping[str, _Series[TokenPrice]] = {}
    """Speech-to-speech models, by the name that a profile uses."""
    transcription: Mapping[str, _Series[_ByTokensOrMinutes]] = {}
    """Models that write down what callers say, by tokens or by the minute."""
    telephony: Mapping[str, Mapping[_Direction, _Series[MinutePrice]]] = {}
    """Carriers, by the name that a profile uses in `costs.telephony`."""
    platform: Mapping[str, _Series[MinutePrice]] = {}
    """Where LiveKit runs, by the name that a profile uses in `costs.platform`."""
    storage: Mapping[str, _Series[StoragePrice]] = {}
    """Where recordings are kept, by the name that a profile uses in `costs.storage`."""


def in_force(prices: Sequence[Dated], day: date) -> Dated | None:
    """The price that holds on `day` (UTC); None before the first of them, or if there is none."""
    begun = [price for price in prices if price.since <= day]
    return max(begun, key=lambda price: price.since, default=None)


def load_prices(file: Path = BOOK) -> PriceBook:
    """The book in `file`.

    Raises:
        ConfigError: with every mistake in it and its line.
    """
    return load(file, PriceBook)
