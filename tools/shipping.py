"""Business area: shipping. Send an order that has not left the warehouse to another address."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from tools import spoken
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import NotAllowed, OfficeRefused
from tools.orders import Order, OrderNumber, own_order
from tools.typed import STATES, FiveDigits, State

# What addresses are made of: nothing that could be read as an instruction.
PLACE = r"^[A-Za-z0-9][A-Za-z0-9 .'#/-]*$"
Street: TypeAlias = Annotated[str, Field(min_length=3, max_length=80, pattern=PLACE)]
City: TypeAlias = Annotated[str, Field(min_length=2, max_length=60, pattern=r"^[A-Za-z .'-]+$")]

NOT_CHANGEABLE = {
    "shipped": "has already shipped, so its address can no longer be changed",
    "delivered": "was already delivered",
    "cancelled": "is cancelled",
}


class Address(BaseModel):
    """Where an order goes, in the United States."""

    street: str
    city: str
    state: str
    zip_code: str


class AddressChanged(Result):
    """An order that goes elsewhere now."""

    order: str


async def _ask_before_changing(
    call: Call,
    *,
    order: OrderNumber,
    street: Street,
    city: City,
    state: State,
    zip_code: FiveDigits,
) -> ReadBack:
    found = await own_order(call, order)
    if found.status != "processing":
        raise _cannot_change(order, found.status)
    where = STATES[state]
    say = (
        f"Shall I send order {spoken.digits(order)} to {street}, {city}, {where}, "
        f"ZIP code {spoken.digits(zip_code)}? Please say yes or no."
    )
    return ReadBack(say, ("send", order, street, city, where, zip_code))


@tool(
    replace(
        CHANGE,
        action_words=frozenset({"change"}),
        topic="address of order",
        topic_argument="order",
    ),
    read_back=_ask_before_changing,
)
async def change_address(
    call: Call,
    *,
    order: OrderNumber,
    street: Street,
    city: City,
    state: State,
    zip_code: FiveDigits,
) -> AddressChanged:
    """Send one of the caller's orders to another address, as long as it has not shipped.

    The caller must be verified first. The first use changes nothing: it gives you a question. Ask
    it word by word, wait for the caller's answer, and only after a clear yes use this tool again
    with the same arguments.

    Args:
        order: Order number, four digits, for example "1042".
        street: House number and street as the caller said them, for example "48 Lake Street".
        city: City, for example "Chicago".
        state: State by its two letters, for example "IL".
        zip_code: ZIP code as the caller said it, five digits.
    """
    await own_order(call, order)
    to = Address(street=street, city=city, state=state, zip_code=zip_code)
    try:
        await call.office.write(
            "PATCH", "/orders/{order}/address", Order, key=call.key, body=to, order=order
        )
    except OfficeRefused as refused:
        raise _cannot_change(order, refused.office_code.removeprefix("already_")) from refused
    say = f"Order {spoken.digits(order)} will go to {street}, {city}."
    return AddressChanged(say=say, order=order)


def _cannot_change(order: str, status: str) -> NotAllowed:
    why = NOT_CHANGEABLE.get(status, "cannot be sent elsewhere")
    code = f"already_{status}" if status in NOT_CHANGEABLE else "not_changeable"
    return NotAllowed(code, f"Order {spoken.digits(order)} {why}.")
