"""Who the company's customers are, and whether somebody knows what only one of them knows.

`/customers/verify` gives the same answer for an unknown customer and a wrong ZIP code or PIN, so it
cannot be used to learn who exists.
"""

import hmac
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, model_validator

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.orders import Order, read_orders

router = APIRouter(prefix="/customers", tags=["customers"], responses=REFUSALS)

PHONE = r"^\+[1-9][0-9]{6,14}$"


class Customer(BaseModel):
    """One customer, without what serves to verify them."""

    customer_number: str
    name: str
    phone: str
    email: str
    time_zone: str


class Customers(BaseModel):
    """Customers with one phone number; rarely more than one."""

    customers: list[Customer]


class Claim(BaseModel):
    """Who somebody says they are, and one thing that only they should know."""

    phone: str | None = Field(default=None, pattern=PHONE)
    customer_number: str | None = Field(default=None, pattern=r"^[0-9]{5}$")
    zip_code: str | None = Field(default=None, pattern=r"^[0-9]{5}$")
    pin: str | None = Field(default=None, pattern=r"^[0-9]{4,8}$")

    @model_validator(mode="after")
    def _names_exactly_one(self) -> Self:
        if (self.phone is None) == (self.customer_number is None):
            raise ValueError("give phone or customer_number, not both")
        if (self.zip_code is None) == (self.pin is None):
            raise ValueError("give zip_code or pin, not both")
        return self


class Verdict(BaseModel):
    """Whether the claim holds; `customer` only if it does."""

    verified: bool
    customer: Customer | None


class Orders(BaseModel):
    """Orders of one customer, newest first."""

    orders: list[Order]


@router.get("")
async def find_customers(office: Office, phone: Annotated[str, Query(pattern=PHONE)]) -> Customers:
    """Customers whose phone number (E.164) is `phone`."""
    found = await office.database.all("SELECT * FROM customers WHERE phone = ?", phone)
    return Customers(customers=[Customer.model_validate(dict(row)) for row in found])


@router.post("/verify")
async def verify(office: Office, claim: Claim) -> Verdict:
    """Compare a ZIP code or a PIN with the one on file. Changes nothing, so it takes no key."""
    row = await office.database.one(
        "SELECT * FROM customers WHERE phone = ? OR customer_number = ?",
        claim.phone,
        claim.customer_number,
    )
    known, shown = ("pin", claim.pin) if claim.pin else ("zip_code", claim.zip_code)
    if row is None or not hmac.compare_digest(row[known], shown or ""):
        return Verdict(verified=False, customer=None)
    return Verdict(verified=True, customer=Customer.model_validate(dict(row)))


@router.get("/{customer_number}/orders")
async def list_orders(
    office: Office, customer_number: Annotated[str, Path(pattern=r"^[0-9]{5}$")]
) -> Orders:
    """What a customer has ordered, newest first; empty for an unknown customer."""
    found = await read_orders(office.database, customer_number)
    return Orders(orders=found)
