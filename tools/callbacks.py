"""Business area: what a person has to do afterwards. Leave a message, ask for somebody.

The promise is made by code, from the company's opening hours; what was promised is a follow-up in
the record (`python -m tools follow-ups list`) before the caller hears it.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from records.ledger import NotKept
from tools import spoken
from tools.call import Call
from tools.catalogue import Result, tool
from tools.errors import NotAllowed, OutcomeUnknown
from tools.policy import Assurance, Effect, Policy
from tools.typed import plain_digits

# Staff read it in a terminal: no control characters.
PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*$"
Text: TypeAlias = Annotated[str, Field(min_length=3, max_length=400, pattern=PLAIN)]
Phone: TypeAlias = Annotated[str, BeforeValidator(plain_digits), Field(pattern=r"^\+?[0-9]{7,15}$")]

# So much opening time passes at most until somebody calls.
PROMISED_WITHIN = timedelta(hours=4)
WHICH_NUMBER = "Which number can we reach you at? Please say it digit by digit."
PROMISE = Policy(
    effect=Effect.WRITE,
    deadline_s=4.0,
    assurance=Assurance.NONE,
    times_per_call=3,
    times_per_day=6,
    own_record=True,
)


class CallPromised(Result):
    """A call that was promised just now."""

    by: datetime


@tool(PROMISE)
async def promise_callback(call: Call, about: Text, phone: Phone | None = None) -> CallPromised:
    """Note what the caller wants and promise that somebody calls them back.

    Use it when the caller asks for a call, or when you cannot help and they accept the offer. Tell
    the caller what "say" contains: it holds the time that is promised.

    Args:
        about: What the call is about, in the caller's own words and with all details they gave.
        phone: Number to call, digits as the caller said them. Leave it out unless the caller named
            another number than the one they call from.
    """
    return await _promised(call, "callback", {"about": about}, phone, "I have noted that.")


@tool(PROMISE)
async def ask_for_person(
    call: Call, reason: Text, summary: Text, phone: Phone | None = None
) -> CallPromised:
    """Pass the caller on to a person, when they ask for one or you cannot help them any further.

    Args:
        reason: Why the caller wants a person.
        summary: What was said and done on this call so far, for whoever takes over.
        phone: Number to call, digits as the caller said them. Leave it out unless the caller named
            another number than the one they call from.
    """
    words = {"reason": reason, "summary": summary}
    return await _promised(call, "person", words, phone, "I can't put you through right now.")


async def _promised(
    call: Call, kind: str, words: dict[str, Any], phone: str | None, lead: str
) -> CallPromised:
    number = await _number(call, phone)
    by = call.facts.hours.after(call.facts.now(), PROMISED_WITHIN)
    # By its date: the sentence may be told again on another day.
    when = f"{spoken.day(by.date())} at {spoken.clock(by.time())}"
    customer = call.identity.customer
    known = {"customer_number": customer.customer_number} if customer else {}
    try:
        await call.follow_ups.open(
            call_id=call.facts.call_id,
            kind=kind,
            words={**words, "phone": number, **known, "promised": when},
            promised_for=by.timestamp(),
            tool_use=call.key,
        )
    except NotKept as error:
        raise OutcomeUnknown("not_kept") from error
    return CallPromised(say=f"{lead} Somebody will call you back by {when}.", by=by)


async def _number(call: Call, phone: str | None) -> str:
    """Where the caller is reached: the number they call from, or one that they have said."""
    if phone is not None:
        if not await call.heard(phone.removeprefix("+")):
            raise NotAllowed("not_heard", WHICH_NUMBER)
        return phone
    if call.facts.caller_number is None:
        raise NotAllowed("which_number", WHICH_NUMBER)
    return call.facts.caller_number
