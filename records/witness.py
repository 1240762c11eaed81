"""Who can say what became of a write that its job cannot tell about.

Every row of the ledger names one: an office that is asked about a key fences it, and would say "not
done" of a write that went somewhere else.
"""

from enum import StrEnum


class Witness(StrEnum):
    """The closed set of them."""

    OFFICE = "office"
    """The back office, by the once-key."""
    RECORD = "record"
    """Our own record: what is changed is a follow-up."""
    NOBODY = "nobody"
    """No program: the once-key was never heard of where the write went. Staff have to look."""
