"""Who calls in trials, at which moments repetitions strike, and how it is told."""

from io import StringIO

import pytest
from rich.console import Console

from rehearsal.trials import ROWS, WORST
from rehearsal.trials.callers import Customer, customers, part
from rehearsal.trials.repeating import variations
from rehearsal.trials.round import Trial
from rehearsal.trials.row import Row, Told
from rehearsal.trials.seen import Seen
from rehearsal.trials.show import NoSuchRow, chosen
from rehearsal.trials.table import repeated, table

ROBIN = Customer("+15550001111", "94107", "4302")


def named(name: str) -> Row:
    """The row of this name."""
    return chosen([name])[0]


def shown(what: object) -> str:
    """It, as printed."""
    paper = StringIO()
    Console(width=120, file=paper).print(what)
    return paper.getvalue()


def test_there_are_customers_for_every_row_and_for_second_calls() -> None:
    """Nobody calls twice in a round, and nobody has an order of somebody else."""
    found = customers()

    assert len({customer.number for customer in found}) == len(found) >= len(ROWS) + 10
    assert len({customer.order for customer in found}) == len(found)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_a_call_that_can_be_made(row: Row) -> None:
    """Its steps are those of a caller, its faults are known to the office."""
    assert part(row, ROBIN).steps[0].say
    assert all("{order}" not in fault.on("4302").route for fault in row.office)


def test_a_seed_strikes_at_the_same_moments_again() -> None:
    """Another one at others; never outside a row's window."""
    rows = chosen(WORST)
    first, second, other = (
        [[r.strike.after_s for r in of if r.strike] for of in variations(rows, times=3, seed=seed)]
        for seed in (1, 1, 2)
    )

    assert first == second != other
    windows = [row.strike.window_s for row in rows if row.strike]
    assert all(at <= most for of in first for at, most in zip(of, windows, strict=True))


def test_a_row_that_is_not_there_is_told_with_those_that_are() -> None:
    """`--only` with a mistake in it."""
    with pytest.raises(NoSuchRow, match="there is no row 'hung': choose reset before; "):
        chosen(["hung"])


def test_the_table_says_what_was_heard_and_what_came_of_it() -> None:
    """One line for each row; a broken promise is a no."""
    seen = Seen(told=Told.DONE, words="Order is cancelled.", outcomes=("ok",), kept=("ok",))
    kept = Trial(named("huge body"), ROBIN, Seen(**{**vars(seen), "effects": 1}))
    broken = Trial(named("job killed"), ROBIN, Seen(told=Told.NOTHING, dead=True))

    lines = shown(table([kept, broken])).splitlines()

    assert [line.split()[-1] for line in lines[2:4]] == ["yes", "no"]
    assert "Order is cancelled." in lines[2]
    assert "(nothing)" in lines[3]


def test_repetitions_are_counted_by_what_came_of_them() -> None:
    """How often each was told, and the longest that anything was open."""
    row = named("job killed")
    seen = Seen(told=Told.NOTHING, dead=True, spoken_to_s=1.0, effects=1, kept=("ok",))
    trials = [Trial(row, ROBIN, Seen(**{**vars(seen), "reconciled_s": s})) for s in (5.0, 9.0)]

    line = shown(repeated(trials, [row.name])).splitlines()[2]

    assert line.split()[2:] == ["2", "nothing:", "2", "1:", "2", "9", "s", "(2", "times)", "0"]
