"""What imported tools say and send until somebody words it better: true, and plain.

Used by areas that `tools.importing` wrote. A read-back names every argument, so that the caller has
heard what they agree to; nothing here knows a business.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from tools import sentences, spoken
from tools.call import Call
from tools.confirm import ReadBack
from tools.errors import NotAllowed
from tools.foreign import shown

FOUND = "I have found it."
DONE = "That is done."
PASSED_ON = "I have passed that on."
LONGEST_TEXT = 300


def _shortened(value: str) -> str:
    told = shown(value, most=None)
    return told if len(told) <= LONGEST_TEXT else f"{told[:LONGEST_TEXT]} ..."


Text: TypeAlias = Annotated[str, AfterValidator(_shortened)]
"""Foreign text as a model may read it: on one line and not long."""


def ask(call: Call, action: str, arguments: Mapping[str, object]) -> ReadBack:
    """The question whether to do `action`, with every one of `arguments` that is given."""
    zone = ZoneInfo(call.facts.timezone)
    told = {label: _aloud(value, zone) for label, value in arguments.items() if value is not None}
    # A word stands between two values: numbers side by side would be heard as one.
    about = ", and the ".join(f"{label} is {value}" for label, value in told.items())
    what = f"Shall I do this: {action}? {f'The {about}. ' if about else ''}Please say yes or no."
    return ReadBack(what, (action, *told.values()))


def query(values: Mapping[str, object]) -> dict[str, str]:
    """Values as they stand in an address; those that are not given are left out."""
    return {name: written(value) for name, value in values.items() if value is not None}


def written(value: object) -> str:
    """A value as it stands in an address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def must_be_own(call: Call, customer: object) -> None:
    """Another customer's thing is answered exactly like one that does not exist."""
    if str(customer) != call.customer.customer_number:
        raise NotAllowed("not_found", sentences.NOT_FOUND)


def _aloud(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{spoken.day(local.date())}, {local.year} at {spoken.clock(local.time())}"
    if isinstance(value, date):
        return f"{spoken.day(value)}, {value.year}"
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return spoken.digits(value)
    return str(value).replace("_", " ")
