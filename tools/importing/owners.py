"""Whose something is: which names of a document name the customer, or say what only a gate may.

Such values are the gate's to know, never the model's. Pure; called by `operations`.
"""

from typing import Any

from tools.claims import is_claim, words_of
from tools.importing.schemas import fields_of, kind_of, settled
from tools.importing.spec import Spec, Unsupported

# What an API calls the customer, without capitals and signs between. Filled from `call.customer`.
CUSTOMER = frozenset(
    name + what
    for name in ("customer", "client", "user", "account", "member", "subscriber")
    for what in ("", "id", "no", "number", "ref", "uuid")
)
# Schemas refer to each other in many ways: an answer of so many parts is taken for somebody's.
MOST_SEEN = 5000
# What an answer says of a person, also where it does not name them.
PERSONAL = frozenset({"email", "phone", "mobile", "address", "birthday", "ssn", "iban"})
# Things that are somebody's, when an operation is told which one.
THINGS = frozenset(
    {
        *("order", "invoice", "booking", "appointment", "reservation", "ticket", "case", "claim"),
        *("payment", "subscription", "contract", "policy", "shipment", "card", "cart"),
    }
)
NUMBERS = frozenset({"id", "no", "number", "ref", "reference", "uuid", "key"})


def names_customer(name: str) -> bool:
    """Whether this is what the API calls the customer."""
    return "".join(words_of(name)) in CUSTOMER


def names_a_thing(name: str) -> bool:
    """Whether this is which one of several things is meant: an order, an invoice number."""
    words = words_of(name)
    return bool(words) and (words[-1] in NUMBERS | THINGS or "".join(words) in THINGS)


def whose(spec: Spec, node: Any) -> str:
    """The property by which an answer says whose it is, or ""."""
    try:
        found, _ = settled(spec, node)
    except Unsupported:
        return ""
    named = [name for name in fields_of(found).properties if names_customer(name)]
    return next((name for name in named if is_plain(spec, fields_of(found).properties[name])), "")


def is_plain(spec: Spec, node: Any) -> bool:
    """Whether it is a text or a whole number that is read, as a customer's number must be."""
    try:
        found, _ = settled(spec, node)
        return kind_of(found) in ("string", "integer") and found.get("writeOnly") is not True
    except Unsupported:
        return False


def names_anybody(spec: Spec, node: Any, clean: set[int]) -> bool:
    """Whether something in an answer says that it is somebody's; what nobody can tell does.

    `clean` holds parts of the document that are known to name nobody, and gets those of this one.
    """
    seen, waiting = set(clean), [spec.met(node)]
    while waiting:
        try:
            found, _ = settled(spec, waiting.pop())
        except Unsupported:
            return True
        inner = fields_of(found).properties
        if any(_is_personal(name) for name in inner) or len(seen) - len(clean) > MOST_SEEN:
            return True
        nodes = [*inner.values(), *([found["items"]] if "items" in found else [])]
        new = {id(one): one for one in map(spec.met, nodes) if id(one) not in seen}
        seen |= new.keys()
        waiting += new.values()
    clean |= seen
    return False


def _is_personal(name: str) -> bool:
    return is_claim(name) or not PERSONAL.isdisjoint(words_of(name))
