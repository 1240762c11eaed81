"""A write and its ledger: one effect for a wish, over calls, crashes and a ledger out of order."""

import asyncio

import httpx
import pytest

from records.ledger import MARGIN_S
from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import Trouble, cut, hang, lost_after
from tests.unit.desk_tools.virtual_time import pass_time

CANCELLED = "That is already done. Order 4 3 0 2 is cancelled."


async def agreed(desk: Desk) -> None:
    """The caller has said yes to the question."""
    await desk.ask_to_cancel()
    desk.gate.caller_said("yes")


async def test_a_write_is_in_the_ledger_before_it_is_at_the_office(desk: Desk) -> None:
    """By the key that the office gets."""
    await agreed(desk)
    desk.office.troubles.append(("/cancel", hang))
    use = asyncio.create_task(desk.use("cancel_order", order="4302"))
    await pass_time(1)

    (row,) = desk.ledger.rows
    assert row.outcome is None
    assert desk.office.requests[-1] == "POST /orders/4302/cancel"

    await use
    assert desk.office.operations.keys() == {row.key}


async def test_its_end_is_in_the_ledger_too(desk: Desk) -> None:
    """With what the caller was told."""
    await agreed(desk)
    await desk.use("cancel_order", order="4302")

    (row,) = desk.ledger.rows
    assert (row.outcome, row.result["say"]) == ("ok", "Order 4 3 0 2 is cancelled.")


async def test_a_second_call_about_the_same_is_told_that_it_is_done(desk: Desk) -> None:
    """The line broke before the caller heard it; nobody is asked again and nothing is sent."""
    await agreed(desk)
    await desk.use("cancel_order", order="4302")

    async with opened(after=desk) as later:
        await later.verify()
        told = await later.use("cancel_order", order="4302")

    assert (told["outcome"], told["say"]) == ("duplicate", CANCELLED)
    assert desk.office.effects == ["4302"]


async def test_reads_and_refusals_need_no_row(desk: Desk) -> None:
    """A ledger of writes."""
    await desk.use("look_up_order", order="4271")
    await desk.use("cancel_order", order="4302")

    assert desk.ledger.rows == []


async def test_without_a_ledger_nothing_is_changed(desk: Desk) -> None:
    """Told before the caller is asked, and if it breaks after the yes as well."""
    await agreed(desk)
    desk.ledger.broken = True

    told = await desk.use("cancel_order", order="4302")
    asked = await desk.use("cancel_order", order="4302")

    assert [(t["outcome"], t["reason"]) for t in (told, asked)] == [("refused", "not_kept")] * 2
    assert "cannot change anything right now" in told["say"]
    assert [r for r in desk.office.requests if r.startswith("POST /orders")] == []


async def test_without_a_ledger_a_read_still_works(desk: Desk) -> None:
    """Nothing depends on it."""
    desk.ledger.broken = True

    assert (await desk.use("look_up_order", order="4271"))["outcome"] == "ok"


async def test_an_end_that_cannot_be_kept_is_still_told(desk: Desk) -> None:
    """The caller hears the truth; the row stays open for whoever finds out."""
    await agreed(desk)
    desk.office.troubles.append(("/cancel", breaking(desk)))

    told = await desk.use("cancel_order", order="4302")

    assert told["outcome"] == "ok"
    assert [row.open for row in desk.ledger.rows] == [True]


def breaking(desk: Desk) -> Trouble:
    """The ledger breaks while the office works."""

    async def trouble(request: httpx.Request) -> httpx.Response:
        desk.ledger.broken = True
        return desk.office.serve(request)

    return trouble


async def die_in_write(desk: Desk, *, done: bool) -> None:
    """The job dies when its request has left, and the office has done it or never will."""
    await agreed(desk)
    trouble = lost_after(desk.office) if done else cut
    desk.office.troubles += [("/cancel", trouble), ("/operations/", hang)]
    use = asyncio.create_task(desk.use("cancel_order", order="4302"))
    await pass_time(0.5)
    desk.ledger.broken = True
    use.cancel()
    await asyncio.wait([use])
    desk.ledger.broken = False


@pytest.mark.parametrize("done", [True, False])
async def test_while_somebody_may_be_at_it_nothing_is_begun(desk: Desk, *, done: bool) -> None:
    """The caller rings again at once; whether the first job lives cannot be known."""
    await die_in_write(desk, done=done)
    requests = len(desk.office.requests)

    async with opened(after=desk) as later:
        await later.verify()
        told = await later.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("unknown", "in_progress")
    assert "still waiting" in told["say"]
    asked = [r for r in desk.office.requests[requests:] if "customers" not in r]
    assert asked == []


async def test_what_a_dead_job_did_is_found_done(desk: Desk) -> None:
    """The office knows the key; the wish is not fulfilled twice."""
    await die_in_write(desk, done=True)
    await pass_time(8 + MARGIN_S)

    async with opened(after=desk) as later:
        await later.verify()
        told = await later.use("cancel_order", order="4302")

    assert (told["outcome"], told["say"]) == ("duplicate", "That is already done.")
    assert desk.office.effects == ["4302"]
    assert [(row.outcome, row.reason) for row in desk.ledger.rows] == [("ok", "found_done")]


async def test_what_a_dead_job_did_not_do_is_fenced_and_done_anew(desk: Desk) -> None:
    """Its request may still be under way somewhere: it must not arrive after ours."""
    await die_in_write(desk, done=False)
    await pass_time(8 + MARGIN_S)

    async with opened(after=desk) as later:
        await later.ask_to_cancel()
        later.gate.caller_said("yes")
        told = await later.use("cancel_order", order="4302")

    assert told["outcome"] == "ok"
    assert desk.office.effects == ["4302"]
    first, second = desk.ledger.rows
    assert (first.reason, second.outcome) == ("fenced", "ok")
    assert desk.office.operations[first.key]["state"] == "fenced"


async def test_what_the_office_cannot_tell_stays_unknown(desk: Desk) -> None:
    """Nothing is begun on a guess, however often the caller asks."""
    await die_in_write(desk, done=True)
    await pass_time(8 + MARGIN_S)
    desk.office.troubles += [("/operations/", cut)] * 2

    async with opened(after=desk) as later:
        await later.verify()
        told = [await later.use("cancel_order", order="4302") for _ in range(2)]

    assert [t["reason"] for t in told] == ["not_settled"] * 2
    assert desk.office.effects == ["4302"]


async def test_an_unknown_end_is_settled_when_the_caller_asks_again(desk: Desk) -> None:
    """In the same call, as soon as the office can be asked."""
    await agreed(desk)
    desk.office.troubles += [("/cancel", lost_after(desk.office)), ("/cancel", cut)]
    desk.office.troubles += [("/operations/", cut)] * 3
    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "unknown"

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "duplicate"
    assert desk.office.effects == ["4302"]
