"""A small book and calls to be priced by it, for the tests of cost."""

from datetime import UTC, date, datetime
from decimal import Decimal

from records.costing import Terms
from records.prices import MinutePrice, PriceBook, StoragePrice, TokenPrice
from records.view import CostLine

START = datetime(2026, 6, 15, 12, 0, tzinfo=UTC).timestamp()
FIRST = date(2026, 1, 1)


def tokens(since: date = FIRST, **prices: str) -> TokenPrice:
    """A price by tokens, from the first of January on."""
    amounts = {field: Decimal(price) for field, price in prices.items()}
    return TokenPrice(since=since, source="a test", **amounts)


def minutes(price: str, increment_s: int = 1, minimum_s: int = 0) -> MinutePrice:
    """A price by the minute."""
    return MinutePrice(
        since=FIRST,
        source="a test",
        per_minute=Decimal(price),
        increment_s=increment_s,
        minimum_s=minimum_s,
    )


BOOK = PriceBook(
    currency="USD",
    models={
        "s2s": (
            tokens(
                input_text="4",
                input_audio="32",
                cached_text="0.4",
                cached_audio="0.5",
                output_text="16",
                output_audio="64",
            ),
        )
    },
    transcription={
        "by-tokens": (tokens(input_text="1.25", input_audio="3", output_text="5"),),
        "by-minutes": (minutes("0.017"),),
    },
    telephony={"carrier": {"inbound": (minutes("0.0034", increment_s=60),)}},
    platform={"self_hosted": (minutes("0"),)},
    storage={
        "bucket": (StoragePrice(since=FIRST, source="a test", per_gb_month=Decimal("0.023")),)
    },
)
TERMS = Terms(telephony="carrier", platform="self_hosted", storage="bucket", kept_days=365)


def cost_line(
    kind: str = "telephony",
    micro: int = 3400,
    *,
    item: str = "carrier inbound",
    quantity: float = 60,
    currency: str = "USD",
    priced: bool = True,
) -> CostLine:
    """A line as a record holds it."""
    return CostLine(
        kind=kind,
        item=item,
        quantity=quantity,
        unit="seconds",
        amount_micro=micro if priced else 0,
        currency=currency,
        price_dated="2026-01-01" if priced else "",
    )
