"""What the gate itself costs a caller: a use of a tool less the time in which the office had it.

On the stack of the benchmark when its calls are over: the real office over HTTP, the ledger on the
disk with `synchronous=FULL`, counts in the real Redis. The two tools are its own, so that nothing
but the gate is in the way.
"""

import json
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
from pydantic import BaseModel, SecretStr

from bench.samples import Cost
from records.opened import open_record
from rehearsal.stack import Stack
from tools import CallFacts, Gate, Office
from tools.call import Call
from tools.catalogue import Result, tool
from tools.policy import Assurance, Effect, Policy
from tools.shared import open_shared

USES = 200
# Of each kind; a first one opens connections.
WARM_UP = 5


class Order(BaseModel):
    """What is read of the office's answer."""

    order: str


class Address(BaseModel):
    """Where an order goes."""

    street: str
    city: str = "Chicago"
    state: str = "IL"
    zip_code: str = "60614"


@tool(Policy(assurance=Assurance.NONE, times_per_call=USES))
async def reads(call: Call) -> Result:
    """Read an order."""
    await call.office.read("/orders/4271", Order)
    return Result(say="Read.")


@tool(Policy(effect=Effect.WRITE, assurance=Assurance.NONE, times_per_call=USES))
async def writes(call: Call, number: int) -> Result:
    """Change an order; each number is another wish.

    Args:
        number: Of the house.
    """
    body = Address(street=f"{number} Lake Street")
    await call.office.write("PATCH", "/orders/4302/address", Order, key=call.key, body=body)
    return Result(say="Changed.")


class _Timed(httpx.AsyncHTTPTransport):
    """Adds up how long the office had the requests."""

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(keepalive_expiry=2.0))
        self.spent_s = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began = time.perf_counter()
        try:
            return await super().handle_async_request(request)
        finally:
            self.spent_s += time.perf_counter() - began


async def gate_cost(stack: Stack) -> Cost:
    """The cost of so many reads and writes on `stack`."""
    cost, transport = Cost(), _Timed()
    async with AsyncExitStack() as stays:
        record = await stays.enter_async_context(open_record(stack.records))
        office = Office(stack.office_url, SecretStr(stack.office_key), transport=transport)
        gate = Gate(
            tools={"reads": reads, "writes": writes},
            office=await stays.enter_async_context(office),
            ledger=record.ledger,
            follow_ups=record.follow_ups,
            shared=await stays.enter_async_context(
                open_shared(stack.redis_url, digest=lambda who: who)
            ),
            call=CallFacts("bench", None, "en", datetime.now(UTC)),
            on_use=lambda _: None,
        )
        for number in range(USES // 2):
            for name, arguments, spent in (
                ("reads", {}, cost.read_ms),
                ("writes", {"number": number}, cost.write_ms),
            ):
                before, began = transport.spent_s, time.perf_counter()
                answer = await gate.use(name, json.dumps(arguments))
                took = time.perf_counter() - began - (transport.spent_s - before)
                assert answer.outcome == "ok", answer.text
                if number >= WARM_UP:
                    spent.append(took * 1000)
    return cost
