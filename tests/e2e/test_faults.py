"""Whatever breaks, each wish has at most one effect, and its caller is told the truth in time."""

import asyncio

import pytest

from rehearsal.trials import ROWS, Row
from tests.e2e.tried import Tried


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
async def test_a_fault_breaks_no_promise(trials: "asyncio.Task[Tried]", row: Row) -> None:
    """The promises are those of `rehearsal.trials.judging`; `make faults` shows the table."""
    trial = (await trials)[row.name]

    assert trial.breaches == [], f"{row.breaks}: {trial.seen}"
