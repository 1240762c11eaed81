"""Which calls a soak makes."""

from pathlib import Path

import pytest
import yaml

from rehearsal.model.brain import load_brain
from rehearsal.model.dialogue import Dialogue
from rehearsal.soak.making import BRAIN, HERE
from rehearsal.soak.plan import LINES, PHONED, UNKNOWN_NUMBER, Kind, plans

PROFILES = sorted((HERE / "profiles").glob("*.yaml"))


def test_one_seed_makes_the_same_calls() -> None:
    """What went wrong can be made again."""
    assert plans(100, 10, 7) == plans(100, 10, 7)
    assert plans(100, 10, 7) != plans(100, 10, 8)


@pytest.mark.parametrize(("texted", "phoned"), [(0, 0), (1, 1), (9, 4), (1000, 60)])
def test_as_many_are_made_as_were_asked_for(texted: int, phoned: int) -> None:
    """Those by phone come last, and on a line of their own: no words of text are meant for them."""
    made = plans(texted, phoned, 1)

    assert [plan.by_phone for plan in made] == [False] * texted + [True] * phoned
    assert all((plan.line is PHONED) is plan.by_phone for plan in made)


def test_every_kind_is_made_before_any_is_made_twice() -> None:
    """A small soak has a bit of everything."""
    assert {plan.kind for plan in plans(9, 0, 3)} == set(Kind)


def test_an_order_is_cancelled_once_and_by_nobody_who_asks_for_it_otherwise() -> None:
    """Of an order that is cancelled already, the record would say something else."""
    made = plans(1000, 60, 1)
    cancels = [plan.customer for plan in made if plan.kind is Kind.CANCELLED]
    others = {plan.customer for plan in made if plan.kind is not Kind.CANCELLED}

    assert len(set(cancels)) == len(cancels) > 0
    assert not set(cancels) & others


def test_whoever_has_their_job_killed_calls_from_a_number_of_their_own() -> None:
    """The job to kill is found by it."""
    made = plans(1000, 60, 1)
    killed = [plan.caller for plan in made if plan.kind is Kind.KILLED]
    others = {plan.caller for plan in made if plan.kind is not Kind.KILLED}

    assert len(set(killed)) == len(killed) > 0
    assert not set(killed) & others


def test_the_model_understands_everything_that_is_said() -> None:
    """In the state in which it is said: tools answer what a record must hold of them."""
    brain = load_brain(BRAIN)
    for plan in plans(200, 0, 1):
        grammar = Dialogue(brain).grammar()
        assert all(grammar.understand(words) for words in plan.says[:1] + plan.says[2:]), plan.says


@pytest.mark.parametrize("file", PROFILES, ids=lambda file: file.stem)
def test_lines_are_those_of_the_profiles(file: Path) -> None:
    """The words by which the model knows a session of a line are in that profile alone."""
    profile = yaml.safe_load(file.read_text(encoding="utf-8"))
    by_name = {line.name: line for line in (*LINES, PHONED)}
    line = by_name.pop(profile["name"])

    assert [line.number] == profile["numbers"] != [UNKNOWN_NUMBER]
    assert line.persona in profile["persona"]
    assert not any(other.persona in profile["persona"] for other in by_name.values())


def test_every_line_has_a_profile() -> None:
    """And no profile is called by nobody."""
    assert {file.stem for file in PROFILES} == {line.name for line in (*LINES, PHONED)}
