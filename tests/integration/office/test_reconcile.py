"""What became of a write is found out afterwards, at the real office, with a real database."""

import asyncio

import pytest

from records.ledger import Begun, InDoubt, Intent
from records.witness import Witness
from tests.integration.office.books import DEADLINE_S, LONG_PAST_S, Books
from tests.integration.office.conftest import Running
from tests.integration.office.talk import left_in_doubt, mended, opened_gate
from tools.reconcile import HANDED_OVER_AFTER_S, LEASE_S, End


async def test_what_was_done_is_found_done(books: Books, office: Running) -> None:
    """And whoever calls about it is told so; there is one effect."""
    await left_in_doubt(books, office, "commit_then_drop")
    await mended(office)
    books.clock.ahead_s = LONG_PAST_S

    assert await books.reconciled() == {End.DONE: 1}

    assert len(await office.effects()) == 1
    gate = opened_gate(books.office, [], books.ledger)
    gate.caller_said("my zip code is nine four one oh seven")
    await gate.use("verify_caller", '{"zip_code": "94107"}')
    assert (await gate.use("cancel_order", '{"order": "4302"}')).outcome == "duplicate"


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_what_was_not_done_never_will_be(books: Books, office: Running) -> None:
    """Its key is fenced: a request that was under way all the time changes nothing."""
    key = await left_in_doubt(books, office, "hang")
    await mended(office)
    books.clock.ahead_s = LONG_PAST_S

    assert await books.reconciled() == {End.NOT_DONE: 1}

    late = await office.client.post("/orders/4302/cancel", headers={"Idempotency-Key": key})
    assert late.json()["code"] == "fenced"
    assert await office.effects() == []


async def test_a_write_that_may_still_be_under_way_is_left_alone(
    books: Books, office: Running
) -> None:
    """Until its deadline and a margin have passed."""
    await left_in_doubt(books, office, "commit_then_drop")
    await mended(office)

    assert await books.reconciled() == {}
    books.clock.ahead_s = LONG_PAST_S
    assert await books.reconciled() == {End.DONE: 1}


async def test_two_of_them_never_act_on_one_write(books: Books, office: Running) -> None:
    """Each worker runs one."""
    await left_in_doubt(books, office, "commit_then_drop")
    await mended(office)
    books.clock.ahead_s = LONG_PAST_S

    found = await asyncio.gather(*(books.reconciled() for _ in range(5)))

    assert sorted(map(str, found)) == sorted(map(str, [{End.DONE: 1}, {}, {}, {}, {}]))


async def test_an_office_that_stays_away_is_asked_again(books: Books, office: Running) -> None:
    """As often as it takes."""
    await left_in_doubt(books, office, "commit_then_drop")
    books.clock.ahead_s = LONG_PAST_S
    assert await books.reconciled() == {End.OPEN: 1}
    assert await books.reconciled() == {}
    books.clock.ahead_s += LEASE_S
    assert await books.reconciled() == {End.OPEN: 1}
    assert await books.ledger.unsettled() == 1
    await mended(office)
    books.clock.ahead_s += LEASE_S

    assert await books.reconciled() == {End.DONE: 1}
    assert await books.ledger.unsettled() == 0


async def test_after_an_hour_the_staff_have_to_find_out(books: Books, office: Running) -> None:
    """Once, with what was to be done; the program goes on asking."""
    key = await left_in_doubt(books, office, "commit_then_drop")
    books.clock.ahead_s = HANDED_OVER_AFTER_S + 1
    assert await books.reconciled() == {End.HANDED_OVER: 1}
    books.clock.ahead_s += LEASE_S
    assert await books.reconciled() == {End.HANDED_OVER: 1}

    (to_do,) = await books.follow_ups.all()
    assert (to_do.kind, to_do.tool_use) == ("unsettled", key)
    assert to_do.words == {"tool": "cancel_order", "arguments": {"order": "4302"}}


async def test_of_what_the_office_never_heard_it_is_not_asked(
    books: Books, office: Running
) -> None:
    """It would fence the key and say "not done" of what somebody else has done: staff look it up.

    No program knows the tool by its name any more; the row itself says who can tell.
    """
    intent = Intent(
        call_id="call-1",
        tool="helpdesk_create_ticket",
        subject="20417",
        arguments={"title": "a bent wheel"},
        deadline_s=DEADLINE_S,
        once_s=60,
        witness=Witness.NOBODY,
    )
    begun = await books.ledger.intend(intent)
    assert isinstance(begun, Begun)
    books.clock.ahead_s = LONG_PAST_S

    assert await books.reconciled() == {End.HANDED_OVER: 1}

    assert (await office.client.get(f"/operations/{begun.key}")).json()["state"] == "unknown"
    assert [one.kind for one in await books.follow_ups.all()] == ["unsettled"]
    assert await books.ledger.look(intent) == InDoubt(
        begun.key, running=False, witness=Witness.NOBODY
    )
