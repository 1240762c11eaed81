"""Business area: the caller's account. Prove who is calling by what only they should know."""

from tools.call import Call
from tools.catalogue import Result, tool
from tools.errors import NotAllowed
from tools.policy import Assurance, Policy
from tools.typed import FiveDigits

ZIP_SAY = "Could you tell me your ZIP code, digit by digit?"
NUMBER_SAY = "Could you tell me your customer number, digit by digit?"


class CallerVerified(Result):
    """The caller is who they say; nothing of the account is repeated."""


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
    if customer_number is not None and not await call.heard(customer_number):
        raise NotAllowed("not_heard", NUMBER_SAY)
    await call.identity.verify(call.office, zip_code=zip_code, customer_number=customer_number)
    return CallerVerified(say="Thank you, you are verified.")
