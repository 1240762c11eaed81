"""Who may call from where: a number is answered for the network of its own trunk.

`night` makes the calls, on trunks that part the networks of this machine.
"""

import asyncio

from records import CallOutcome
from tests.e2e.night import WAITED_IN_VAIN_S, Night

Lived = asyncio.Task[Night]


async def test_our_number_through_the_network_of_another_trunk_is_not_in_service(
    night: Lived,
) -> None:
    """The catch-all answers with its sentence, whole, and no model is asked."""
    made = (await night).elsewhere

    assert made.call.outcome is CallOutcome.NOT_IN_SERVICE
    assert "not in service" in made.clips[0]
    assert made.farewell
    assert made.closed_by_desk
    assert made.call.tokens == []


async def test_a_caller_from_no_trunks_network_gets_no_answer(night: Lived) -> None:
    """Not even that the number exists; it rings until they give up."""
    result = (await night).stranger.result

    assert (result.call.code, result.call.answered_s) == (None, None)
    assert f"{WAITED_IN_VAIN_S:g} s" in (result.gave_up or "")
