"""What a row promises, against everything that could have been seen."""

from dataclasses import replace

import pytest

from rehearsal.trials import ROWS, WORST
from rehearsal.trials.judging import breaches
from rehearsal.trials.row import Does, Row, Told
from rehearsal.trials.seen import Seen

ROW = Row(name="a row", breaks="nothing", may_hear=frozenset(Told))
DONE = Seen(told=Told.DONE, outcomes=("ok",), effects=1, kept=("ok",))
NOT_DONE = Seen(told=Told.NOT_DONE, outcomes=("timeout",), effects=0, kept=("timeout",))
LOST = Seen(told=Told.NOTHING, effects=1, kept=("ok",), dead=True, spoken_to_s=0.6)


@pytest.mark.parametrize("seen", [DONE, NOT_DONE, LOST, replace(DONE, reconciled_s=59.0)])
def test_what_is_true_and_in_time_is_no_breach(seen: Seen) -> None:
    """Done once and told so, not done and told so, or nothing told and found out."""
    assert breaches(ROW, seen) == []


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (replace(DONE, effects=2), "2 effects for one wish"),
        (replace(DONE, effects=0, kept=("refused",)), "told that it is done, with 0 effects"),
        (replace(NOT_DONE, effects=1, kept=("ok",)), "told that it is not done, with 1 effects"),
        (replace(DONE, kept=("unknown",)), "nobody has found out what became of it within 60 s"),
        (replace(LOST, kept=(None,)), "nobody has found out what became of it within 60 s"),
        (replace(DONE, kept=("refused",)), "the ledger says refused, the office not so"),
        (replace(DONE, reconciled_s=61.0), "found out after 61 s"),
        (replace(DONE, silences=(3.4,)), "silence of 3.4 s"),
        (replace(LOST, spoken_to_s=3.1), "somebody spoke after 3.1 s"),
        (replace(LOST, spoken_to_s=None), "nobody spoke to the caller"),
        (replace(DONE, complaint="the caller gave up"), "the caller gave up"),
    ],
)
def test_every_broken_promise_is_told(seen: Seen, says: str) -> None:
    """Each alone fails its row."""
    assert says in breaches(ROW, seen)


def test_what_the_caller_may_hear_is_the_rows_own() -> None:
    """A row that must be done is not kept by an honest "not done"."""
    row = replace(ROW, may_hear=frozenset({Told.DONE}))

    assert breaches(row, NOT_DONE) == ["the caller was told 'not done' (timeout), not done"]


def test_a_look_up_leaves_nothing_behind() -> None:
    """It has no row in the ledger, and no effect."""
    row = replace(ROW, does=Does.LOOKS_UP)

    assert breaches(row, replace(NOT_DONE, kept=())) == []
    assert breaches(row, replace(NOT_DONE, kept=(), effects=1)) != []


def test_rows_have_names_of_their_own() -> None:
    """`--only` and the repetitions find them by it."""
    names = [row.name for row in ROWS]

    assert len(set(names)) == len(names)
    assert set(WORST) <= set(names)
