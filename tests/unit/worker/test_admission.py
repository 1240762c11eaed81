"""How many calls a worker takes."""

from agent.admission import Admission


def test_the_cap_counts_calls_that_are_being_accepted() -> None:
    """Two callers at the same moment do not both get the last place."""
    admission = Admission(max_calls=2)
    assert admission.has_room(active=1)

    admission.accepting += 1
    assert not admission.has_room(active=1)


def test_load_is_the_share_of_places_taken() -> None:
    """LiveKit spreads calls by the same number that the cap is made of."""
    admission = Admission(max_calls=4, accepting=1)

    assert admission.load(active=1) == 0.5
    assert admission.load(active=9) == 1.0
