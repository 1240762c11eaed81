"""A SIP phone that calls, is called, reacts, and measures what it heard.

Stands for caller and carrier. Signalling is a state machine without I/O (`messages`,
`transactions`, `dialog`, `machine`, `useragent`) under one socket (`transport`); audio is `media`
on a `timeline` that `measure` reads; `steps` and `caller` make it follow a script.
"""

from rehearsal.phone.call import Call, CallFailed, CallResult
from rehearsal.phone.digest import Credentials
from rehearsal.phone.phone import AnswerPolicy, Phone, open_phone

__all__ = [
    "AnswerPolicy",
    "Call",
    "CallFailed",
    "CallResult",
    "Credentials",
    "Phone",
    "open_phone",
]
