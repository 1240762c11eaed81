"""What a record still waits for when the calls are over."""

import pytest

from rehearsal.soak.ending import Left, unfinished
from rehearsal.soak.plan import Kind
from rehearsal.soak.series import Difference, Series
from tests.unit.soak.calls import made, record

WHOLE = record(made(Kind.ORDER))


def test_a_closed_record_with_its_cost_waits_for_nothing() -> None:
    """Nor does one of a call that no model was in, which costs nothing."""
    assert list(unfinished([WHOLE, record(made(Kind.UNKNOWN), tokens=[], cost=[])])) == []


@pytest.mark.parametrize("missing", [{"outcome": None}, {"cost": []}])
def test_an_end_and_a_cost_are_waited_for(missing: dict[str, object]) -> None:
    """The parent brings both a moment after the call."""
    (waits,) = unfinished([WHOLE.model_copy(update=missing)])

    assert WHOLE.call_id in waits


def test_all_is_settled_when_nothing_differs_and_nothing_waits() -> None:
    """Either alone is waited for."""
    differs = Difference(Series("frontdesk_turns_total"), 1, 2)

    assert Left().settled
    assert not Left(differences=(differs,)).settled
    assert not Left(waiting=("something",)).settled
