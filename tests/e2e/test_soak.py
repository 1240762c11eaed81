"""The soak of records in small: a call of each kind, and what the record and the series say."""

from pathlib import Path

import pytest
import pytest_asyncio

from rehearsal.soak.ending import Left, left
from rehearsal.soak.judging import Judged, Made, judge
from rehearsal.soak.making import make_all, stack_of_a_soak
from rehearsal.soak.plan import Kind, plans
from rehearsal.stack import Stack
from tests.e2e.floor import FLOOR

# One of each kind.
CALLS = 9
# What a call needs that nobody phones.
PARTS = ("worker", "model", "office")
Soaked = tuple[list[Made], Left]


@pytest_asyncio.fixture(scope="module", loop_scope="session", name="soaked")
async def _soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    folder: Path = tmp_path_factory.mktemp("soak")
    # A dozen jobs that start leave nothing of the machine to a call that is listened to.
    async with (
        FLOOR.start(),
        Stack.start(folder, parts=PARTS, **stack_of_a_soak()) as stack,
    ):
        made = await stack.unless_dies(make_all(stack, plans(CALLS, 0, seed=1)))
        return made, await stack.unless_dies(left(stack))


async def test_every_call_has_its_one_record(soaked: Soaked) -> None:
    """Closed, with its outcome, its turns and its uses of tools; also of a job that was killed."""
    made, ended = soaked

    assert {one.plan.kind for one in made} == set(Kind)
    assert judge(made, ended.calls) == Judged()


async def test_the_series_say_what_the_records_do(soaked: Soaked) -> None:
    """Calls, turns, tools, tokens, consents, costs and recordings, all told."""
    _, ended = soaked

    assert ended.differences == ()
    assert ended.compared > 30


async def test_nothing_waits_when_all_is_over(soaked: Soaked) -> None:
    """Spool and recordings are where they belong, and the worker says so."""
    _, ended = soaked

    assert ended.waiting == ()
