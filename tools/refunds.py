"""Business area: refunds, for orders that were delivered or cancelled, up to what was paid."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from tools import spoken
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import BadAnswer, NotAllowed, OfficeRefused
from tools.orders import Order, OrderNumber, own_order
from tools.policy import Effect, Money

Cents: TypeAlias = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]

# What a person decides on; a company sets its own.
MOST_CENTS = 10_000
MOST_PER_DAY_CENTS = 20_000
REFUNDABLE = ("delivered", "cancelled")


class Refund(BaseModel):
    """What the office is asked for."""

    amount_cents: int


class OrderRefunded(Result):
    """A refund that was made just now."""

    order: str
    amount: str


async def _ask_before_refunding(call: Call, order: OrderNumber, amount_cents: Cents) -> ReadBack:
    found = await own_order(call, order)
    _must_be_refundable(found, amount_cents)
    amount, number = spoken.money(amount_cents), spoken.digits(order)
    say = f"Shall I refund {amount} of order {number} to the card you paid with? Yes or no, please."
    return ReadBack(say, ("refund", amount, order))


@tool(
    replace(
        CHANGE,
        effect=Effect.IRREVERSIBLE,
        times_per_call=2,
        money=Money("amount_cents", MOST_CENTS, MOST_PER_DAY_CENTS),
    ),
    read_back=_ask_before_refunding,
)
async def refund_order(call: Call, order: OrderNumber, amount_cents: Cents) -> OrderRefunded:
    """Refund part or all of one of the caller's orders to the card it was paid with.

    Only for orders that were delivered or cancelled. The caller must be verified first. The first
    use refunds nothing: it gives you a question. Ask it word by word, wait for the caller's answer,
    and only after a clear yes use this tool again with the same arguments.

    Args:
        order: Order number, four digits, for example "1042".
        amount_cents: How much to refund, in US cents: 2050 is 20 dollars and 50 cents.
    """
    before = await own_order(call, order)
    _must_be_refundable(before, amount_cents)
    try:
        done = await call.office.write(
            "POST",
            "/orders/{order}/refund",
            Order,
            key=call.key,
            body=Refund(amount_cents=amount_cents),
            order=order,
        )
    except OfficeRefused as refused:
        if refused.office_code == "refund_exceeds_total":
            raise _too_much(before) from refused
        raise
    if done.refunded_cents < before.refunded_cents + amount_cents:
        raise BadAnswer("not_refunded")
    amount = spoken.money(amount_cents)
    say = f"I have refunded {amount}. It takes a few days until you see it on your card."
    return OrderRefunded(say=say, order=order, amount=amount)


def _must_be_refundable(found: Order, amount_cents: int) -> None:
    if found.status not in REFUNDABLE:
        number = spoken.digits(found.order)
        raise NotAllowed(
            "not_refundable",
            f"I can only refund orders that were delivered or cancelled; order {number} was not.",
        )
    if amount_cents > found.total_cents - found.refunded_cents:
        raise _too_much(found)


def _too_much(found: Order) -> NotAllowed:
    left = found.total_cents - found.refunded_cents
    number = spoken.digits(found.order)
    if left <= 0:
        return NotAllowed("refunded_before", f"Order {number} has been refunded in full already.")
    return NotAllowed(
        "more_than_paid", f"The most I can refund of order {number} is {spoken.money(left)}."
    )
