"""What one call cost, line by line: a pure function of what it used and of the book of prices.

Called at a call's end, by whoever closes the record of a job that died, and while a call runs by
`agent.budget`. Amounts are whole millionths of the book's currency. Arithmetic is exact: a line is
worked out from the sum of what was used and rounded once, half up; the total is the sum of lines.
What the book has no price for is a line as well, told by `CostLine.unpriced`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from records.prices import CostKind, MinutePrice, Price, PriceBook, TokenPrice, in_force
from records.view import CallView, CostLine, Tokens

MICRO = 1_000_000
UNKNOWN = "unknown"
"""The item of a line whose carrier, platform or storage nobody has named."""
_GB = 2**30
_MONTHS_A_DAY = Fraction(12, 365)
_MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Terms:
    """By which prices of the book a call is paid; None has no price, and a line that says so."""

    telephony: str | None = None
    """The carrier."""
    platform: str | None = None
    """Where LiveKit runs."""
    storage: str | None = None
    """Where the recording is kept."""
    kept_days: int = 0
    """How long the recording is going to be kept; paid at once, with the call."""
    transcription_model: str | None = None
    """Which of the models wrote down what was said, for one that the book does not know."""


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a call used. Times are seconds since 1970."""

    started_at: float
    answered_at: float | None
    until: float
    """Its end, or now."""
    direction: Literal["inbound", "outbound"]
    tokens: tuple[Tokens, ...] = ()
    """Any number for one model: they are added up."""
    recorded_bytes: int | None = None
    """Size of the recording; None without one."""

    @classmethod
    def by(cls, call: CallView) -> "Used":
        """What the record says of a call; of one that goes on, no time is counted yet."""
        return cls(
            started_at=call.started_at,
            answered_at=call.answered_at,
            until=call.started_at if call.ended_at is None else call.ended_at,
            direction=call.direction,
            tokens=tuple(call.tokens),
            recorded_bytes=None if call.recording is None else call.recording.bytes,
        )


class _Bought(NamedTuple):
    kind: CostKind
    item: str
    quantity: int | Fraction
    unit: str
    price: Price | None
    each: Fraction
    """Price of one `unit`."""


def lines_of(used: Used, book: PriceBook, terms: Terms) -> list[CostLine]:
    """Every line of what a call cost, by kind and item; nothing that was not used.

    The prices are those of the day (UTC) on which the call started.
    """
    day = datetime.fromtimestamp(used.started_at, UTC).date()
    bought = [
        *_models(added_up(used.tokens), book, terms, day),
        *_minutes(used, book, terms, day),
        *_kept(used, book, terms, day),
    ]
    order = list(CostKind)
    bought.sort(key=lambda one: (order.index(one.kind), one.item, one.unit))
    return [_line(one, book.currency) for one in bought]


def total_micro(lines: Iterable[CostLine]) -> int:
    """What the lines come to; those without a price add nothing and are to be told beside it."""
    return sum(line.amount_micro for line in lines)


def added_up(tokens: Iterable[Tokens]) -> list[Tokens]:
    """One entry for each model, by name."""
    sums: dict[str, dict[str, int]] = {}
    for entry in tokens:
        counts = entry.model_dump(exclude={"model"})
        known = sums.setdefault(entry.model, dict.fromkeys(counts, 0))
        sums[entry.model] = {field: known[field] + counts[field] for field in counts}
    return [Tokens(model=model, **sums[model]) for model in sorted(sums)]


def rounded(amount: Fraction) -> int:
    """The nearest whole number, halves upwards; amounts are not negative."""
    return int(amount + Fraction(1, 2))


def _line(one: _Bought, currency: str) -> CostLine:
    return CostLine(
        kind=one.kind,
        item=one.item,
        quantity=float(one.quantity),
        unit=one.unit,
        amount_micro=rounded(one.quantity * one.each * MICRO),
        currency=currency,
        price_dated="" if one.price is None else one.price.since.isoformat(),
    )


def _models(used: list[Tokens], book: PriceBook, terms: Terms, day: date) -> Iterator[_Bought]:
    for tokens in used:
        if _transcribes(tokens, book, terms):
            yield from _transcription(tokens, book, day)
        else:
            price = in_force(book.models.get(tokens.model, ()), day)
            for kind, count, field in _by_kind(tokens):
                if count:
                    yield _by_tokens(kind, tokens.model, count, price, field)


