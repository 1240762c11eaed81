"""What the company sends to a customer, and where: codes, links for new passwords, phone numbers.

Nothing leaves this machine: what would be sent is kept in `messages`, which a rehearsal reads. A
code is six digits, may be looked at three times within ten minutes, and is used up when it fits.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from rehearsal.office.access import REFUSALS, Office
from rehearsal.office.customers import PHONE, Customer, Verdict
from rehearsal.office.database import Connection, Row, first, record_effect, utc_now
from rehearsal.office.once import Done, Key
from rehearsal.office.problems import Problem

CODE_FOR = timedelta(minutes=10)
LOOKS = 3

router = APIRouter(prefix="/customers", tags=["contact"], responses=REFUSALS)

Number: TypeAlias = Annotated[str, Path(pattern=r"^[0-9]{5}$")]


class Sent(BaseModel):
    """By what something was sent; the address is nobody's business."""

    sent_by: Literal["text", "email"]


class Code(BaseModel):
    """A code as somebody entered it."""

    code: str = Field(pattern=r"^[0-9]{6}$")


class Phone(BaseModel):
    """Where a customer can be called from now on."""

    phone: str = Field(pattern=PHONE)


@router.post("/{customer}/codes", response_model=Sent)
async def send_code(request: Request, office: Office, customer: Number, key: Key) -> Response:
    """Send a code to the customer's telephone; it takes the place of the one before."""

    async def work(tx: Connection) -> Done:
        found = await _known(tx, customer)
        code = f"{secrets.randbelow(10**6):06}"
        await tx.execute("DELETE FROM codes WHERE customer_number = ?", (customer,))
        row = (customer, code, utc_now(), LOOKS)
        await tx.execute("INSERT INTO codes VALUES (?, ?, ?, ?)", row)
        await _send(tx, found, "text", f"Your code is {code}.")
        await record_effect(tx, key, "send_code", customer, before={}, after={})
        return 200, Sent(sent_by="text")

    return await office.writes.once(request, key, None, work)


@router.post("/{customer}/codes/verify")
async def verify_code(office: Office, customer: Number, entered: Code) -> Verdict:
    """Whether it is the code that was sent. Every look counts, so a repeat may be answered no."""
    wrong = Verdict(verified=False, customer=None)
    async with office.database.writing() as tx:
        kept = await first(tx, "SELECT * FROM codes WHERE customer_number = ?", customer)
        if kept is None or _too_old(kept["sent_at"]) or kept["looks_left"] < 1:
            return wrong
        if not hmac.compare_digest(kept["code"], entered.code):
            await tx.execute(
                "UPDATE codes SET looks_left = looks_left - 1 WHERE customer_number = ?",
                (customer,),
            )
            return wrong
        await tx.execute("DELETE FROM codes WHERE customer_number = ?", (customer,))
        return Verdict(verified=True, customer=_customer(await _known(tx, customer)))


@router.post("/{customer}/password-reset", response_model=Sent)
async def send_password_reset(
    request: Request, office: Office, customer: Number, key: Key
) -> Response:
    """Send a link for a new password to the customer's e-mail address."""

    async def work(tx: Connection) -> Done:
        found = await _known(tx, customer)
        link = f"https://shop.example.com/password/{secrets.token_urlsafe(16)}"
        await _send(tx, found, "email", f"Choose a new password: {link}")
        await record_effect(tx, key, "send_password_reset", customer, before={}, after={})
        return 200, Sent(sent_by="email")

    return await office.writes.once(request, key, None, work)


@router.put("/{customer}/phone", response_model=Phone)
async def change_phone(
    request: Request, office: Office, customer: Number, key: Key, to: Phone
) -> Response:
    """Give a customer another telephone number, which nobody else may have."""

    async def work(tx: Connection) -> Done:
        found = await _known(tx, customer)
        owner = await first(tx, "SELECT * FROM customers WHERE phone = ?", to.phone)
        if owner is not None and owner["customer_number"] != customer:
            raise Problem(409, "phone_taken", "this number is another customer's")
        await tx.execute(
            "UPDATE customers SET phone = ? WHERE customer_number = ?", (to.phone, customer)
        )
        await record_effect(
            *(tx, key, "change_phone", customer),
            before={"phone": found["phone"]},
            after={"phone": to.phone},
        )
        return 200, to

    return await office.writes.once(request, key, to, work)


async def _known(tx: Connection, customer: str) -> Row:
    row = await first(tx, "SELECT * FROM customers WHERE customer_number = ?", customer)
    if row is None:
        raise Problem(404, "customer_not_found", "there is no customer with this number")
    return row


async def _send(tx: Connection, to: Row, sent_by: Literal["text", "email"], text: str) -> None:
    where = to["phone"] if sent_by == "text" else to["email"]
    await tx.execute(
        "INSERT INTO messages (at, customer_number, sent_by, sent_to, text) VALUES (?, ?, ?, ?, ?)",
        (utc_now(), to["customer_number"], sent_by, where, text),
    )


def _customer(row: Row) -> Customer:
    return Customer.model_validate(dict(row))


def _too_old(sent_at: str) -> bool:
    return datetime.fromisoformat(utc_now()) - datetime.fromisoformat(sent_at) > CODE_FOR
