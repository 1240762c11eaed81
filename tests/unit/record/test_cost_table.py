"""What calls cost together, and what a table says beside its sums."""

import csv
import io
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from records.cost_shown import as_csv, as_json, as_rich, money
from records.cost_table import By, CostTable, cost_table, keys_of
from records.outcome import CallOutcome
from records.view import CallView
from tests.unit.record.priced import START, cost_line

DAY_S = 86_400


def call(**changes: Any) -> CallView:
    """An ended call that cost 0.0034 USD."""
    facts: dict[str, Any] = {
        "call_id": "c",
        "profile": "acme",
        "model": "s2s",
        "started_at": START,
        "ended_at": START + 60,
        "outcome": CallOutcome.COMPLETED,
        "cost": [cost_line()],
    }
    return CallView(**(facts | changes))


def shown(table: CostTable) -> str:
    """The table as a terminal has it."""
    console = Console(width=160, file=io.StringIO(), force_terminal=False)
    console.print(as_rich(table))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_calls_are_put_together_by_the_keys_that_were_asked_for() -> None:
    """In the order of the keys, with what one call and one resolved call cost."""
    calls = [
        call(profile="books", outcome=CallOutcome.TRANSFERRED),
        call(),
        call(outcome=CallOutcome.ABANDONED, cost=[cost_line(micro=1000)]),
    ]
    acme, books = cost_table(calls, (By.PROFILE, By.MODEL)).rows

    assert (acme.keys, acme.calls, acme.resolved) == (("acme", "s2s"), 2, 1)
    assert (acme.total_micro, acme.per_call_micro, acme.per_resolved_micro) == (4400, 2200, 4400)
    assert (books.keys, books.per_resolved_micro) == (("books", "s2s"), 3400)


def test_what_a_resolved_call_costs_is_open_where_none_was() -> None:
    """Money that bought nothing is no price of nothing."""
    [row] = cost_table([call(outcome=CallOutcome.FAILED)], (By.OUTCOME,)).rows

    assert (row.keys, row.per_call_micro, row.per_resolved_micro) == (("failed",), 3400, None)


def test_a_day_is_one_of_the_zone_that_was_asked_for() -> None:
    """A call at two in the morning in Berlin is one of the evening before in Los Angeles."""
    calls = [call(started_at=START + DAY_S / 2)]

    [berlin] = cost_table(calls, (By.DAY,), ZoneInfo("Europe/Berlin")).rows
    [angeles] = cost_table(calls, (By.DAY,), ZoneInfo("America/Los_Angeles")).rows

    assert (berlin.keys, angeles.keys) == (("2026-06-16",), ("2026-06-15",))


def test_kinds_of_one_call_add_up_to_what_it_cost() -> None:
    """By kind, too, calls are all calls: what a call costs is then the sum over the kinds."""
    lines = [cost_line(), cost_line("model_output_audio", 64), cost_line("model_output_audio", 6)]
    table = cost_table([call(cost=lines), call()], (By.PROFILE, By.KIND))
    [total] = table.totals

    assert [(row.keys, row.total_micro) for row in table.rows] == [
        (("acme", "model_output_audio"), 70),
        (("acme", "telephony"), 6800),
    ]
    assert {row.calls for row in table.rows} == {total.calls} == {2}
    assert sum(row.total_micro for row in table.rows) == total.total_micro


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=5), max_size=20))
def test_rows_come_to_the_total_of_all_lines(costs: list[list[int]]) -> None:
    """However calls are put together, nothing is lost and nothing counted twice."""
    calls = [
        call(profile=f"p{i % 3}", cost=[cost_line(f"kind{j}", micro) for j, micro in enumerate(c)])
        for i, c in enumerate(costs)
    ]
    for by in ((By.PROFILE,), (By.PROFILE, By.KIND), (By.KIND,), ()):
        rows = cost_table(calls, by).rows
        assert sum(row.total_micro for row in rows) == sum(map(sum, costs))


def test_two_currencies_are_never_added_up() -> None:
    """A book may change its currency; calls before it keep theirs."""
    table = cost_table([call(), call(cost=[cost_line(currency="EUR")])], ())

    assert [(row.currency, row.total_micro) for row in table.totals] == [
        ("EUR", 3400),
        ("USD", 3400),
    ]


def test_what_the_sums_lack_is_told_with_them() -> None:
    """Unpriced use, calls without lines, calls that go on: in every form of the table."""
    unpriced = cost_line("telephony", item="unknown inbound", quantity=61, priced=False)
    calls = [call(cost=[unpriced]), call(cost=[unpriced]), call(cost=[]), call(ended_at=None)]
    table = cost_table(calls, (By.PROFILE, By.KIND))

    assert table.rows == []
    [use] = table.unpriced
    assert (use.kind, use.quantity, use.calls) == ("telephony", 122, 2)
    text = shown(table)
    assert "unpriced: telephony unknown inbound, 122 seconds in 2 calls" in text
    assert "1 ended calls have no cost in their record" in text
    assert "1 calls still go on" in text
    assert json.loads(as_json(table))["unpriced"][0]["quantity"] == 122
    assert as_csv(table).splitlines()[-1].endswith("telephony unknown inbound: 122 seconds")


def test_people_see_rows_and_a_sum() -> None:
    """Amounts with their currency, and names as they are written, square brackets too."""
    text = shown(
        cost_table([call(model="[red]s2s"), call(profile="books")], (By.PROFILE, By.MODEL))
    )
    rows = [line.split() for line in text.splitlines() if "USD" in line]

    assert [part for part in rows[0] if part != "│"][:2] == ["acme", "[red]s2s"]
    assert [part for part in rows[-1] if part != "│"] == [
        "all",
        "2",
        "2",
        "0.0068",
        "0.0034",
        "0.0034",
        "USD",
    ]


def test_programs_read_the_same_figures_from_json_and_csv() -> None:
    """JSON in whole millionths, CSV as decimal numbers."""
    table = cost_table([call()], (By.DAY, By.PROFILE))
    [row] = json.loads(as_json(table))["rows"]
    [read] = csv.DictReader(io.StringIO(as_csv(table)))

    assert row == {
        "day": "2026-06-15",
        "profile": "acme",
        "calls": 1,
        "resolved": 1,
        "total_micro": 3400,
        "per_call_micro": 3400,
        "per_resolved_micro": 3400,
        "currency": "USD",
    }
    assert (read["day"], read["total"], read["currency"]) == ("2026-06-15", "0.003400", "USD")


def test_no_digit_of_an_amount_is_lost() -> None:
    """Sums of a whole company are larger than a binary number is exact."""
    assert money(9_007_199_254_740_993) == "9007199254.740993"
    assert money(None) == ""


def test_keys_are_asked_for_by_words() -> None:
    """In any order; a word that is none is told with those that are."""
    assert keys_of("profile, day") == (By.PROFILE, By.DAY)
    assert keys_of("") == ()
    for wrong in ("weekday", "day,day"):
        with pytest.raises(ValueError, match="write some of day, profile, model, kind, outcome"):
            keys_of(wrong)
