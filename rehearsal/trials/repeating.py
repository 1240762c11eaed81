"""Rows played again and again, each time struck at another moment; the same for one seed. Pure."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rehearsal.trials.row import Row


def variations(rows: Sequence[Row], *, times: int, seed: int) -> Iterator[list[Row]]:
    """`times` rounds of all rows."""
    dice = random.Random(seed)
    for _ in range(times):
        yield [_varied(row, dice) for row in rows]


def _varied(row: Row, dice: random.Random) -> Row:
    """The row with its moment anywhere in its window."""
    later = dice.uniform(0, row.window_s) if row.window_s else row.hang_up_s
    if row.strike is None or not row.strike.window_s:
        return replace(row, hang_up_s=later)
    after_s = dice.uniform(0, row.strike.window_s)
    return replace(row, hang_up_s=later, strike=replace(row.strike, after_s=after_s))
