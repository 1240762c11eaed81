"""When a call or a day has cost enough, and that the live sum is the one of the record."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.budget import CallBudget, Spending, decide_call, decide_day, micro_of, usd_of
from agent.profile import Costs, load_profiles
from agent.terms import beyond_the_book, terms_of
from records.costing import Used, lines_of, total_micro
from records.prices import PriceBook, load_prices
from records.view import Tokens
from tests.unit.record.priced import BOOK, START, TERMS

TODAY = date(2026, 11, 25)
PROFILE = """
name: acme
numbers: ["+15557654321"]
opening: Hello
"""


def budget(limit: str | None = "0.01") -> CallBudget:
    """That of a call by the small book."""
    limit_micro = micro_of(Decimal(limit) if limit else None)
    return CallBudget(book=BOOK, terms=TERMS, limit_micro=limit_micro, started_at=START)


def told(folder: Path, text: str, book: PriceBook) -> list[str]:
    """What is wrong with a profile's budget."""
    (folder / "acme.yaml").write_text(PROFILE + text, encoding="utf-8")
    return [
        str(m).partition(" ")[2]
        for m in beyond_the_book(load_profiles(folder)["acme"], book, TODAY)
    ]


@pytest.mark.parametrize(
    ("spent", "limit", "call", "day"),
    [
        (99, 100, Spending.GO_ON, Spending.GO_ON),
        (100, 100, Spending.END_POLITELY, Spending.REFUSE),
        (10**12, None, Spending.GO_ON, Spending.GO_ON),
    ],
)
def test_a_limit_that_is_reached_is_spent(
    spent: int, limit: int | None, call: Spending, day: Spending
) -> None:
    """And no limit never is."""
    assert decide_call(spent, limit) is call
    assert decide_day(spent, limit) is day


def test_a_day_whose_sum_is_not_known_takes_calls() -> None:
    """A database that does not answer must not turn callers away."""
    assert decide_day(None, 100) is Spending.GO_ON


def test_a_call_ends_politely_once_its_models_have_cost_enough() -> None:
    """Not a moment before: 156 tokens of sound cost 0.009984, one more is 0.010048."""
    spent = budget()
    spent.used(Tokens(model="s2s", output_audio=156))
    assert spent.decide(START) is Spending.GO_ON

    spent.used(Tokens(model="s2s", output_audio=1))
    assert spent.decide(START) is Spending.END_POLITELY


def test_the_carriers_minutes_count_from_the_answer() -> None:
    """A call without a word costs, too; ringing does not."""
    ringing, spent = budget(), budget()
    spent.answered(START + 100)
    spent.answered(START + 200)

    assert ringing.decide(START + 10_000) is Spending.GO_ON
    assert spent.decide(START + 220) is Spending.GO_ON
    assert spent.decide(START + 221) is Spending.END_POLITELY


def test_a_call_without_a_budget_goes_on() -> None:
    """Whatever it costs."""
    spent = budget(None)
    spent.used(Tokens(model="s2s", output_audio=10**9))

    assert spent.decide(START) is Spending.GO_ON


@given(st.lists(st.integers(0, 10**6), max_size=12), st.integers(0, 10**5))
def test_the_live_sum_is_that_of_the_record(turns: list[int], seconds: int) -> None:
    """Told turn by turn, a call costs what its record says; what was counted on the way as well."""
    spent, counted = budget(), 0
    spent.answered(START)
    entries = [Tokens(model="s2s", input_audio=n, input_cached_audio=n // 3) for n in turns]
    for entry in entries:
        spent.used(entry)
        counted += sum(spent.news(spent.lines(START)).values())
    lines = spent.lines(START + seconds, recorded_bytes=2**20)
    counted += sum(spent.news(lines).values())
    record = Used(
        started_at=START,
        answered_at=START,
        until=START + seconds,
        direction="inbound",
        tokens=tuple(entries),
        recorded_bytes=2**20,
    )

    assert lines == lines_of(record, BOOK, TERMS)
    assert counted == total_micro(lines)
    assert spent.news(lines) == {}


def test_the_metric_is_in_dollars_or_not_counted() -> None:
    """A book in euros needs a rate for it: a sum in euros must not be called dollars."""
    euros = BOOK.model_copy(update={"currency": "EUR"})

    assert usd_of(2_500_000, BOOK) == 2.5
    assert usd_of(2_500_000, euros) is None
    assert usd_of(2_500_000, euros.model_copy(update={"usd_per_unit": Decimal("1.1")})) == 2.75


def test_a_budget_that_cannot_be_kept_is_a_mistake_of_the_profile(tmp_path: Path) -> None:
    """What has no price would be spent without end; the line and the mend are told."""
    spends = (
        "budget: {call: 2.50}\nmodel: new\ntranscription_model: ours\ncosts: {platform: moon}\n"
    )
    found = told(tmp_path, spends, load_prices())

    assert len(found) == 4
    assert "model new; add it to the file in FRONTDESK_RECORDS_PRICES" in found[0]
    assert "transcription_model ours" in found[1]
    assert "a carrier that is not named; name the carrier in costs.telephony" in found[2]
    assert "platform moon" in found[3]


def test_a_budget_that_can_be_kept_is_none(tmp_path: Path) -> None:
    """Nor is anything wrong with a profile that has no budget, whatever it uses."""
    kept = "budget: {call: 2.50}\ncosts: {telephony: twilio}\n"

    assert told(tmp_path, kept, load_prices()) == []
    assert told(tmp_path, "model: new\n", load_prices()) == []


def test_a_disk_of_ones_own_is_the_only_storage_that_needs_no_name(tmp_path: Path) -> None:
    """Any other has a bill, which is unpriced until the profile names it."""
    (tmp_path / "acme.yaml").write_text(PROFILE, encoding="utf-8")
    profile = load_profiles(tmp_path)["acme"]
    named = profile.model_copy(update={"costs": Costs(storage="bucket")})

    assert terms_of(profile, in_a_folder=True, kept_days=30).storage == "own_disk"
    assert terms_of(profile, in_a_folder=False, kept_days=30).storage is None
    assert terms_of(named, in_a_folder=True, kept_days=30).storage == "bucket"
