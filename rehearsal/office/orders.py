"""Orders: read, cancel, send elsewhere, refund. Every change passes `Writes.once`.

What the company allows: an order may be cancelled or sent elsewhere while it is processing, and
refunded, up to its total, once it was delivered or cancelled.
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.database import Connection, Database, Row, first, record_effect
from rehearsal.office.once import Done, Key
from rehearsal.office.problems import Problem

router = APIRouter(prefix="/orders", tags=["orders"], responses=REFUSALS)

Number: TypeAlias = Annotated[str, Path(pattern=r"^[0-9]{4}$")]

ORDER = "SELECT * FROM orders WHERE order_number = ?"
ITEMS = (
    "SELECT i.*, p.name FROM order_items i JOIN products p USING (sku)"
    " WHERE order_number = ? ORDER BY position"
)


class Address(BaseModel):
    """Where an order goes, in the United States."""

    street: str = Field(min_length=3, max_length=80)
    city: str = Field(min_length=2, max_length=60)
    state: str = Field(pattern=r"^[A-Z]{2}$")
    zip_code: str = Field(pattern=r"^[0-9]{5}$")


class Item(BaseModel):
    """One line of an order; `price_cents` for one piece, as it was when ordered."""

    sku: str
    name: str
    quantity: int
    price_cents: int


class Order(BaseModel):
    """One order as the office knows it."""

    order: str
    customer_number: str
    status: Literal["processing", "shipped", "delivered", "cancelled"]
    placed_at: str
    expected_on: date
    address: Address
    items: list[Item]
    total_cents: int
    refunded_cents: int


class Refund(BaseModel):
    """How much of an order's total goes back to the card it was paid with, in US cents."""

    amount_cents: int = Field(gt=0, strict=True)


@router.get("/{order}")
async def read_order(office: Office, order: Number) -> Order:
    """One order by its number."""
    row = await office.database.one(ORDER, order)
    return _order(_known(row), await office.database.all(ITEMS, order))


@router.post("/{order}/cancel", response_model=Order)
async def cancel_order(request: Request, office: Office, order: Number, key: Key) -> Response:
    """Cancel an order that has not left the warehouse."""

    async def work(tx: Connection) -> Done:
        found = _known(await first(tx, ORDER, order))
        _only_while_processing(found)
        await tx.execute("UPDATE orders SET status = 'cancelled' WHERE order_number = ?", (order,))
        await record_effect(
            *(tx, key, "cancel_order", order),
            before={"status": found["status"]},
            after={"status": "cancelled"},
        )
        return 200, await _reread(tx, order)

    return await office.writes.once(request, key, None, work)


@router.patch("/{order}/address", response_model=Order)
async def change_address(
    request: Request, office: Office, order: Number, key: Key, address: Address
) -> Response:
    """Send an order that has not left the warehouse to another address."""

    async def work(tx: Connection) -> Done:
        found = _known(await first(tx, ORDER, order))
        _only_while_processing(found)
        to = address.model_dump()
        await tx.execute(
            "UPDATE orders SET street = ?, city = ?, state = ?, zip_code = ?"
            " WHERE order_number = ?",
            (*to.values(), order),
        )
        before = {name: found[name] for name in to}
        await record_effect(tx, key, "change_address", order, before=before, after=to)
        return 200, await _reread(tx, order)

    return await office.writes.once(request, key, address, work)


@router.post("/{order}/refund", response_model=Order)
async def refund_order(
    request: Request, office: Office, order: Number, key: Key, refund: Refund
) -> Response:
    """Refund part or all of an order that was delivered or cancelled."""

    async def work(tx: Connection) -> Done:
        found = await _reread(tx, order)
        if found.status not in ("delivered", "cancelled"):
            raise Problem(409, "not_refundable", "only delivered or cancelled orders are refunded")
        refunded = found.refunded_cents + refund.amount_cents
        if refunded > found.total_cents:
            raise Problem(409, "refund_exceeds_total", "refunds may not exceed the order's total")
        await tx.execute(
            "UPDATE orders SET refunded_cents = ? WHERE order_number = ?", (refunded, order)
        )
        await record_effect(
            *(tx, key, "refund_order", order),
            before={"refunded_cents": found.refunded_cents},
            after={"refunded_cents": refunded},
        )
        return 200, await _reread(tx, order)

    return await office.writes.once(request, key, refund, work)


async def read_orders(database: Database, customer_number: str) -> list[Order]:
    """All orders of one customer, newest first."""
    found = await database.all(
        "SELECT * FROM orders WHERE customer_number = ? ORDER BY placed_at DESC", customer_number
    )
    return [_order(row, await database.all(ITEMS, row["order_number"])) for row in found]


async def _reread(tx: Connection, order: str) -> Order:
    row = _known(await first(tx, ORDER, order))
    return _order(row, list(await tx.execute_fetchall(ITEMS, (order,))))


def _known(row: Row | None) -> Row:
    if row is None:
        raise Problem(404, "order_not_found", "there is no order with this number")
    return row


def _only_while_processing(row: Row) -> None:
    if row["status"] != "processing":
        raise Problem(409, f"already_{row['status']}", f"this order is {row['status']}")


def _order(row: Row, items: list[Row]) -> Order:
    lines = [Item.model_validate({k: i[k] for k in Item.model_fields}) for i in items]
    return Order(
        order=row["order_number"],
        customer_number=row["customer_number"],
        status=row["status"],
        placed_at=row["placed_at"],
        expected_on=date.fromisoformat(row["expected_on"]),
        address=Address.model_validate({k: row[k] for k in Address.model_fields}),
        items=lines,
        total_cents=sum(i.quantity * i.price_cents for i in lines),
        refunded_cents=row["refunded_cents"],
    )
