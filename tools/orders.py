"""Business area: orders. Look one up, cancel one; only ever the customer's own.

Refunds are in `refunds`, addresses in `shipping`.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field

from tools import spoken
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import BadAnswer, NotAllowed, OfficeRefused
from tools.policy import Assurance, Effect, Policy
from tools.typed import plain_digits

OrderNumber: TypeAlias = Annotated[str, BeforeValidator(plain_digits), Field(pattern=r"^[0-9]{4}$")]
Status: TypeAlias = Literal["processing", "shipped", "delivered", "cancelled"]

NOT_CANCELLABLE = {
    "shipped": "has already shipped, so it can no longer be cancelled",
    "delivered": "was already delivered, so it can no longer be cancelled",
    "cancelled": "is already cancelled",
}


class OrderItem(BaseModel):
    """One line of an order. The name is foreign text, so its length is limited."""

    name: str = Field(max_length=80, pattern=r"^[\w .,'&()/+-]+$")
    quantity: int = Field(ge=1)


class Order(BaseModel):
    """An order as the office tells it; what is not needed is not read."""

    order: str
    customer_number: str
    status: Status
    expected_on: date
    items: list[OrderItem] = Field(max_length=50)
    total_cents: int
    refunded_cents: int


class OrderFound(Result):
    """One order of the caller."""

    order: str
    status: Status
    expected_on: date
    items: list[str]
    total: str


class OrderCancelled(Result):
    """An order that was cancelled just now."""

    order: str


@tool(Policy(assurance=Assurance.NUMBER, times_per_call=20, freshness_s=20.0))
async def look_up_order(call: Call, order: OrderNumber) -> OrderFound:
    """Look up the status, expected delivery day, items and total of one of the caller's orders.

    Ask for the order number first if you do not know it. Tell the caller what "say" contains.

    Args:
        order: Order number, four digits, for example "1042".
    """
    found = await own_order(call, order)
    return OrderFound(
        say=_status_sentence(found, today=call.facts.today),
        order=found.order,
        status=found.status,
        expected_on=found.expected_on,
        items=[f"{item.quantity} x {item.name}" for item in found.items],
        total=spoken.money(found.total_cents),
    )


async def _ask_before_cancelling(call: Call, order: OrderNumber) -> ReadBack:
    found = await own_order(call, order)
    if found.status != "processing":
        raise _cannot_cancel(order, found.status)
    number = spoken.digits(order)
    say = f"Shall I cancel order {number} for you? Please say yes or no."
    return ReadBack(say, ("cancel", order))


@tool(
    replace(
        CHANGE,
        effect=Effect.IRREVERSIBLE,
        action_words=frozenset({"cancel"}),
        times_per_call=3,
    ),
    read_back=_ask_before_cancelling,
)
async def cancel_order(call: Call, order: OrderNumber) -> OrderCancelled:
    """Cancel one of the caller's orders. This cannot be undone.

    The caller must be verified first. The first use does not cancel anything: it gives you a
    question. Ask it word by word, wait for the caller's answer, and only after a clear yes use
    this tool again with the same order number.

    Args:
        order: Order number, four digits, for example "1042".
    """
    await own_order(call, order)
    try:
        done = await call.office.write(
            "POST", "/orders/{order}/cancel", Order, key=call.key, order=order
        )
    except OfficeRefused as refused:
        raise _cannot_cancel(order, refused.office_code.removeprefix("already_")) from refused
    if done.status != "cancelled":
        raise BadAnswer("not_cancelled")
    return OrderCancelled(say=f"Order {spoken.digits(order)} is cancelled.", order=order)


async def own_order(call: Call, order: str) -> Order:
    """The caller's order. Another customer's answers exactly like one that does not exist."""
    try:
        found = await call.office.read("/orders/{order}", Order, order=order)
    except OfficeRefused as refused:
        if refused.office_code != "order_not_found":
            raise
        raise _not_found(order) from refused
    if found.order != order:
        raise BadAnswer("another_order")
    if found.customer_number != call.customer.customer_number:
        raise _not_found(order)
    return found


def _not_found(order: str) -> NotAllowed:
    number = spoken.digits(order)
    return NotAllowed("not_found", f"I can't find an order {number} on your account.")


def _cannot_cancel(order: str, status: str) -> NotAllowed:
    why = NOT_CANCELLABLE.get(status, "can't be cancelled")
    code = f"already_{status}" if status in NOT_CANCELLABLE else "not_cancellable"
    return NotAllowed(code, f"Order {spoken.digits(order)} {why}.")


def _status_sentence(found: Order, *, today: date) -> str:
    number, due = spoken.digits(found.order), spoken.day(found.expected_on)
    match found.status:
        case "delivered":
            return f"Order {number} has been delivered."
        case "cancelled":
            return f"Order {number} is cancelled."
        case _ if found.expected_on < today:
            return f"Order {number} is late. It was expected on {due}, and I am sorry about that."
        case "shipped":
            return f"Order {number} has shipped and should arrive on {due}."
        case _:
            return f"Order {number} is being prepared and should arrive on {due}."
