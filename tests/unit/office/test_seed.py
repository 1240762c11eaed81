"""The office's first data: always the same, and what scripts rely on."""

from collections import defaultdict
from datetime import date

from rehearsal.office.seed import rows

TODAY = date(2026, 11, 23)


def tables() -> dict[str, list[tuple[object, ...]]]:
    """All rows by table."""
    found: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for table, values in rows(TODAY):
        found[table].append(values)
    return found


def test_the_same_day_gives_the_same_data() -> None:
    """Two offices seeded for one day are equal, so rehearsals can be repeated."""
    assert list(rows(TODAY)) == list(rows(TODAY))


def test_there_is_enough_to_get_lost_in() -> None:
    """The data set has the promised size."""
    found = tables()

    assert len(found["customers"]) >= 200
    assert len(found["orders"]) >= 500
    assert len(found["products"]) >= 40
    assert len(found["appointments"]) >= 50


def test_fixed_entries_are_there_for_scripts() -> None:
    """Robin Ellis owns exactly the three promised orders; 9999 does not exist."""
    found = tables()
    robin = next(c for c in found["customers"] if c[2] == "+15550001111")
    orders = {str(o[0]): (o[1], o[2], o[4]) for o in found["orders"]}

    assert (robin[1], robin[7]) == ("Robin Ellis", "94107")
    assert {n: o[1] for n, o in orders.items() if o[0] == robin[0]} == {
        "4271": "shipped",
        "4302": "processing",
        "4418": "delivered",
    }
    assert orders["4271"][2] == "2026-11-25"
    assert orders["5150"][0] != robin[0]
    assert "9999" not in orders


def test_numbers_and_phones_are_unique() -> None:
    """No two customers share a number or a phone, no two orders a number."""
    found = tables()

    for table, column in (("customers", 0), ("customers", 2), ("orders", 0), ("products", 0)):
        values = [row[column] for row in found[table]]
        assert len(set(values)) == len(values)
    assert all(str(c[2]).startswith("+1555") for c in found["customers"])
