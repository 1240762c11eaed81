"""Every row of the table of faults, played once on a stack of its own by what `make faults` plays.

Those in which nothing is heard that others do not sound like are played without a phone. Lived once
for all tests of `test_faults`, in the background of others.
"""

from pathlib import Path
from typing import TypeAlias

from rehearsal.trials import ROWS
from rehearsal.trials.callers import customers
from rehearsal.trials.ground import Counting, open_ground
from rehearsal.trials.round import Trial, by_phone, play_all
from rehearsal.trials.unheard import play_unheard
from tests.e2e.floor import FLOOR, standing

Tried: TypeAlias = dict[str, Trial]
"""Each row by its name."""


async def trials(folder: Path) -> Tried:
    """Play all of them; what each came to when all were over."""
    counting, callers = Counting(), iter(customers())
    heard = [row for row in ROWS if row.by_phone]
    unheard = [row for row in ROWS if not row.by_phone]
    async with (
        standing(folder, **counting.stack()) as stack,
        open_ground(stack, counting) as ground,
    ):
        found = await play_all(ground, unheard, callers, played=play_unheard)
        found += await play_all(ground, heard, callers, played=by_phone(FLOOR))
        return {trial.row.name: trial for trial in found}
