"""How old an answer may be before it is fetched again."""

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import cut
from tests.unit.desk_tools.virtual_time import pass_time

FRESH_S = 20.0


def lookups(desk: Desk) -> int:
    """How often the order was asked for."""
    return desk.office.requests.count("GET /orders/4271")


async def test_a_fresh_answer_is_given_again(desk: Desk) -> None:
    """Nobody waits for the office twice to hear the same."""
    first = await desk.use("look_up_order", order="4271")
    again = await desk.use("look_up_order", order="4271")

    assert (again, lookups(desk)) == (first, 1)
    assert [use.tries for use in desk.uses] == [1, 0]


async def test_a_stale_answer_is_fetched_again(desk: Desk) -> None:
    """After as long as the policy says."""
    await desk.use("look_up_order", order="4271")
    await pass_time(FRESH_S)
    await desk.use("look_up_order", order="4271")

    assert lookups(desk) == 2


async def test_what_was_changed_makes_every_answer_stale(desk: Desk) -> None:
    """The order that was cancelled a moment ago is not told as before."""
    before = await desk.use("look_up_order", order="4302")
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")
    await desk.use("cancel_order", order="4302")

    after = await desk.use("look_up_order", order="4302")

    assert (before["status"], after["status"]) == ("processing", "cancelled")


async def test_failures_are_not_kept(desk: Desk) -> None:
    """Whoever asks again after an outage is not told of it again."""
    desk.office.troubles.extend([("/orders/4271", cut)] * 2)

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "unavailable"
    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"


async def test_a_policy_without_freshness_always_asks() -> None:
    """As it is by default."""
    async with opened(policies={"look_up_order": {"freshness_s": 0.0}}) as desk:
        await desk.use("look_up_order", order="4271")
        await desk.use("look_up_order", order="4271")

        assert lookups(desk) == 2
