"""What an operation does besides what its method says: a GET that acts, a write that moves money.

Pure; called by `operations`.
"""

import re
from collections.abc import Sequence

from tools.claims import words_of
from tools.importing.owners import names_a_thing
from tools.importing.shapes import Input
from tools.importing.source import shown
from tools.importing.spec import IN_BRACES, Unsupported

# A GET under such a name would be tried twice, and nobody asked.
ACTS = frozenset(
    {
        *("delete", "remove", "destroy", "cancel", "send", "resend", "create", "update", "add"),
        *("logout", "reset", "revoke", "refresh", "disable", "enable", "restart", "unsubscribe"),
        *("approve", "reject", "confirm"),
    }
)
# An operation that begins so says that it reads, whatever it reads of.
READS = frozenset({"get", "list", "find", "fetch", "search", "read", "retrieve", "show", "check"})
MONEY = re.compile(r"amount|price|cents|refund|total|payment|charge|money")
CENTS = re.compile(r"\bcents?\b|minor (currency )?unit|smallest (currency )?unit")
MOVES = frozenset({"pay", "refund", "refunds", "payout", "payouts", "withdraw", "withdrawals"})
BY_HAND = "so write it by hand, with money=Money(...) as in tools/refunds.py"


def must_only_read(operation: str, path: str) -> None:
    """Refuse a GET that is named after what it does.

    Raises:
        Unsupported: by this word.
    """
    called = words_of(operation)
    words = [] if called and called[0] in READS else called
    parts = IN_BRACES.sub("", path).split("/")
    words += [word for part in parts for word in words_of(part)[:1]]
    if acts := next((word for word in words if word in ACTS), ""):
        raise Unsupported(
            f"it is a GET that is named {acts!r}, and what acts is no read: write it by hand, as a"
            " write"
        )


def names_money(name: str) -> bool:
    """Whether it sounds like an amount of money."""
    return MONEY.search("_".join(words_of(name))) is not None


def money_of(operation: str, path: str, inputs: Sequence[Input]) -> Input | None:
    """Which input of a write is how much it moves, in whole cents; None if it moves no money.

    Raises:
        Unsupported: a ceiling cannot be set on it.
    """
    asked = [one for one in inputs if one.form]
    amounts = [one for one in asked if names_money(one.name) and not _is_which(one)]
    if not amounts:
        if MOVES.isdisjoint(_words(operation, path)):
            return None
        raise Unsupported(f"it moves money without saying how much, {BY_HAND}")
    if len(amounts) > 1 or not _is_cents(amounts[0]):
        told = " and ".join(repr(shown(one.name, most=40)) for one in amounts)
        raise Unsupported(
            "a ceiling needs one required number of whole cents, which the document does not say of"
            f" {told}, {BY_HAND}"
        )
    return amounts[0]


def _is_which(one: Input) -> bool:
    return one.place == "path" and names_a_thing(one.name)


def _is_cents(one: Input) -> bool:
    told = f"{' '.join(words_of(one.name))} {one.about}".lower()
    whole = one.form is not None and one.form.base == "int"
    return one.required and whole and CENTS.search(told) is not None


def _words(operation: str, path: str) -> list[str]:
    return [*words_of(operation), *words_of(IN_BRACES.sub(" ", path))]
