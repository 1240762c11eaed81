"""What became of a write is found out afterwards, at the real office, with a real database."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from pydantic import SecretStr

from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.ledger import MARGIN_S
from records.sealing import Seal
from records.settings import RecordsAccess
from records.store import open_engine
from records.upgrade import upgrade
from tests.integration.office.conftest import KEY, Running
from tests.integration.office.talk import agree_to_cancel, opened_gate
from tools import Office, ToolUse
from tools.reconcile import HANDED_OVER_AFTER_S, LEASE_S, End, reconcile

DEADLINE_S = 8.0
LONG_PAST_S = DEADLINE_S + MARGIN_S + 1.0


@dataclass
class Clock:
    """Seconds since 1970, and what tests have added."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return time.time() + self.ahead_s


@dataclass(frozen=True)
class Books:
    """The record, on a clock that tests move, and the office as a worker reaches it."""

    access: RecordsAccess
    ledger: KeptLedger
    follow_ups: FollowUps
    office: Office
    clock: Clock

    async def reconciled(self) -> dict[End, int]:
        """What is found out now."""
        return dict(await reconcile(self.ledger, self.follow_ups, self.office, self.clock))

    def environment(self) -> dict[str, str]:
        """What `python -m tools` needs to work on it."""
        return {
            **os.environ,
            "FRONTDESK_RECORDS_URL": self.access.url,
            "FRONTDESK_RECORDS_KEY": self.access.key.get_secret_value(),
            "FRONTDESK_OFFICE_KEY": KEY,
        }


@pytest_asyncio.fixture(name="books")
async def _books(access: RecordsAccess, office: Running) -> AsyncIterator[Books]:
    """An empty record."""
    await upgrade(access)
    async with AsyncExitStack() as stays:
        engine = await stays.enter_async_context(open_engine(access))
        client = await stays.enter_async_context(Office(office.url, SecretStr(KEY)))
        seal, clock = Seal(access.key_bytes), Clock()
        ledger, follow_ups = KeptLedger(engine, seal, clock), FollowUps(engine, seal, clock)
        yield Books(access, ledger, follow_ups, client, clock)


async def left_in_doubt(books: Books, office: Running, fault: str) -> str:
    """A cancellation under `fault`, after which the office cannot be asked; its key."""
    uses: list[ToolUse] = []
    gate = opened_gate(books.office, uses, books.ledger)
    await agree_to_cancel(gate)
    await office.fault("/orders/{order}/cancel", fault)
    await office.fault("/operations/{key}", "reset_before")
    assert (await gate.use("cancel_order", '{"order": "4302"}')).outcome == "unknown"
    return uses[-1].key


async def mended(office: Running) -> None:
    """The office works again, with what it has."""
    assert (await office.client.delete("/rehearsal/faults")).is_success


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


async def tools(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """`python -m tools WORDS`: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools", *words),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("there", "exit_code", "says"),
    [(True, 0, "1 found done, 0 not done"), (False, 2, "handed to the staff, 1 still open")],
)
async def test_an_operator_can_reconcile_by_hand(
    books: Books, office: Running, *, there: bool, exit_code: int, says: str
) -> None:
    """What stays open is told by a number and by the exit code."""
    # The command has no clock but its own: begun long ago.
    books.clock.ahead_s = -LONG_PAST_S
    await left_in_doubt(books, office, "commit_then_drop")
    await mended(office)
    url = office.url if there else "http://127.0.0.1:9"

    told = await tools({**books.environment(), "FRONTDESK_OFFICE_URL": url}, "reconcile")

    assert (told[0], told[2]) == (exit_code, "")
    assert says in told[1]


@pytest.mark.parametrize("access", ["postgresql"], indirect=True)
async def test_staff_see_what_is_to_do_and_note_it_done(books: Books) -> None:
    """In words for people, as JSON for machines."""
    await books.follow_ups.open(
        call_id="call-1", kind="callback", words={"about": "a bent wheel"}, promised_for=1.8e9
    )
    environment = books.environment()

    shown = await tools(environment, "follow-ups", "list")
    (to_do,) = json.loads((await tools(environment, "follow-ups", "list", "--format", "json"))[1])
    done = await tools(environment, "follow-ups", "done", to_do["id"])
    again = await tools(environment, "follow-ups", "done", to_do["id"])

    assert "a bent wheel" in " ".join(shown[1].split())
    assert to_do["words"] == {"about": "a bent wheel"}
    assert done == (0, "", "")
    assert (again[0], again[1]) == (1, "")
    assert to_do["id"] in again[2]
    assert (await tools(environment, "follow-ups", "list"))[1] == "nothing to do\n"


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_what_only_staff_could_find_out_is_settled_by_them(
    books: Books, office: Running
) -> None:
    """Else the wish would be in doubt for ever; what became of it has to be said."""
    await left_in_doubt(books, office, "commit_then_drop")
    books.clock.ahead_s = HANDED_OVER_AFTER_S + 1
    assert await books.reconciled() == {End.HANDED_OVER: 1}
    (to_do,) = await books.follow_ups.all()
    environment = books.environment()

    unsaid = await tools(environment, "follow-ups", "done", to_do.id)
    said = await tools(environment, "follow-ups", "done", to_do.id, "--was", "done")

    assert unsaid[0] == 1
    assert "--was done or --was not-done" in unsaid[2]
    assert said == (0, "", "")
    assert await books.ledger.unsettled() == 0
    assert await books.follow_ups.all() == []


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_with_another_key_staff_see_what_is_to_do_and_nothing_is_written(
    books: Books,
) -> None:
    """Who set it wrong reads how to mend it; what they would write, nobody else could open."""
    await books.follow_ups.open(call_id="call-1", kind="callback", words={"about": "a wheel"})
    wrong = {**books.environment(), "FRONTDESK_RECORDS_KEY": "A" * 43 + "="}
    wrong["FRONTDESK_OFFICE_URL"] = "http://127.0.0.1:9"

    shown = await tools(wrong, "follow-ups", "list")
    written = await tools(wrong, "reconcile")

    assert (shown[0], shown[2]) == (0, "")
    assert "sealed with another key" in shown[1]
    assert written[:2] == (1, "")
    assert written[2].splitlines() == [written[2].strip()]
    assert "set FRONTDESK_RECORDS_KEY to the key it was begun with" in written[2]


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_what_a_model_wrote_cannot_play_tricks_on_a_terminal(books: Books) -> None:
    """No moved cursor, no line that looks like another promise."""
    about = "hello\x1b[2J\nf0000000  callback, opened today"
    await books.follow_ups.open(call_id="call-1", kind="callback", words={"about": about})

    shown = (await tools(books.environment(), "follow-ups", "list"))[1]

    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2
