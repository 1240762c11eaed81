"""Every call script that ships is played on a real stack, and its caller gets what they want."""

import asyncio

import pytest

from rehearsal.rehearse import Played, script_names


@pytest.mark.parametrize("script", script_names())
async def test_the_goal_is_met(shows: dict[str, "asyncio.Task[Played]"], script: str) -> None:
    """Judged by the office's data and the call's record, not by what the model says it did."""
    played = await shows[script]

    assert played.result.gave_up is None
    assert [finding.says for finding in played.findings if not finding.met] == []
