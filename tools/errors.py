"""What goes wrong with a tool, sorted by what happens next.

    ToolError
    ├── NotAllowed       told to the caller as it is; nothing was done
    ├── OfficeRefused    the office said no by a code; an area turns it into NotAllowed
    └── OfficeTrouble    the office, or the server of somebody else, could not be asked
        ├── OfficeDown       nothing was done; offer to try later
        ├── OfficeTimeout    nothing was done; it took too long
        ├── BadAnswer        it answered, but not in a form that may be passed on
        └── OutcomeUnknown   a write may have happened; say so honestly

`say` of every one is safe to say aloud. Anything else that a tool raises is a bug.
"""

import re

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ToolError(Exception):
    """A use that did not succeed; `code` is short, closed and fit for a metric label."""

    def __init__(self, code: str, say: str = "") -> None:
        if not CODE.fullmatch(code):
            raise ValueError("a code is a short word out of our own source")
        self.code = code
        self.say = say
        super().__init__(code)


class NotAllowed(ToolError):
    """Tell the caller why, by `say`."""


class OfficeRefused(ToolError):
    """The office refused by its own `office_code`, which is foreign text until an area knows it."""

    def __init__(self, status: int, office_code: str) -> None:
        self.status = status
        self.office_code = office_code
        super().__init__("office_refused")


class OfficeTrouble(ToolError):
    """The office could not be asked, or not understood."""


class OfficeDown(OfficeTrouble):
    """Not reachable, or failing. Nothing was done."""


class OfficeTimeout(OfficeTrouble):
    """No answer in time. Nothing was done."""


class BadAnswer(OfficeTrouble):
    """An answer in an unexpected form. Nothing of it reaches the model."""


class OutcomeUnknown(OfficeTrouble):
    """A write was sent and nobody could say what became of it."""