def _transcribes(tokens: Tokens, book: PriceBook, terms: Terms) -> bool:
    if tokens.model in book.transcription or tokens.model in book.models:
        return tokens.model in book.transcription
    return tokens.transcribed_ms > 0 or tokens.model == terms.transcription_model


def _by_kind(tokens: Tokens) -> Iterator[tuple[CostKind, int, str]]:
    # What was cached is part of the input and is paid once, as cached.
    text, audio = tokens.input_cached_text, tokens.input_cached_audio
    yield CostKind.MODEL_INPUT_TEXT, tokens.input_text - text, "input_text"
    yield CostKind.MODEL_INPUT_AUDIO, tokens.input_audio - audio, "input_audio"
    yield CostKind.MODEL_INPUT_CACHED_TEXT, text, "cached_text"
    yield CostKind.MODEL_INPUT_CACHED_AUDIO, audio, "cached_audio"
    yield CostKind.MODEL_OUTPUT_TEXT, tokens.output_text, "output_text"
    yield CostKind.MODEL_OUTPUT_AUDIO, tokens.output_audio, "output_audio"


def _transcription(tokens: Tokens, book: PriceBook, day: date) -> Iterator[_Bought]:
    price = in_force(book.transcription.get(tokens.model, ()), day)
    kind, item = CostKind.TRANSCRIPTION, tokens.model
    if tokens.transcribed_ms:
        by_minute = price if isinstance(price, MinutePrice) else None
        yield from _by_minutes(kind, item, Fraction(tokens.transcribed_ms, 1000), by_minute)
    by_token = price if isinstance(price, TokenPrice) else None
    # No list has a price for cached input of these models: it is paid like any other.
    counts = {
        "input_text": tokens.input_text,
        "input_audio": tokens.input_audio,
        "output_text": tokens.output_text,
    }
    for field, count in counts.items():
        if count:
            yield _by_tokens(kind, item, count, by_token, field)


def _by_tokens(
    kind: CostKind, item: str, count: int, price: TokenPrice | None, field: str
) -> _Bought:
    unit = f"{field}_tokens" if kind is CostKind.TRANSCRIPTION else "tokens"
    million: Decimal | None = None if price is None else getattr(price, field)
    if price is None or million is None:
        return _Bought(kind, item, count, unit, None, Fraction(0))
    return _Bought(kind, item, count, unit, price, Fraction(million) / _MILLION)


def _minutes(used: Used, book: PriceBook, terms: Terms, day: date) -> Iterator[_Bought]:
    if used.answered_at is not None:
        carrier = book.telephony.get(terms.telephony or "", {})
        price = in_force(carrier.get(used.direction, ()), day)
        item = f"{terms.telephony or UNKNOWN} {used.direction}"
        yield from _by_minutes(CostKind.TELEPHONY, item, _span(used.answered_at, used.until), price)
    price = in_force(book.platform.get(terms.platform or "", ()), day)
    span = _span(used.started_at, used.until)
    yield from _by_minutes(CostKind.PLATFORM, terms.platform or UNKNOWN, span, price)


def _span(since: float, until: float) -> Fraction:
    # Milliseconds are what the clocks of calls are good for.
    return Fraction(max(0, round((until - since) * 1000)), 1000)


def _by_minutes(
    kind: CostKind, item: str, seconds: Fraction, price: MinutePrice | None
) -> Iterator[_Bought]:
    if seconds and price is None:
        yield _Bought(kind, item, seconds, "seconds", None, Fraction(0))
    elif seconds and price is not None:
        steps = -(-max(seconds, Fraction(price.minimum_s)) // price.increment_s)
        billed, each = steps * price.increment_s, Fraction(price.per_minute) / 60
        yield _Bought(kind, item, billed, "seconds", price, each)


def _kept(used: Used, book: PriceBook, terms: Terms, day: date) -> Iterator[_Bought]:
    if used.recorded_bytes is None:
        return
    months = Fraction(used.recorded_bytes, _GB) * terms.kept_days * _MONTHS_A_DAY
    price = in_force(book.storage.get(terms.storage or "", ()), day)
    each = Fraction(0) if price is None else Fraction(price.per_gb_month)
    yield _Bought(CostKind.STORAGE, terms.storage or UNKNOWN, months, "gb_months", price, each)
