"""Names of arguments by which a model would say who the caller is, or what they agreed to.

Such values are the gate's to know, never the model's. Pure; asked wherever tools are made of what
others describe (`tools.importing`, `tools.remote`).
"""

import re
import unicodedata

SOMEBODY = (
    *("customer", "client", "user", "account", "member", "subscriber", "caller"),
    *("owner", "buyer", "payer", "patient", "person", "employee", "contact", "tenant"),
    *("holder", "behalf"),
)
# Claims that only the gate may make, and secrets that only the office has.
NEVER_ASKED = frozenset(
    {
        *("confirm", "confirmed", "consent", "agreed", "force", "forced", "override", "verified"),
        *("authorized", "authorised", "approved"),
        *("authorization", "apikey", "token", "accesstoken", "secret", "clientsecret", "password"),
        *("pin", "passcode", "otp", "cvc", "cvv"),
    }
)

# Anywhere in a name, where the document says less of what it means.
SOUNDS = re.compile(
    "customer|caller|phone|mobile|user|account|client|member|e_?mail|iban|tenant"
    "|confirm|consent|agreed|force",
    re.IGNORECASE,
)


def words_of(name: str) -> list[str]:
    """The words of a name in any manner of writing: "orderID", "order-id" and "order_id" alike."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", parted)]


def is_claim(name: str) -> bool:
    """Whether it is never asked of a model: somebody's identity, a claim, a secret."""
    words = words_of(name)
    return "".join(words) in NEVER_ASKED or any(word.startswith(SOMEBODY) for word in words)


def sounds_like_somebody(name: str) -> bool:
    """Whether a part of it could mean who somebody is, how they are reached or what they agreed."""
    return SOUNDS.search(name) is not None
