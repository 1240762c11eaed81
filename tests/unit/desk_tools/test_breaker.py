"""A back office that is known to fail is spared, and so are its callers; one call tries for all."""

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import hang, refuse
from tests.unit.desk_tools.virtual_time import pass_time
from tools.breaker import OPEN_S, OPENS_AFTER

SAYS = "I am sorry, I cannot reach our systems right now. Please try again a little later."


async def tripped(desk: Desk) -> None:
    """So many look-ups have failed, over several calls, that nobody asks any more."""
    for _ in range(OPENS_AFTER):
        desk.office.troubles += [("/orders/", refuse)] * 2
        async with opened(after=desk) as one:
            assert (await one.use("look_up_order", order="4271"))["outcome"] == "unavailable"


async def test_after_several_failures_nobody_asks(desk: Desk) -> None:
    """On any call: the caller hears it at once instead of after a time-out."""
    await tripped(desk)
    requests = len(desk.office.requests)

    told = await desk.use("look_up_order", order="4271")

    assert (told["outcome"], told["say"]) == ("breaker_open", SAYS)
    assert len(desk.office.requests) == requests
    assert desk.uses[-1].duration_s == 0


async def test_other_tools_go_on(desk: Desk) -> None:
    """What fails is one part of the office."""
    await tripped(desk)

    await desk.verify()


async def test_one_call_tries_for_all(desk: Desk) -> None:
    """When it gets no answer everybody waits again; when it does everybody goes on."""
    await tripped(desk)
    await pass_time(OPEN_S)
    desk.office.troubles += [("/orders/", hang)] * 2
    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "timeout"
    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "breaker_open"
    await pass_time(OPEN_S)

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"
    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"


async def test_while_one_tries_the_others_do_not(desk: Desk) -> None:
    """An office that comes back is not met by everybody at once."""
    await tripped(desk)
    await pass_time(OPEN_S)
    name = "breaker:look_up_order:trial"
    assert await desk.shared.claim(name, 4.0)

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "breaker_open"
    await pass_time(4.0)
    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"


async def test_a_refusal_is_an_answer(desk: Desk) -> None:
    """Whoever asks for orders that do not exist trips nothing."""
    for _ in range(3 * OPENS_AFTER):
        await desk.use("look_up_order", order="9999")

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"


async def test_failures_with_successes_between_trip_nothing(desk: Desk) -> None:
    """A tool that fails now and then is worth asking."""
    for _ in range(2 * OPENS_AFTER):
        desk.office.troubles += [("/orders/", refuse)] * 2
        async with opened(after=desk) as one:
            await one.use("look_up_order", order="4271")
            assert (await one.use("look_up_order", order="4271"))["outcome"] == "ok"
