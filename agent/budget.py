"""What a call has cost so far, and when that is enough.

`agent.conversation` feeds it with what the model's server says it used and asks it ten times a
second; the call's start asks once about the day. A call that has spent its budget ends with a
sentence, and one that comes after the day's is spent hears a sentence instead of the model: nobody
is cut off, and nobody listens to ringing for ever.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction
from typing import Literal

from records.costing import MICRO, Terms, Used, added_up, lines_of, rounded, total_micro
from records.prices import CostKind, PriceBook
from records.view import CostLine, Tokens

# A sum takes 0.3 ms, and time alone makes a call dearer by the second at most.
_AGAIN_S = 1.0


class Spending(Enum):
    """What a budget says."""

    GO_ON = auto()
    """There is money left, or no limit."""
    END_POLITELY = auto()
    """The call has spent its budget: it ends as soon as nothing is owed to the caller."""
    REFUSE = auto()
    """The day's budget is spent: the caller hears a sentence, and no model is asked."""


def micro_of(limit: Decimal | None) -> int | None:
    """A limit as people write it, in millionths; None stays none."""
    return None if limit is None else rounded(Fraction(limit) * MICRO)


def decide_call(spent_micro: int, limit_micro: int | None) -> Spending:
    """Whether a call that has cost so much may go on."""
    if limit_micro is None or spent_micro < limit_micro:
        return Spending.GO_ON
    return Spending.END_POLITELY


def decide_day(spent_today_micro: int | None, limit_micro: int | None) -> Spending:
    """Whether one more call may begin; None: the sum is not known in time, and callers go first."""
    if limit_micro is None or spent_today_micro is None or spent_today_micro < limit_micro:
        return Spending.GO_ON
    return Spending.REFUSE


class CallBudget:
    """The cost of one call while it runs. Times are seconds since 1970.

    It is worked out anew from the sum of what was used, as for the record: both come to the same.
    """

    def __init__(
        self,
        *,
        book: PriceBook,
        terms: Terms,
        limit_micro: int | None,
        started_at: float,
        direction: Literal["inbound", "outbound"] = "inbound",
    ) -> None:
        self._book, self._terms, self._limit_micro = book, terms, limit_micro
        self._started_at, self._direction = started_at, direction
        self._answered_at: float | None = None
        self._tokens: list[Tokens] = []
        self._told: dict[CostKind, int] = {}
        self._spent_micro = 0
        self._summed_at: float | None = None

    def answered(self, at: float) -> None:
        """The line is up: the carrier counts from now on."""
        if self._answered_at is None:
            self._answered_at, self._summed_at = at, None

    def used(self, tokens: Tokens) -> None:
        """A model used so much more."""
        self._tokens = added_up([*self._tokens, tokens])
        self._summed_at = None

    def lines(self, now: float, *, recorded_bytes: int | None = None) -> list[CostLine]:
        """What the call has cost, as its record will say if it ends now."""
        used = Used(
            started_at=self._started_at,
            answered_at=self._answered_at,
            until=now,
            direction=self._direction,
            tokens=tuple(self._tokens),
            recorded_bytes=recorded_bytes,
        )
        return lines_of(used, self._book, self._terms)

    def decide(self, now: float) -> Spending:
        """Whether the call may go on."""
        if self._limit_micro is None:
            return Spending.GO_ON
        if self._summed_at is None or now - self._summed_at >= _AGAIN_S:
            self._spent_micro, self._summed_at = total_micro(self.lines(now)), now
        return decide_call(self._spent_micro, self._limit_micro)

    def news(self, lines: Iterable[CostLine]) -> dict[CostKind, int]:
        """Millionths by kind that were not told before; all that is told adds up to `lines`."""
        sums: dict[CostKind, int] = {}
        for line in lines:
            kind = CostKind(line.kind)
            sums[kind] = sums.get(kind, 0) + line.amount_micro
        fresh = {kind: sum_ - self._told.get(kind, 0) for kind, sum_ in sums.items()}
        self._told |= sums
        return {kind: micro for kind, micro in fresh.items() if micro > 0}


def usd_of(micro: int, book: PriceBook) -> float | None:
    """Millionths of the book's currency in US dollars; None if the book does not say how many."""
    rate = Decimal(1) if book.currency == "USD" else book.usd_per_unit
    return None if rate is None else float(Fraction(rate) * micro / MICRO)
