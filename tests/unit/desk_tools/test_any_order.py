"""Calls, repetitions, faults, crashes, outages and reconcilers in any order: one effect for a wish.

A state machine draws the order (hypothesis). Time is virtual, the office keeps what it was asked to
do by key, and what callers were told is held against what it did.
"""

import asyncio
import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import BaseModel, SecretStr

from records.ledger import MARGIN_S
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.virtual_time import VirtualTimeLoop, pass_time
from tools import CallFacts, Gate, Office
from tools.call import Call
from tools.catalogue import Result, tool
from tools.policy import Assurance, Effect, Policy
from tools.reconcile import LEASE_S, reconcile
from tools.shared import LocalStore, Shared

CALLERS = ("+15550001111", "+15550002222")
AMOUNTS = (500, 700)
DEADLINE_S = 4.0
# What happens to one request: done and answered, or one of the ways in which it is not.
FAULTS = (
    "none",
    "refused",
    "cut before",
    "cut after",
    "hangs before",
    "hangs after",
    "fails",
    "comes late",
    "comes very late",
)
LATE_S = {"comes late": 3.0, "comes very late": 45.0}


class Credit(BaseModel):
    """What the office is asked for, and answers."""

    cents: int


@tool(
    Policy(
        effect=Effect.WRITE,
        deadline_s=DEADLINE_S,
        try_s=1.0,
        assurance=Assurance.NONE,
        times_per_call=200,
    )
)
async def add_credit(call: Call, cents: int) -> Result:
    """Add credit to the caller's account; twice is twice as much.

    Args:
        cents: How much.
    """
    body = Credit(cents=cents)
    await call.office.write("POST", "/credits", Credit, key=call.key, body=body)
    return Result(say="Done.")


