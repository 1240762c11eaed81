"""Business area: how the company reaches its customer, and the way back into an account.

A link or a code is never spoken: the office sends it to what is on file.
"""

from dataclasses import replace
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field

from tools import spoken
from tools.account import Sent
from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.confirm import ReadBack
from tools.errors import NotAllowed, OfficeRefused
from tools.policy import Assurance
from tools.typed import plain_digits


def _national(value: object) -> object:
    """Ten digits, however they are written, with or without the country's 1."""
    digits = plain_digits(value)
    if not isinstance(digits, str):
        return digits
    bare = digits.removeprefix("+1").translate(str.maketrans("", "", "()"))
    return bare[1:] if len(bare) == 11 and bare.startswith("1") else bare


Phone: TypeAlias = Annotated[str, Field(pattern=r"^[2-9][0-9]{9}$"), BeforeValidator(_national)]


class NewPhone(BaseModel):
    """What the office is sent, E.164."""

    phone: str


class PhoneOnFile(BaseModel):
    """What it has now."""

    phone: str


class LinkSent(Result):
    """A link for a new password is on its way."""


class PhoneChanged(Result):
    """The account has another telephone number."""


async def _ask_before_sending(call: Call) -> ReadBack:
    del call
    say = (
        "Shall I send a link for a new password to the e-mail address on your account? "
        "Please say yes or no."
    )
    return ReadBack(say, ("link", "password"))


@tool(
    # A link is good for a while; after that somebody may need another.
    replace(CHANGE, times_per_call=2, times_per_day=3, once_s=600.0),
    read_back=_ask_before_sending,
)
async def send_password_reset(call: Call) -> LinkSent:
    """Send the caller a link with which they choose a new password.

    It goes to the e-mail address on the account and nowhere else. The caller must be verified
    first. The first use sends nothing: it gives you a question. Ask it word by word, wait for the
    caller's answer, and only after a clear yes use this tool again.
    """
    number, path = call.customer.customer_number, "/customers/{customer}/password-reset"
    await call.office.write("POST", path, Sent, key=call.key, customer=number)
    return LinkSent(say="I have sent the link to the e-mail address on your account.")


async def _ask_before_changing(call: Call, new_number: Phone) -> ReadBack:
    del call
    said = spoken.digits(new_number)
    say = f"Shall I change the phone number on your account to {said}? Please say yes or no."
    return ReadBack(say, ("change", "phone number", new_number))


@tool(
    # Whoever holds the number is taken for the customer by it: a code proves the old one first.
    replace(
        CHANGE,
        assurance=Assurance.CODE,
        action_words=frozenset({"change"}),
        times_per_call=3,
        times_per_day=3,
        topic="phone",
    ),
    read_back=_ask_before_changing,
)
async def change_phone(call: Call, new_number: Phone) -> PhoneChanged:
    """Change the phone number on the caller's account.

    The caller must have entered a one-time code first. The first use changes nothing: it gives you
    a question. Ask it word by word, wait for the caller's answer, and only after a clear yes use
    this tool again with the same number.

    Args:
        new_number: The new phone number, ten digits, as the caller said it.
    """
    number, path = call.customer.customer_number, "/customers/{customer}/phone"
    body = NewPhone(phone=f"+1{new_number}")
    try:
        await call.office.write("PUT", path, PhoneOnFile, key=call.key, body=body, customer=number)
    except OfficeRefused as refused:
        if refused.office_code == "phone_taken":
            say = "That number is on another account already, so I left yours as it was."
            raise NotAllowed("phone_taken", say) from refused
        raise
    return PhoneChanged(say=f"Your phone number is now {spoken.digits(new_number)}.")
