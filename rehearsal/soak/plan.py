"""Which calls a soak makes: who calls, what they say, how they leave, and what the record must say.

The same for one seed. Pure; `texting` and `phoning` make the calls, `judging` compares.
"""

import random
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from records import CallOutcome
from rehearsal.model.grammar import SPOKEN_DIGITS
from rehearsal.trials.callers import Customer, customers

Use = tuple[str, str]
"""A tool and how its use ended."""

UNKNOWN_NUMBER = "+15557659999"
GOODBYE = "goodbye"


class Kind(StrEnum):
    """What happens in a call."""

    GOODBYE = "says goodbye"
    ORDER = "asks for an order"
    DECLINED = "says no to a read-back"
    CANCELLED = "has an order cancelled"
    LEAVES = "leaves when answered"
    HANGS_UP = "hangs up at the greeting"
    SILENT = "says nothing"
    UNKNOWN = "dials an unknown number"
    KILLED = "has its job killed"


@dataclass(frozen=True)
class Line:
    """A number that is dialled, and the words by which the model knows its sessions."""

    name: str
    number: str
    persona: str


LINES = (
    Line("plain", "+15557650001", "This is the plain line."),
    Line("told", "+15557650002", "This is the line that tells."),
    Line("soundless", "+15557650003", "This is the line without sound."),
)
PHONED = Line("phoned", "+15557650004", "This is the line for telephones.")

# Of a hundred calls. Orders are cancelled once each, as long as there are some.
_SHARES = {
    Kind.GOODBYE: 26,
    Kind.ORDER: 22,
    Kind.DECLINED: 12,
    Kind.CANCELLED: 4,
    Kind.LEAVES: 14,
    Kind.HANGS_UP: 12,
    Kind.SILENT: 3,
    Kind.UNKNOWN: 5,
    Kind.KILLED: 2,
}
# Without a phone's sound a silence is no news, and a job is killed as well without it.
_BY_PHONE = {Kind.GOODBYE: 30, Kind.ORDER: 30, Kind.HANGS_UP: 25, Kind.UNKNOWN: 15}

_OUTCOMES = {
    # Nobody heard a voice of this caller, so that nobody knows whether they were done.
    Kind.LEAVES: CallOutcome.ABANDONED,
    Kind.HANGS_UP: CallOutcome.ABANDONED,
    Kind.SILENT: CallOutcome.CALLER_SILENT,
    Kind.UNKNOWN: CallOutcome.NOT_IN_SERVICE,
    Kind.KILLED: CallOutcome.LOST,
}
_USES: dict[Kind, tuple[Use, ...]] = {
    Kind.ORDER: (("look_up_order", "ok"),),
    Kind.LEAVES: (("look_up_order", "ok"),),
    Kind.DECLINED: (("verify_caller", "ok"), ("cancel_order", "needs_yes")),
    Kind.CANCELLED: (
        *(("verify_caller", "ok"), ("cancel_order", "needs_yes")),
        ("cancel_order", "ok"),
    ),
}


@dataclass(frozen=True)
class Plan:
    """One call."""

    number: int
    """Which of the soak's."""
    kind: Kind
    line: Line
    """Also of a call to an unknown number, which reaches none."""
    customer: Customer
    by_phone: bool = False

    @property
    def says(self) -> tuple[str, ...]:
        """What the caller says, turn by turn; of a call whose job is killed, to the next job."""
        order, code = _digits(self.customer.order), _digits(self.customer.zip_code)
        asks = f"where is my order number {order} please"
        cancels = f"cancel order number {order} my zip code is {code}"
        said: dict[Kind, tuple[str, ...]] = {
            Kind.GOODBYE: (GOODBYE,),
            Kind.ORDER: (asks, GOODBYE),
            Kind.DECLINED: (cancels, "no thanks", GOODBYE),
            Kind.CANCELLED: (cancels, "yes please", GOODBYE),
            Kind.LEAVES: (asks,),
            Kind.KILLED: (GOODBYE,),
        }
        return said.get(self.kind, ())

    @property
    def caller(self) -> str:
        """The number that calls; of a call whose job is killed, one that nobody else calls from."""
        if self.kind is Kind.KILLED:
            return f"+15552{self.number:06d}"
        return self.customer.number

    @property
    def dialled(self) -> str:
        """The number that is dialled."""
        return UNKNOWN_NUMBER if self.kind is Kind.UNKNOWN else self.line.number

    @property
    def outcome(self) -> CallOutcome:
        """How the call must have ended; of a killed one, the first of its two records."""
        return _OUTCOMES.get(self.kind, CallOutcome.COMPLETED)

    @property
    def uses(self) -> tuple[Use, ...]:
        """The uses of tools that its record must hold, in this order."""
        return _USES.get(self.kind, ())


def plans(texted: int, phoned: int, seed: int) -> list[Plan]:
    """The calls of a soak, those by phone last."""
    dice = random.Random(seed)
    kinds = [*_kinds(_SHARES, texted, dice), *_kinds(_BY_PHONE, phoned, dice)]
    who = customers()
    # Whoever has an order cancelled does nothing else with it.
    cancels, others = iter(who[: len(who) // 2]), who[len(who) // 2 :]
    made = []
    for number, wanted in enumerate(kinds):
        first = next(cancels, None) if wanted is Kind.CANCELLED else None
        kind = Kind.DECLINED if wanted is Kind.CANCELLED and first is None else wanted
        by_phone = number >= texted
        line = PHONED if by_phone else LINES[number % len(LINES)]
        made.append(Plan(number, kind, line, first or dice.choice(others), by_phone))
    return made


def _kinds(shares: dict[Kind, int], calls: int, dice: random.Random) -> list[Kind]:
    """So many kinds by their shares, each at least once if there is room, in any order."""
    all_of_them = sum(shares.values())
    exact = {kind: calls * share / all_of_them for kind, share in shares.items()}
    counts = Counter({kind: max(1, int(number)) for kind, number in exact.items()})
    rarest_first = sorted(shares, key=lambda kind: exact[kind])
    found = [kind for kind in rarest_first for _ in range(counts[kind])][:calls]
    found += [Kind.GOODBYE] * (calls - len(found))
    dice.shuffle(found)
    return found


def _digits(number: str) -> str:
    return " ".join(SPOKEN_DIGITS[digit] for digit in number)
