"""A record as it leaves the house: without numbers and the like, unless somebody wants it in clear.

Words were redacted when they were written down; they go through the redactor of today once more,
with what tools were given and with the caller's number. Pure.
"""

from records.redaction import Kind, Redactor
from records.view import CallView


def exported(call: CallView, *, in_clear: bool = False) -> CallView:
    """`call` as an export shows it."""
    if in_clear:
        return call
    redactor = Redactor()
    turns = [
        turn.model_copy(update={"text": redactor.redact(turn.text).text}) for turn in call.turns
    ]
    tools = [
        use.model_copy(update={"arguments": redactor.redact_all(use.arguments)[0]})
        for use in call.tools
    ]
    caller = None if call.caller is None else Kind.PHONE.mask
    return call.model_copy(update={"turns": turns, "tools": tools, "caller": caller})
