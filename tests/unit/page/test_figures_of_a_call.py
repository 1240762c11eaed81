"""What a call amounts to, on its page."""

import pytest

from records.page import page_of
from records.page.amounts import money, quantity, wait_of
from records.page.figures import nearest_rank, responses, spreads, totals
from records.view import CostLine, Latency
from tests.recorded_call import ANSWERED, cancelled_order


def test_the_percentiles_are_waits_that_somebody_had() -> None:
    """Nearest rank: nothing is made up between two measurements."""
    ordered = [10, 20, 30, 40]

    assert [nearest_rank(ordered, p) for p in (50, 95, 100)] == [20, 40, 40]
    assert nearest_rank([7], 50) == 7


def test_the_responses_come_from_whoever_knows_more_of_them() -> None:
    """Turns tell where the answer lies; latencies count where turns were not measured."""
    call = cancelled_order()
    measured = [Latency(at=ANSWERED + n, what="turn_response", ms=500 + n) for n in range(6)]

    by_turns = responses(call)
    by_latencies = responses(call.model_copy(update={"latencies": measured}))

    assert [one.ms for one in by_turns] == [812, 1870, 640, 590]
    assert [one.ms for one in by_latencies] == [500, 501, 502, 503, 504, 505]


def test_every_kind_of_wait_is_summed_up_with_its_worst() -> None:
    """The response first; the worst one says where it was."""
    found = {one.name: one for one in spreads(cancelled_order())}

    assert next(iter(found)) == "response"
    response = found["response"]
    assert (response.count, response.p50, response.p95, response.worst) == (4, 640, 1870, 1870)
    assert response.worst_at == pytest.approx(ANSWERED + 17.53)
    assert found["dead air"].total == 1870


def test_no_two_currencies_are_added_up() -> None:
    """And millionths stay whole."""
    lines = [
        CostLine(
            kind="telephony",
            item="x",
            quantity=1,
            unit="minutes",
            amount_micro=micro,
            currency=currency,
            price_dated="2026-01-01",
        )
        for micro, currency in ((1, "USD"), (2_000_000, "USD"), (5, "EUR"))
    ]

    assert totals(lines) == [("EUR", 5), ("USD", 2_000_001)]


def test_what_has_no_price_is_in_no_sum_and_said_beside_it() -> None:
    """Never told as free."""
    call = cancelled_order()
    unpriced = call.cost[2].model_copy(update={"price_dated": "", "amount_micro": 0})
    call = call.model_copy(update={"cost": [*call.cost[:2], unpriced]})

    page = page_of(call, None)

    assert totals([unpriced]) == []
    assert "and 1 without a price" in page
    assert "no price</span>" in page


@pytest.mark.parametrize(
    ("micro", "written"), [(0, "0.000000"), (3412, "0.003412"), (-1_500_000, "-1.500000")]
)
def test_money_is_written_out_exactly(micro: int, written: str) -> None:
    """No float comes between a price and its page."""
    assert money(micro) == written


def test_numbers_are_written_as_people_say_them() -> None:
    """No tail of zeros, a wait in the unit that fits."""
    assert [quantity(n) for n in (355, 1204.0, 0.35, 100, 0)] == [
        "355",
        "1,204",
        "0.35",
        "100",
        "0",
    ]
    assert [wait_of(ms) for ms in (0, 999, 1000, 1870)] == ["0 ms", "999 ms", "1.00 s", "1.87 s"]
