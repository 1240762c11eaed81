"""The office's first data: the same for the same day, and realistic enough to get lost in.

`rows` yields every row of a new database. The entries under "fixed" are promised to call scripts;
all others come from one seeded generator. Called by `database`.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TypeAlias
from zoneinfo import ZoneInfo

from rehearsal.office.invented import (
    FIRST_NAMES,
    GOODS,
    LAST_NAMES,
    LOCATIONS,
    PLACES,
    SERVICES,
    STREETS,
)
from rehearsal.office.slots import Hours, day_slots

SEED = 4271
CUSTOMERS = 238
ORDERS = 556
# Never given to an invented order: fixed ones, and 9999, which must not exist.
RESERVED_ORDERS = {"4271", "4302", "4418", "5150", "9999"}

Row: TypeAlias = tuple[str, tuple[object, ...]]

FIXED_CUSTOMERS = (
    (
        *("20417", "Robin Ellis", "+15550001111", "robin.ellis@example.com"),
        *("12 Harbor Street", "San Francisco", "CA", "94107", "America/Los_Angeles", "7391"),
    ),
    (
        *("30862", "Morgan Vale", "+15550002222", "morgan.vale@example.com"),
        *("48 Lake Street", "Chicago", "IL", "60614", "America/Chicago", "2846"),
    ),
)
# order, customer, status, days since placed, days until expected, (sku, quantity)...
FIXED_ORDERS = (
    ("4271", 0, "shipped", 3, 2, (("FL60", 1), ("RL", 1))),
    ("4302", 0, "processing", 1, 5, (("RJ", 1),)),
    ("4418", 0, "delivered", 21, -15, (("FP", 1), ("IT", 2))),
    ("5150", 1, "processing", 1, 6, (("PP", 1),)),
)

WEEK = tuple(
    [(day, "09:00", "18:00") for day in range(5)] + [(5, "10:00", "16:00")],
)


def rows(today: date) -> Iterator[Row]:
    """Every row of a new office as (table, values), parents first. `today` anchors all dates."""
    chance = random.Random(SEED)
    products = _products(chance)
    customers = [*FIXED_CUSTOMERS, *_customers(chance)]
    yield from (("products", p) for p in products)
    yield from (("customers", c) for c in customers)
    prices = {str(p[0]): int(str(p[3])) for p in products}
    yield from _fixed_orders(today, prices)
    yield from _invented_orders(chance, today, customers[len(FIXED_CUSTOMERS) :], prices)
    yield from _workshops(today)
    yield from _appointments(chance, today, customers[len(FIXED_CUSTOMERS) :])


def _products(chance: random.Random) -> list[tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for category, *pair in GOODS:
        for name, cents in pair:
            words = name.split()
            sku = "".join(w if w.isdigit() else w[0] for w in words)
            while sku in found:
                sku += words[-1][-1].upper()
            found[sku] = (sku, name, category, cents, chance.randrange(0, 40))
    return list(found.values())


def _customers(chance: random.Random) -> Iterator[tuple[object, ...]]:
    numbers = chance.sample(range(10000, 100000), CUSTOMERS + len(FIXED_CUSTOMERS))
    taken = {int(c[0]) for c in FIXED_CUSTOMERS}
    # 555-0100 upward belong to scripts; invented customers start far above them.
    phones = chance.sample(range(2000000, 9999999), CUSTOMERS)
    names = chance.sample([(f, n) for f in FIRST_NAMES for n in LAST_NAMES], CUSTOMERS)
    free = [n for n in numbers if n not in taken][:CUSTOMERS]
    pins = random.Random(SEED + 1)
    for number, phone, (given, family) in zip(free, phones, names, strict=True):
        street = f"{chance.randrange(1, 400)} {chance.choice(STREETS)} Street"
        email = f"{given}.{family}@example.com".lower()
        who = (str(number), f"{given} {family}", f"+1555{phone}", email)
        yield (*who, street, *chance.choice(PLACES), f"{pins.randrange(10**4):04}")


def _fixed_orders(today: date, prices: dict[str, int]) -> Iterator[Row]:
    for number, owner, status, age, due, items in FIXED_ORDERS:
        customer = FIXED_CUSTOMERS[owner]
        placed = datetime.combine(today - timedelta(days=age), time(17, 30), UTC)
        yield _order(number, customer, status, placed, today + timedelta(days=due))
        yield from _items(number, items, prices)


def _invented_orders(
    chance: random.Random,
    today: date,
    customers: list[tuple[object, ...]],
    prices: dict[str, int],
) -> Iterator[Row]:
    free = [str(n) for n in range(1000, 10000) if str(n) not in RESERVED_ORDERS]
    for number in chance.sample(free, ORDERS):
        status, youngest, oldest, due = chance.choices(
            [
                ("processing", 0, 2, 6),
                ("shipped", 2, 5, 7),
                ("delivered", 8, 300, 6),
                ("cancelled", 3, 300, 6),
            ],
            weights=[20, 15, 55, 10],
        )[0]
        day = today - timedelta(days=chance.randint(youngest, oldest))
        placed = datetime.combine(day, time(chance.randrange(6, 23), chance.randrange(60)), UTC)
        yield _order(number, chance.choice(customers), status, placed, day + timedelta(days=due))
        skus = chance.sample(sorted(prices), chance.randint(1, 4))
        yield from _items(number, [(sku, chance.choice([1, 1, 1, 2])) for sku in skus], prices)


def _order(
    number: str, customer: tuple[object, ...], status: str, placed: datetime, expected: date
) -> Row:
    address = customer[4:8]
    return "orders", (
        *(number, customer[0], status, placed.isoformat(timespec="milliseconds")),
        *(expected.isoformat(), *address, 0),
    )


def _items(
    number: str, items: list[tuple[str, int]] | tuple[tuple[str, int], ...], prices: dict[str, int]
) -> Iterator[Row]:
    for position, (sku, quantity) in enumerate(items, start=1):
        yield "order_items", (number, position, sku, quantity, prices[sku])


def _workshops(today: date) -> Iterator[Row]:
    yield from (("services", s) for s in SERVICES)
    for location, name, zone in LOCATIONS:
        yield "locations", (location, name, zone)
        yield from (("opening_hours", (location, *hours)) for hours in WEEK)
        for year in (today.year, today.year + 1):
            for month, day, reason in ((1, 1, "New Year"), (7, 4, "Holiday"), (12, 25, "Holiday")):
                yield "closures", (location, date(year, month, day).isoformat(), reason)
        for stand in (1, 2):
            resource = f"{location}-{stand}"
            yield "resources", (resource, location, f"{name}, stand {stand}")
            # Fitting needs the measuring frame, which only the first stand of a workshop has.
            offered = [s[0] for s in SERVICES if stand == 1 or s[0] != "bike_fitting"]
            yield from (("resource_services", (resource, service)) for service in offered)


def _appointments(
    chance: random.Random, today: date, customers: list[tuple[object, ...]]
) -> Iterator[Row]:
    hours = [Hours(d, time.fromisoformat(o), time.fromisoformat(c)) for d, o, c in WEEK]
    length = timedelta(hours=1)
    number = 0
    for location, _, zone in LOCATIONS:
        for stand, ahead in product((1, 2), range(1, 15)):
            # Promised to call scripts: there is always a free time in San Francisco.
            if (location, stand) == ("sf", 2):
                continue
            starts = day_slots(
                today + timedelta(days=ahead),
                hours=hours,
                closed_on=(),
                zone=ZoneInfo(zone),
                length=length,
            )
            # Every second half hour: one-hour visits that cannot overlap each other.
            for start in chance.sample(starts[::2], min(2, len(starts[::2]))):
                number += 1
                who = (number, chance.choice(customers)[0], "tune_up", f"{location}-{stand}")
                begins = start.astimezone(UTC)
                span = (begins.isoformat(), (begins + length).isoformat())
                yield "appointments", (*who, *span, "booked", 0)
