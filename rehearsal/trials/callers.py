"""Who calls in trials: customers with orders that can be cancelled, and what they say.

Out of the office's own seed, which is the same every day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rehearsal.model.grammar import SPOKEN_DIGITS
from rehearsal.office.seed import rows
from rehearsal.phone.steps import CallerPart
from rehearsal.stack.layout import DID
from rehearsal.trials.row import Act, Does, Row

# A caller who answers sooner might answer "one moment, please".
PATIENCE_S = 1.5
# Through a telephone the hiss of "six" is gone.
MISHEARD = "6"
# Callers act on silence; clips that bridge one follow each other sooner, so that an answer is
# waited for however busy the machine is, and nobody reaches the third second by themselves.
MORE_PATIENCE_S = 1.3
GREETING_OVER_S = 1.8
LONGEST_CALL_S = 80.0
LISTENS_S = 40.0


@dataclass(frozen=True)
class Customer:
    """One customer, by the number they call from, and one order of theirs."""

    number: str
    zip_code: str
    order: str


def customers() -> list[Customer]:
    """Every customer with an order that can be cancelled, one order each, always in this order.

    Without those whose digits the scripted model hears wrong now and then: a call whose caller is
    misunderstood tries nothing.
    """
    # Dates differ from day to day, nothing else does.
    seeded = list(rows(date(2000, 1, 3)))
    people = {str(values[0]): values for table, values in seeded if table == "customers"}
    orders: dict[str, str] = {}
    for table, values in seeded:
        if table == "orders" and values[2] == "processing" and MISHEARD not in str(values[0]):
            orders.setdefault(str(values[1]), str(values[0]))
    found = (Customer(str(people[w][2]), str(people[w][7]), order) for w, order in orders.items())
    return [customer for customer in found if MISHEARD not in customer.zip_code]


def part(row: Row, customer: Customer) -> CallerPart:
    """What the caller does in `row`."""
    return CallerPart.model_validate(
        {
            "from": customer.number,
            "dial": DID,
            "silence_s": PATIENCE_S,
            "deadline_s": LONGEST_CALL_S,
            "steps": list(_steps(row, customer)),
        }
    )


def _steps(row: Row, customer: Customer) -> Iterator[dict[str, Any]]:
    order = " ".join(SPOKEN_DIGITS[digit] for digit in customer.order)
    if row.does is Does.LOOKS_UP:
        yield {"say": f"where is my order number {order} please", "at_s": GREETING_OVER_S}
        yield from _hang_up()
        return
    code = " ".join(SPOKEN_DIGITS[digit] for digit in customer.zip_code)
    ask = f"cancel order number {order} my zip code is {code}"
    yield {"say": ask, "at_s": GREETING_OVER_S}
    yield {"say": "yes please", "pause_s": MORE_PATIENCE_S}
    match row.does:
        case Does.HANGS_UP:
            yield {"hang_up": True, "after": "step", "pause_s": row.hang_up_s}
        case Does.INTERRUPTS:
            yield {"say": "hold on a second please", "after": "step", "pause_s": row.hang_up_s}
            yield from _hang_up()
        case Does.HEARS_IT_TWICE:
            yield {"say": "that is very kind", "pause_s": MORE_PATIENCE_S}
            yield from _hang_up()
        case _ if row.strike and row.strike.act is Act.KILL_JOB:
            # Another job asks; this caller has had enough.
            yield {"say": "goodbye", "pause_s": MORE_PATIENCE_S}
            yield {"wait_for_hang_up": True, "within_s": LISTENS_S}
        case _ if row.strike and row.strike.act is Act.KILL_WORKER:
            yield {"wait_for_hang_up": True, "within_s": LISTENS_S}
        case _:
            yield from _hang_up()


def _hang_up() -> Iterator[dict[str, Any]]:
    yield {"hang_up": True, "after": "other", "pause_s": MORE_PATIENCE_S}
