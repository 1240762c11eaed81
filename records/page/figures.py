"""What a call amounts to in numbers: how long the caller waited, and what it cost.

Pure; used by the page of a call. Money stays in whole millionths until it is written out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from records.page.words import latency_name
from records.view import CallView, CostLine

RESPONSE = "turn_response"
DEAD_AIR = "dead_air"


@dataclass(frozen=True)
class Spread:
    """One kind of wait in a call. All in milliseconds but `count`."""

    name: str
    count: int
    p50: int
    p95: int
    worst: int
    worst_at: float
    total: int


@dataclass(frozen=True)
class Response:
    """One answer the caller waited for, from `began_at` on: the end of their speech."""

    began_at: float
    ms: int


def responses(call: CallView) -> list[Response]:
    """Every wait of the caller for an answer, by its beginning.

    A turn knows where its answer lies. Where more of them were measured than turns tell of, the
    latencies are read instead.
    """
    of_turns = [
        Response(turn.began_at - turn.response_ms / 1000, turn.response_ms)
        for turn in call.turns
        if turn.response_ms is not None and turn.began_at is not None
    ]
    measured = [Response(one.at, one.ms) for one in call.latencies if one.what == RESPONSE]
    known = measured if len(measured) > len(of_turns) else of_turns
    return sorted(known, key=lambda one: one.began_at)


def spreads(call: CallView) -> list[Spread]:
    """Every kind of wait of the call, the response first."""
    waits: dict[str, list[Response]] = {RESPONSE: responses(call)}
    for one in call.latencies:
        if one.what != RESPONSE:
            waits.setdefault(one.what, []).append(Response(one.at, one.ms))
    return [_spread(what, found) for what, found in waits.items() if found]


def _spread(what: str, waits: Sequence[Response]) -> Spread:
    ms = sorted(wait.ms for wait in waits)
    worst = max(waits, key=lambda wait: wait.ms)
    return Spread(
        name=latency_name(what),
        count=len(ms),
        p50=nearest_rank(ms, 50),
        p95=nearest_rank(ms, 95),
        worst=worst.ms,
        worst_at=worst.began_at,
        total=sum(ms),
    )


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """The smallest value that `percent` of all do not pass: one that was measured, none between."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def totals(lines: Sequence[CostLine]) -> list[tuple[str, int]]:
    """What the call cost in each currency, in millionths; no two are added up.

    Lines without a price are in no sum: whoever shows one has to say so.
    """
    sums: dict[str, int] = {}
    for line in (one for one in lines if not one.unpriced):
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_micro
    return sorted(sums.items())
