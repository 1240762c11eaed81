"""Every call script that ships is played on a real stack, and its caller gets what they want."""

import asyncio

import pytest

from rehearsal.rehearse import load_script, play, script_names
from tests.e2e.desk import Desk

DEADLINE_S = 60.0


@pytest.mark.parametrize("name", script_names())
async def test_the_goal_is_met(front: Desk, name: str) -> None:
    """Judged by the office's data and the call's record, not by what the model says it did."""
    await front.reset()

    async with asyncio.timeout(DEADLINE_S):
        played = await play(front.stack, load_script(name))

    assert played.result.gave_up is None
    assert [finding.says for finding in played.findings if not finding.met] == []
