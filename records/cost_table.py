"""What calls cost together, by day, profile, model and the like: pure sums over records of calls.

For `python -m records cost`; `records.cost_shown` puts the table on a screen or into a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from fractions import Fraction

from records.costing import rounded, total_micro
from records.outcome import RESOLVED
from records.view import CallView, CostLine


class By(StrEnum):
    """What calls can be put together by."""

    DAY = "day"
    """The day on which they started, in the zone that was asked for."""
    PROFILE = "profile"
    MODEL = "model"
    """The speech-to-speech model of the call."""
    KIND = "kind"
    """What was paid for, `records.prices.CostKind`; a call is in several rows then."""
    OUTCOME = "outcome"


def keys_of(words: str) -> tuple[By, ...]:
    """What `day,profile` asks for, in that order; nothing for no word.

    Raises:
        ValueError: a word is none of `By`, or stands there twice; the message names them all.
    """
    asked = [word.strip() for word in words.split(",") if word.strip()]
    if len(set(asked)) < len(asked) or not set(asked) <= set(By):
        raise ValueError(
            f"{words!r}: write some of {', '.join(By)}, each once, with commas between"
        )
    return tuple(By(word) for word in asked)


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """One row, amounts in millionths of `currency`.

    By kind, calls are those of all kinds together, so that the kinds of a call add up.
    """

    keys: tuple[str, ...]
    currency: str
    calls: int
    resolved: int
    total_micro: int

    @property
    def per_call_micro(self) -> int | None:
        """None without a call."""
        return _shared(self.total_micro, self.calls)

    @property
    def per_resolved_micro(self) -> int | None:
        """What all calls of the row cost for each that was resolved; None if none was."""
        return _shared(self.total_micro, self.resolved)


@dataclass(frozen=True, kw_only=True)
class UnpricedUse:
    """Something that calls used and that no price was known for: the sums are too low by it."""

    kind: str
    item: str
    unit: str
    quantity: float
    calls: int


@dataclass(frozen=True, kw_only=True)
class CostTable:
    """Rows by their keys, the sum for each currency, and what the sums do not hold."""

    by: tuple[By, ...]
    rows: list[CostRow]
    totals: list[CostRow]
    """Without keys; one for each currency in which a call was ever priced."""
    unpriced: list[UnpricedUse]
    without_lines: int
    """Ended calls in whose record no cost was written down; in no row."""
    unended: int
    """Calls that still go on; in no row."""


@dataclass
class _Sum:
    calls: int = 0
    resolved: int = 0
    micro: dict[str, int] = field(default_factory=dict)
    """By kind, or by nothing."""


def cost_table(calls: Iterable[CallView], by: tuple[By, ...], zone: tzinfo = UTC) -> CostTable:
    """Put `calls` together; each is read once and not kept."""
    groups: dict[tuple[str, ...], _Sum] = {}
    totals: dict[tuple[str, ...], _Sum] = {}
    unpriced: dict[tuple[str, str, str], list[float]] = {}
    without_lines = unended = 0
    for call in calls:
        if call.ended_at is None:
            unended += 1
        elif not call.cost:
            without_lines += 1
        else:
            _add(groups, call, tuple(key for key in by if key is not By.KIND), zone)
            _add(totals, call, (), zone)
            _note_unpriced(unpriced, call.cost)
    return CostTable(
        by=by,
        rows=_rows(groups, by),
        totals=_rows(totals, ()),
        unpriced=[
            UnpricedUse(kind=k, item=i, unit=u, quantity=sum(used), calls=len(used))
            for (k, i, u), used in sorted(unpriced.items())
        ],
        without_lines=without_lines,
        unended=unended,
    )


def _add(
    groups: dict[tuple[str, ...], _Sum], call: CallView, by: tuple[By, ...], zone: tzinfo
) -> None:
    # A book may have changed its currency: what was paid in two is never added up.
    for currency in sorted({line.currency for line in call.cost}):
        key = (currency, *(_value(call, one, zone) for one in by))
        group = groups.setdefault(key, _Sum())
        group.calls += 1
        group.resolved += call.outcome in RESOLVED
        # What has no price would look like something that cost nothing.
        lines = [one for one in call.cost if one.currency == currency and not one.unpriced]
        for kind in {line.kind for line in lines}:
            of_kind = total_micro(line for line in lines if line.kind == kind)
            group.micro[kind] = group.micro.get(kind, 0) + of_kind


def _value(call: CallView, by: By, zone: tzinfo) -> str:
    values = {
        By.DAY: datetime.fromtimestamp(call.started_at, zone).date().isoformat(),
        By.PROFILE: call.profile,
        By.MODEL: call.model,
        By.OUTCOME: "" if call.outcome is None else call.outcome.value,
    }
    return values[by]


def _note_unpriced(
    unpriced: dict[tuple[str, str, str], list[float]], lines: list[CostLine]
) -> None:
    for line in lines:
        if line.unpriced:
            unpriced.setdefault((line.kind, line.item, line.unit), []).append(line.quantity)


def _rows(groups: dict[tuple[str, ...], _Sum], by: tuple[By, ...]) -> list[CostRow]:
    rows = []
    for (currency, *others), group in groups.items():
        sums = group.micro if By.KIND in by else {"": sum(group.micro.values())}
        for kind, micro in sums.items():
            rest = iter(others)
            row = CostRow(
                keys=tuple(kind if one is By.KIND else next(rest) for one in by),
                currency=currency,
                calls=group.calls,
                resolved=group.resolved,
                total_micro=micro,
            )
            rows.append(row)
    return sorted(rows, key=lambda row: (row.keys, row.currency))


def _shared(micro: int, calls: int) -> int | None:
    return rounded(Fraction(micro, calls)) if calls else None
