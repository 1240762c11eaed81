"""Whose something is: which names of a document name the customer, and which one of several things.

What names the customer is the gate's to know, never the model's. Pure; called by `operations`.
"""

from collections.abc import Collection
from typing import Any

from tools.claims import words_of
from tools.importing.names import NUMBERS, singular
from tools.importing.schemas import fields_of, kind_of, settled
from tools.importing.spec import Spec, Unsupported

# What an API calls the customer, without capitals and signs between. Filled from `call.customer`.
# No account is: with a bank a customer has several, and with most APIs it is the company's own. No
# `client_id` is, since that is a program's.
CUSTOMER = frozenset(
    name + what
    for name in ("customer", "client", "user", "member", "subscriber")
    for what in ("", "id", "no", "number", "ref")
) - {"clientid"}
# Things that are somebody's, when an operation is told which one.
THINGS = frozenset(
    {
        *("order", "invoice", "booking", "appointment", "reservation", "ticket", "case", "claim"),
        *("payment", "subscription", "contract", "policy", "shipment", "card", "cart"),
        # Another one of those that the path names: what it is merged or linked with.
        *("other", "parent", "target", "into"),
    }
)
# Of numbers and codes those that are a part of an address or a way to say something.
PARTS = frozenset(
    {
        *("zipcode", "postalcode", "postcode", "statecode", "countrycode", "areacode"),
        *("housenumber", "houseno", "streetnumber", "streetno", "languagecode", "currencycode"),
    }
)


class Customers:
    """What the customer is called: as ever, or as whoever imports says besides."""

    def __init__(self, said: Collection[str] = ()) -> None:
        self._said = frozenset(map(_joined, said))

    def are_named(self, name: str) -> bool:
        """Whether this is what the API calls the customer."""
        return _joined(name) in CUSTOMER | self._said

    def are_numbered(self, spec: Spec, name: str, node: Any) -> bool:
        """Whether it can be the number that a caller has; a UUID only where somebody says so."""
        try:
            found, _ = settled(spec, node)
            plain = kind_of(found) in ("string", "integer") and found.get("writeOnly") is not True
        except Unsupported:
            return False
        return plain and (found.get("format") != "uuid" or _joined(name) in self._said)

    def told_by(self, spec: Spec, node: Any) -> str:
        """The property by which an answer says whose it is, or ""."""
        try:
            found, _ = settled(spec, node)
        except Unsupported:
            return ""
        named = {n: of for n, of in fields_of(found).properties.items() if self.are_named(n)}
        return next((name for name, of in named.items() if self.are_numbered(spec, name, of)), "")


def names_a_thing(name: str) -> bool:
    """Whether this is which of several things is meant: an order, an invoice number, order ids."""
    words = words_of(name)
    # The last two as well: "orderIDs" has the words "order", "i" and "ds".
    ends = {singular("".join(words[-most:])) for most in (1, 2)}
    return PARTS.isdisjoint(ends) and not (NUMBERS | THINGS).isdisjoint(ends)


def _joined(name: str) -> str:
    return "".join(words_of(name))
