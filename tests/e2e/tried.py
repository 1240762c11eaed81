"""Every row of the table of faults, played once on a stack of its own by what `make faults` plays.

Those in which nothing is heard that others do not sound like are played without a phone. Lived once
for all tests of `test_faults`, in the background of others.
"""

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from rehearsal.trials import ROWS, Row
from rehearsal.trials.callers import Customer, customers
from rehearsal.trials.ground import Counting, Ground, open_ground
from rehearsal.trials.playing import Turn
from rehearsal.trials.round import Trial, by_phone, play_all
from rehearsal.trials.seen import Seen
from rehearsal.trials.unheard import play_unheard
from tests.e2e.floor import FLOOR, standing

AWAY_S = 20.0

Tried: TypeAlias = dict[str, Trial]
"""Each row by its name."""


def _shorter(row: Row) -> Row:
    """The same, and what is away for a minute in `make faults` is back sooner here."""
    if row.strike is None or row.strike.lasts_s is None:
        return row
    lasts_s = min(row.strike.lasts_s, AWAY_S)
    return replace(row, strike=replace(row.strike, lasts_s=lasts_s))


async def trials(folder: Path) -> Tried:
    """Play all of them; what each came to when all were over."""
    counting, callers = Counting(), iter(customers())
    phoned = by_phone(FLOOR)

    async def played(ground: Ground, row: Row, customer: Customer, turn: Turn) -> Seen:
        return await (phoned if row.by_phone else play_unheard)(ground, row, customer, turn)

    async with (
        standing(folder, **counting.stack()) as stack,
        open_ground(stack, counting) as ground,
    ):
        found = await play_all(ground, [_shorter(row) for row in ROWS], callers, played=played)
        return {trial.row.name: trial for trial in found}
