"""`make faults`, `make soak-faults`: a stack of their own, a line for each row on it, the table.

Run by `python -m rehearsal faults|soak-faults`. Returns whether every promise was kept.
"""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from rich.console import Console

from rehearsal.stack import Stack
from rehearsal.trials.callers import customers
from rehearsal.trials.ground import Counting, Ground, open_ground
from rehearsal.trials.repeating import variations
from rehearsal.trials.round import AT_ONCE, Places, Trial, by_phone, play_all
from rehearsal.trials.row import Row
from rehearsal.trials.rows import ROWS, WORST
from rehearsal.trials.table import heard, repeated, table

# How long a row holds the run up, measured; the ones side by side a third of their call.
BESIDE_S, ALONE_S = 9.0, 30.0
WIDTH = 132


class NoSuchRow(Exception):
    """There is no row of this name; the message names those there are."""


def chosen(only: Sequence[str]) -> list[Row]:
    """The rows of these names, or all."""
    known = {row.name: row for row in ROWS}
    if unknown := [name for name in only if name not in known]:
        raise NoSuchRow(f"there is no row {unknown[0]!r}: choose {'; '.join(known)}")
    return [known[name] for name in only] or list(ROWS)


async def show_faults(rows: Sequence[Row], console: Console) -> bool:
    """Play every row once and print the table; whether all promises were kept."""
    progress = _Progress(console, rows)
    async with _ground(console) as ground:
        playing = play_all(
            ground, rows, iter(customers()), played=by_phone(Places(AT_ONCE)), done=progress.tell
        )
        trials = await ground.stack.unless_dies(playing)
    console.print()
    Console(width=max(WIDTH, console.width)).print(table(trials))
    return _verdict(console, trials)


async def show_faults_again(times: int, seed: int, console: Console) -> bool:
    """Play the worst rows so many times and print what came of them; whether all was kept."""
    rows = chosen(WORST)
    console.print(f"seed {seed}: `make soak-faults SEED={seed}` strikes at the same moments again")
    progress = _Progress(console, rows * times)
    trials: list[Trial] = []
    async with _ground(console) as ground:
        for varied in variations(rows, times=times, seed=seed):
            playing = play_all(
                ground,
                varied,
                iter(customers()),
                played=by_phone(Places(AT_ONCE)),
                done=progress.tell,
            )
            trials += await ground.stack.unless_dies(playing)
            await ground.as_on_the_first_day()
    console.print()
    Console(width=max(WIDTH, console.width)).print(repeated(trials, WORST))
    return _verdict(console, trials)


@asynccontextmanager
async def _ground(console: Console) -> AsyncIterator[Ground]:
    counting = Counting()
    async with Stack.start(**counting.stack()) as stack, open_ground(stack, counting) as ground:
        console.print(f"calls, logs and databases are in {stack.folder}", style="dim")
        yield ground


class _Progress:
    """A line for each row that is over, with the time that the others will take."""

    def __init__(self, console: Console, rows: Iterable[Row]) -> None:
        self._console, self._began = console, time.monotonic()
        self._costs = [ALONE_S if row.alone else BESIDE_S for row in rows]
        self._all_s, self._spent_s, self._done = sum(self._costs), 0.0, 0

    def tell(self, trial: Trial) -> None:
        """One more is over."""
        self._done += 1
        self._spent_s += ALONE_S if trial.row.alone else BESIDE_S
        took_s = time.monotonic() - self._began
        # What the first ones took says little: they were begun together.
        pace = max(1.0, took_s / self._spent_s) if self._done > AT_ONCE else 1.0
        left_min = (self._all_s - self._spent_s) * pace / 60
        what = "; ".join(trial.breaches) or f"{trial.seen.told.value}: {heard(trial)}"
        self._console.print(
            f"{self._done:3}/{len(self._costs)}  {trial.row.name:<23} {what}"
            f"  [about {left_min:.1f} min left]",
            style="red" if trial.breaches else "",
            markup=False,
            highlight=False,
        )


def _verdict(console: Console, trials: Sequence[Trial]) -> bool:
    broken = [trial for trial in trials if trial.breaches]
    for trial in broken:
        says = f"  ✗ {trial.row.name} ({trial.row.breaks}): {'; '.join(trial.breaches)}"
        console.print(says, style="red", markup=False, highlight=False)
    kept = len(trials) - len(broken)
    console.print(f"{kept} of {len(trials)} kept every promise.", style="bold", highlight=False)
    return not broken