class Credits:
    """An office that gives credit as often as it is asked with another key."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.fenced: set[str] = set()
        self.faults: list[str] = []
        self.away = False

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Serve one request, or play the next fault."""
        fault = self.faults.pop(0) if self.faults else "none"
        if self.away or fault == "refused":
            raise httpx.ConnectError("nobody listens", request=request)
        if fault == "cut before":
            raise httpx.ReadError("reset", request=request)
        if fault == "hangs before":
            await pass_time(3600)
        if fault == "fails":
            return httpx.Response(503)
        if fault in LATE_S:
            # On its way all the time, while whoever sent it has long given up.
            asyncio.get_running_loop().call_later(LATE_S[fault], self._serve, request)
            raise httpx.ReadError("reset", request=request)
        answer = self._serve(request)
        if fault == "cut after":
            raise httpx.ReadError("reset", request=request)
        if fault == "hangs after":
            await pass_time(3600)
        return answer

    def _serve(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/credits":
            key = request.headers["idempotency-key"]
            if key in self.fenced:
                return httpx.Response(409, json={"code": "fenced"})
            if key not in self.effects:
                self.effects.append(key)
            return httpx.Response(200, json=json.loads(request.content))
        key = request.url.path.rpartition("/")[2]
        if request.method == "DELETE" and key not in self.effects:
            self.fenced.add(key)
        done = {"state": "done", "status": 200, "answer": {"cents": 1}}
        states: dict[str, Any] = {"state": "fenced" if key in self.fenced else "unknown"}
        return httpx.Response(200, json={"key": key, **(done if key in self.effects else states)})


class AnyOrder(RuleBasedStateMachine):
    """A company's afternoon."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.credits = Credits()
        self.ledger = MemoryLedger(self.loop.time)
        self.follow_ups = MemoryFollowUps()
        self.shared = Shared(LocalStore(self.loop.time), clock=self.loop.time)
        self.calls = itertools.count()
        self.told: list[tuple[str, str]] = []
        """Key and outcome of every use that had a key, as the model was told."""

    @initialize()
    def opens(self) -> None:
        """The day begins with nothing."""
        assert self.credits.effects == []

    @rule(
        caller=st.sampled_from(CALLERS),
        cents=st.sampled_from(AMOUNTS),
        faults=st.lists(st.sampled_from(FAULTS), max_size=5),
        times=st.integers(1, 3),
        calls=st.integers(1, 2),
    )
    def wishes(self, caller: str, cents: int, faults: list[str], times: int, calls: int) -> None:
        """Somebody calls; the model uses the tool, perhaps several times, perhaps on two calls."""
        self.credits.faults = faults

        async def all_at_once() -> None:
            await asyncio.gather(*(self._use(caller, cents, times=times) for _ in range(calls)))

        self.loop.run_until_complete(all_at_once())

    @rule(
        caller=st.sampled_from(CALLERS),
        cents=st.sampled_from(AMOUNTS),
        faults=st.lists(st.sampled_from(FAULTS), max_size=5),
        after_s=st.floats(0.0, DEADLINE_S),
        recorded=st.booleans(),
    )
    def hangs_up_or_dies(
        self, caller: str, cents: int, faults: list[str], after_s: float, recorded: bool
    ) -> None:
        """The caller hangs up in the middle; or the job dies, and nothing of its end is kept."""
        self.credits.faults = faults
        self.loop.run_until_complete(
            self._use(caller, cents, dies_after_s=after_s, recorded=recorded)
        )

    @rule(seconds=st.sampled_from((1.0, DEADLINE_S, DEADLINE_S + MARGIN_S + 1, LEASE_S + 1)))
    def time_goes_by(self, seconds: float) -> None:
        """Deadlines and leases end."""
        self.loop.run_until_complete(pass_time(seconds))

    @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=5), workers=st.integers(1, 3))
    def workers_reconcile(self, faults: list[str], workers: int) -> None:
        """Several parents at once."""
        self.credits.faults = faults
        if not self.ledger.broken:
            self.loop.run_until_complete(self._reconcile(workers))

    @rule(broken=st.booleans())
    def ledger_breaks_or_is_mended(self, broken: bool) -> None:
        """A database that is down, and back."""
        self.ledger.broken = broken

    @rule(away=st.booleans())
    def office_goes_or_comes(self, away: bool) -> None:
        """An office that is down, and back."""
        self.credits.away = away

    @invariant()
    def no_wish_has_two_effects(self) -> None:
        """Nobody insisted, and the window is a day."""
        wishes = {row.key: (row.intent.subject, row.intent.arguments["cents"]) for row in self.rows}
        assert max(Counter(wishes[key] for key in self.credits.effects).values(), default=0) <= 1

    @invariant()
    def what_was_told_is_so(self) -> None:
        """Done means one effect; anything but done and unknown means none, now and ever after."""
        for key, outcome in self.told:
            if outcome == "ok":
                assert key in self.credits.effects
            elif outcome not in ("unknown", "cancelled"):
                assert key not in self.credits.effects, outcome

    @invariant()
    def what_is_written_is_so(self) -> None:
        """A certain row and the office agree; nothing was done without a row."""
        for row in self.rows:
            if not row.open:
                assert (row.outcome == "ok") is (row.key in self.credits.effects), row
        assert set(self.credits.effects) <= {row.key for row in self.rows}

    def teardown(self) -> None:
        """Once everything works again, a minute leaves no question."""
        self.credits.faults, self.credits.away, self.ledger.broken = [], False, False
        self.shared = Shared(LocalStore(self.loop.time), clock=self.loop.time)
        self.loop.run_until_complete(pass_time(DEADLINE_S + MARGIN_S + LEASE_S + 60))
        self.loop.run_until_complete(self._reconcile(1))
        try:
            assert [row for row in self.rows if row.open] == []
            self.what_is_written_is_so()
        finally:
            self.loop.close()

    @property
    def rows(self) -> list[Any]:
        """What the ledger holds."""
        return self.ledger.rows

    async def _use(
        self,
        caller: str,
        cents: int,
        *,
        times: int = 1,
        dies_after_s: float | None = None,
        recorded: bool = True,
    ) -> None:
        transport = httpx.MockTransport(self.credits.handle)
        facts = CallFacts(f"call-{next(self.calls)}", caller, "en", datetime.now(UTC))
        async with Office("http://office", SecretStr("key"), transport=transport) as office:
            gate = Gate(
                tools={"add_credit": add_credit},
                office=office,
                ledger=self.ledger,
                follow_ups=self.follow_ups,
                shared=self.shared,
                call=facts,
                on_use=lambda use: self._tell(use.key, use.outcome.value),
                clock=self.loop.time,
            )
            uses = [
                asyncio.create_task(gate.use("add_credit", json.dumps({"cents": cents})))
                for _ in range(times)
            ]
            if dies_after_s is not None:
                await pass_time(dies_after_s)
                self.ledger.ends = recorded
                for use in uses:
                    use.cancel()
            await asyncio.wait(uses)
            self.ledger.ends = True

    def _tell(self, key: str, outcome: str) -> None:
        if key:
            self.told.append((key, outcome))

    async def _reconcile(self, workers: int) -> None:
        transport = httpx.MockTransport(self.credits.handle)
        async with Office("http://office", SecretStr("key"), transport=transport) as office:
            await asyncio.gather(
                *(
                    reconcile(self.ledger, self.follow_ups, office, self.loop.time)
                    for _ in range(workers)
                )
            )


AnyOrder.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyOrder = AnyOrder.TestCase
