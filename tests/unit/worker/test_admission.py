"""How many calls a worker takes."""

from agent.admission import Admission


def test_the_cap_counts_calls_that_are_being_accepted() -> None:
    """Two callers at the same moment do not both get the last place."""
    admission = Admission(max_calls=2)
    assert admission.has_room(active={"a"})

    admission.accepting.add("b")
    assert not admission.has_room(active={"a"})


def test_a_call_that_is_being_accepted_and_runs_already_counts_once() -> None:
    """Its job is active before LiveKit has confirmed it."""
    admission = Admission(max_calls=2, accepting={"a"})

    assert admission.has_room(active={"a"})


def test_load_is_the_share_of_places_taken() -> None:
    """LiveKit spreads calls by the same number that the cap is made of."""
    admission = Admission(max_calls=4, accepting={"a"})

    assert admission.load(active={"b"}) == 0.5
    assert admission.load(active=set("bcdefg")) == 1.0
