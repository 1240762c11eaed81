"""What an operation does besides what its method says: a GET that acts, a write that moves money.

Pure; called by `operations`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from tools.claims import words_of
from tools.foreign import shown
from tools.importing.owners import names_a_thing
from tools.importing.shapes import Input
from tools.importing.spec import IN_BRACES, Unsupported

PAYS = frozenset({"pay", "withdraw", "donate"})
# These are also what somebody reads: a charge, the refund of an order.
GIVES = frozenset({"refund", "payout", "transfer", "charge", "deposit", "topup"})
MOVES = frozenset(
    {
        *(PAYS | GIVES),
        *(f"{word}s" for word in GIVES),
        *("payment", "payments", "donation", "donations", "withdrawal", "withdrawals"),
    }
)
# A GET under such a name would be tried twice, and nobody asked.
ACTS = PAYS | {
    *("delete", "remove", "destroy", "cancel", "send", "resend", "create", "update", "add"),
    *("logout", "reset", "revoke", "refresh", "disable", "enable", "restart", "unsubscribe"),
    *("approve", "reject", "confirm", "submit", "activate", "deactivate", "unlock", "unblock"),
}
# Verbs that are nouns or adjectives as well: /doors/{n}/open acts, and /open-orders need not.
MAY_ACT = GIVES | {
    *("open", "close", "start", "stop", "book", "reserve", "run", "trigger", "lock", "block"),
}
# An operation that begins so says that it reads, whatever it reads of.
READS = frozenset(
    {
        *("get", "list", "find", "fetch", "search", "read", "retrieve", "show", "check"),
        *("view", "query", "lookup", "count", "describe"),
    }
)
# Words for it in the description of any value; in names and where a number is described, more do.
AMOUNT = re.compile(
    r"amount|how much|\b(sum|cents?|pence|euros?|dollars?|pounds|francs|eur|usd|gbp|chf)\b"
)
MONEY = re.compile(
    rf"{AMOUNT.pattern}|price|cents|refund|total|payment|charge|money|donation|deposit|payout"
    r"|withdrawal|\b(fees?|costs?|tip|credits?|balance|funds)\b"
)
CENTS = re.compile(r"\b(cents?|pence)\b|\b(minor|smallest) (currency )?units?\b")
BY_HAND = "so write it by hand, with money=Money(...) as in tools/refunds.py"


def must_only_read(operation: str, path: str) -> None:
    """Refuse a GET that is named after what it does.

    A word that need not be a verb counts as one, unless the operation says that it reads; the whole
    end of a path counts always, since /doors/{n}/open may well be named "getDoorsOpen".

    Raises:
        Unsupported: by this word.
    """
    called = _words(operation)
    parts = [words_of(part) for part in re.split(r"[/:.]", IN_BRACES.sub("", path.rstrip("/")))]
    begun = ["".join(part[:most]) for part in parts for most in (1, 2)]
    words, doubtful = [*called, *begun], [*called, *begun]
    if called and called[0] in READS:
        words, doubtful = begun, ["".join(parts[-1])]
    acts = [word for word in words if word in ACTS] + [one for one in doubtful if one in MAY_ACT]
    if acts:
        raise Unsupported(
            f"it is a GET that is named {acts[0]!r}, and what acts is no read: write it by hand, as"
            " a write if it is one"
        )


def sounds_of_money(one: Input) -> bool:
    """Whether it is an amount of money by its name or description, or in which currency one is."""
    return _is_amount(one) or _is_currency(one)


def money_of(operation: str, path: str, inputs: Sequence[Input]) -> Input | None:
    """Which input of a write is how much it moves, in whole cents; None if it moves no money.

    Raises:
        Unsupported: a ceiling cannot be set on it.
    """
    asked = [one for one in inputs if one.form]
    amounts = [one for one in asked if _is_amount(one) and not _is_which(one)]
    if not amounts:
        named = {*_words(operation), *_words(IN_BRACES.sub(" ", path))}
        if MOVES.isdisjoint(named) and not any(map(_is_currency, asked)):
            return None
        raise Unsupported(f"it moves money without saying how much, {BY_HAND}")
    if len(amounts) > 1 or not _is_cents(amounts[0]):
        told = " and ".join(repr(shown(one.name, most=40)) for one in amounts)
        raise Unsupported(
            "a ceiling needs one required number of whole cents, which the document does not say of"
            f" {told}, {BY_HAND}"
        )
    return amounts[0]


def _is_amount(one: Input) -> bool:
    if MONEY.search(" ".join(words_of(one.name))):
        return True
    number = one.form is not None and one.form.base in ("int", "float")
    told = one.about.lower()
    described = (MONEY if number else AMOUNT).search(told) or CENTS.search(told)
    return described is not None and not names_a_thing(one.name)


def _is_currency(one: Input) -> bool:
    return "currency" in words_of(one.name)


def _is_which(one: Input) -> bool:
    return one.place == "path" and names_a_thing(one.name)


def _is_cents(one: Input) -> bool:
    told = f"{' '.join(words_of(one.name))} {one.about}".lower()
    whole = one.form is not None and one.form.base == "int"
    return one.required and whole and CENTS.search(told) is not None


def _words(text: str) -> list[str]:
    """The words of a text, and each two as one: "top up" is "topup"."""
    words = words_of(text)
    return [*words, *(first + second for first, second in pairwise(words))]
