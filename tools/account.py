"""Business area: the caller's account. Prove who is calling by what only they should know or hold.

A ZIP code is spoken; a PIN and a one-time code go by keypad past every model (`tools.keypad`). What
may be changed on the account is in `contact`.
"""

from dataclasses import replace

from pydantic import BaseModel

from tools.call import Call
from tools.catalogue import Result, tool
from tools.changing import CHANGE
from tools.errors import NotAllowed
from tools.keypad import WITHIN_S, Secret
from tools.policy import Assurance, Policy
from tools.typed import FiveDigits

ZIP_SAY = "Could you tell me your ZIP code, digit by digit?"
NUMBER_SAY = "Could you tell me your customer number, digit by digit?"
# The caller's time at the keypad, then the office's.
BY_KEYPAD = Policy(assurance=Assurance.NONE, deadline_s=WITHIN_S + 4.0, times_per_call=6)
PROVE_BY_CODE = frozenset({"send_code", "check_code"})
"""The tools without which nobody gets further than knowledge."""

BY_VOICE = frozenset({"verify_caller"})
"""The tools that only a transcript of the caller's words can satisfy."""


class CallerVerified(Result):
    """The caller is who they say; nothing of the account is repeated."""


class CodeSent(Result):
    """A one-time code is on its way to the telephone on the account."""


class Sent(BaseModel):
    """What the office sent something by."""

    sent_by: str


@tool(Policy(assurance=Assurance.NONE, times_per_call=8))
async def verify_caller(
    call: Call, zip_code: FiveDigits, customer_number: FiveDigits | None = None
) -> CallerVerified:
    """Verify who is calling, before anything on the account may be changed.

    Ask the caller for the ZIP code on the account and pass exactly the digits you heard. Ask for
    the customer number only if the answer tells you to.

    Args:
        zip_code: ZIP code as the caller said it, five digits.
        customer_number: Customer number as the caller said it, five digits. Leave it out unless
            the caller has told you one.
    """
    if not await call.heard(zip_code):
        raise NotAllowed("not_heard", ZIP_SAY)
    await _said(call, customer_number)
    await call.identity.verify(call.office, zip_code=zip_code, customer_number=customer_number)
    return CallerVerified(say="Thank you, you are verified.")


@tool(BY_KEYPAD)
async def verify_by_pin(call: Call, customer_number: FiveDigits | None = None) -> CallerVerified:
    """Verify who is calling by the telephone PIN, which the caller enters on their keypad.

    Use it when the caller would rather give their PIN, or does not know the ZIP code. Use it at
    once and say nothing: a fixed sentence asks the caller for the digits. Never ask for a PIN
    aloud, and never repeat one.

    Args:
        customer_number: Customer number as the caller said it, five digits. Leave it out unless
            the caller has told you one.
    """
    call.identity.still_may_try()
    await _said(call, customer_number)
    pin = await call.keys(Secret.PIN)
    await call.identity.verify(call.office, pin=pin, customer_number=customer_number)
    return CallerVerified(say="Thank you, you are verified.")


@tool(
    # Whoever asks again a minute later wants another one.
    replace(CHANGE, spoken_yes=False, times_per_call=3, times_per_day=6, once_s=45.0)
)
async def send_code(call: Call) -> CodeSent:
    """Send a one-time code to the telephone on the caller's account.

    For what needs a code, and only when the caller wants it. The caller must be verified first.
    Then say that it was sent, and use check_code.
    """
    number, path = call.customer.customer_number, "/customers/{customer}/codes"
    await call.office.write("POST", path, Sent, key=call.key, customer=number)
    return CodeSent(say="I have sent a code of six digits to the phone on your account.")


# Asked once: a code that was looked at is used up.
@tool(replace(BY_KEYPAD, assurance=Assurance.KNOWLEDGE, tries=1))
async def check_code(call: Call) -> CallerVerified:
    """Take the one-time code that the caller enters on their keypad.

    Use it after send_code, at once and without another word: a fixed sentence asks the caller for
    the digits. Never ask for the code aloud, and never repeat it.
    """
    call.identity.still_may_try()
    await call.identity.verify_code(call.office, await call.keys(Secret.CODE))
    return CallerVerified(say="Thank you, that is the right code.")


async def _said(call: Call, customer_number: str | None) -> None:
    if customer_number is not None and not await call.heard(customer_number):
        raise NotAllowed("not_heard", NUMBER_SAY)
