"""With its database out of order the record says so in time, and nothing is done that needs it.

Locked, gone or frozen, on SQLite and PostgreSQL: first at the record's own methods, then through
the gate, at which a caller waits.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from records.call_keys import seals_of
from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.ledger import NotKept
from records.settings import RecordsAccess
from records.store import TRANSACTION_S, open_engine
from records.upgrade import upgrade
from tests.integration.conftest import in_file, in_postgres
from tests.integration.ledger.faults import FAULTS, Fault
from tests.integration.ledger.test_ledger import CANCEL
from tests.integration.office.talk import agree_to_cancel, opened_gate
from tests.integration.postgres import Postgres
from tests.unit.desk_tools.fake_office import FakeOffice
from tools import Gate, Office, ToolUse, sentences
from tools.reconcile import End, reconcile

# Scheduling on a busy machine, not part of any promise.
SLACK_S = 1.0
LONG_PAST_S = 3600.0


@dataclass
class Kept:
    """A record, the fault that it may have, and the office that writes go to."""

    access: RecordsAccess
    server: Postgres | None
    fault: Fault
    ledger: KeptLedger
    follow_ups: FollowUps
    later: KeptLedger
    """The same, long after."""
    fake: FakeOffice
    office: Office

    def out_of_order(self) -> AbstractContextManager[None]:
        """Let the fault begin."""
        return self.fault(self.access, self.server)

    def gate(self, uses: list[ToolUse]) -> Gate:
        """A call's."""
        return opened_gate(self.office, uses, self.ledger)


@pytest_asyncio.fixture(
    name="kept", params=FAULTS, ids=[f"{where}-{fault.__name__}" for where, fault in FAULTS]
)
async def _kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    where, fault = request.param
    server = request.getfixturevalue("crashing") if where == "postgresql" else None
    (tmp_path / "record").mkdir()
    access = in_postgres(server) if server else in_file(tmp_path / "record")
    await upgrade(access)
    seals, fake = seals_of(access.key_bytes), FakeOffice()
    async with (
        Office("http://office", SecretStr("key"), transport=fake.transport()) as office,
        open_engine(access) as engine,
    ):
        ledger, follow_ups = KeptLedger(engine, seals), FollowUps(engine, seals)
        later = KeptLedger(engine, seals, lambda: time.time() + LONG_PAST_S)
        yield Kept(access, server, fault, ledger, follow_ups, later, fake, office)


async def test_every_method_says_so_in_time(kept: Kept) -> None:
    """All at once, as calls come."""
    await kept.ledger.look(CANCEL)
    with kept.out_of_order():
        began = time.monotonic()
        said = await asyncio.gather(
            kept.ledger.look(CANCEL),
            kept.ledger.intend(CANCEL),
            kept.ledger.end("fd-1", "ok"),
            kept.ledger.lease(lease_s=30.0),
            kept.ledger.unsettled(),
            kept.follow_ups.open(call_id="call-1", kind="callback", words={}),
            kept.follow_ups.has("fd-1"),
            kept.follow_ups.all(),
            kept.follow_ups.done("f1"),
            return_exceptions=True,
        )
        took = time.monotonic() - began

    assert [type(one) for one in said] == [NotKept] * len(said)
    assert took < TRANSACTION_S + SLACK_S
    assert await kept.ledger.unsettled() == 0


async def test_a_write_is_refused_and_a_read_is_not(kept: Kept) -> None:
    """The caller hears at once that nothing can be changed; nothing has left for the office."""
    uses: list[ToolUse] = []
    gate = kept.gate(uses)
    await agree_to_cancel(gate)
    with kept.out_of_order():
        began = time.monotonic()
        told = json.loads((await gate.use("cancel_order", '{"order": "4302"}')).text)
        took = time.monotonic() - began
        read = await gate.use("look_up_order", '{"order": "4271"}')

    assert (told["outcome"], told["reason"]) == ("refused", "not_kept")
    assert told["say"] == sentences.NOT_KEPT
    assert took < TRANSACTION_S + SLACK_S
    assert [r for r in kept.fake.requests if r.startswith("POST /orders")] == []
    assert read.outcome == "ok"
    assert uses[-1].duration_s < SLACK_S


async def test_a_write_that_was_refused_can_be_done_when_it_is_mended(kept: Kept) -> None:
    """On the same call, asked anew; once."""
    gate = kept.gate([])
    await agree_to_cancel(gate)
    with kept.out_of_order():
        assert (await gate.use("cancel_order", '{"order": "4302"}')).outcome == "refused"

    await agree_to_cancel(gate)

    assert (await gate.use("cancel_order", '{"order": "4302"}')).outcome == "ok"
    assert kept.fake.effects == ["4302"]


async def test_an_end_that_cannot_be_kept_is_found_out_later(kept: Kept) -> None:
    """The caller hears the truth, the row stays open, and no second call has a second effect."""
    with ExitStack() as until_mended:

        async def break_down(request: httpx.Request) -> httpx.Response:
            until_mended.enter_context(kept.out_of_order())
            return kept.fake.serve(request)

        gate = kept.gate([])
        await agree_to_cancel(gate)
        kept.fake.troubles.append(("/cancel", break_down))
        began = time.monotonic()
        told = (await gate.use("cancel_order", '{"order": "4302"}')).outcome
        took = time.monotonic() - began

    assert (told, took < 8.0) == ("ok", True)
    assert await kept.later.unsettled() == 1
    assert dict(await reconcile(kept.later, kept.follow_ups, kept.office)) == {End.DONE: 1}
    again = kept.gate([])
    again.caller_said("nine four one oh seven")
    await again.use("verify_caller", '{"zip_code": "94107"}')
    assert (await again.use("cancel_order", '{"order": "4302"}')).outcome == "duplicate"
    assert kept.fake.effects == ["4302"]
