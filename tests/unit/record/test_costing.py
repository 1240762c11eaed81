"""What a call cost: lines that add up, rounded once, each by the price of the call's day."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.costing import Terms, Used, added_up, lines_of, rounded, total_micro
from records.prices import CostKind, PriceBook
from records.view import CallView, CostLine, Recording, Tokens
from tests.unit.record.priced import BOOK, START, TERMS, minutes, tokens

COUNTS = st.integers(min_value=0, max_value=10**9)


def used(*models: Tokens, answered: bool = True, seconds: float = 60.0) -> Used:
    """A call that was answered at once and took so long."""
    return Used(
        started_at=START,
        answered_at=START if answered else None,
        until=START + seconds,
        direction="inbound",
        tokens=models,
    )


def amounts(lines: list[CostLine]) -> dict[str, int]:
    """Millionths by kind; the kinds of one call differ in these tests."""
    return {line.kind: line.amount_micro for line in lines}


@st.composite
def use(draw: st.DrawFn) -> Tokens:
    """What the model of the book may have used: cached tokens are among those that were read."""
    text, audio = draw(COUNTS), draw(COUNTS)
    return Tokens(
        model="s2s",
        input_text=text,
        input_audio=audio,
        input_cached_text=draw(st.integers(0, text)),
        input_cached_audio=draw(st.integers(0, audio)),
        output_text=draw(COUNTS),
        output_audio=draw(COUNTS),
    )


def test_a_call_is_priced_line_by_line() -> None:
    """Worked out by hand: what was cached is taken out of the input and paid as cached."""
    model = Tokens(
        model="s2s",
        input_text=1000,
        input_cached_text=640,
        input_audio=500,
        input_cached_audio=128,
        output_text=50,
        output_audio=400,
    )
    words = Tokens(model="by-tokens", input_audio=300)
    lines = lines_of(used(model, words, seconds=61), BOOK, TERMS)

    assert amounts(lines) == {
        "model_input_text": 360 * 4,
        "model_input_audio": 372 * 32,
        "model_input_cached_text": 256,
        "model_input_cached_audio": 64,
        "model_output_text": 50 * 16,
        "model_output_audio": 400 * 64,
        "transcription": 900,
        "telephony": 2 * 3400,
        "platform": 0,
    }
    assert {line.price_dated for line in lines} == {"2026-01-01"}
    assert [line.kind for line in lines] == [kind.value for kind in CostKind][:-1]


@given(st.lists(use(), max_size=4))
def test_nothing_is_paid_twice_or_forgotten(models: list[Tokens]) -> None:
    """Uncached and cached tokens of a kind come to what was read."""
    lines = lines_of(used(*models), BOOK, TERMS)
    quantities = {line.kind: line.quantity for line in lines}
    read = quantities.get("model_input_text", 0) + quantities.get("model_input_cached_text", 0)

    assert read == sum(model.input_text for model in models)


@given(st.lists(use(), max_size=4), st.integers(0, 10**7))
def test_a_sum_is_the_sum_of_its_lines_and_each_line_is_rounded_once(
    models: list[Tokens], milliseconds: int
) -> None:
    """However use was told in parts, no line is off by more than half a millionth."""
    spent = used(*models, seconds=milliseconds / 1000)
    lines = lines_of(spent, BOOK, TERMS)
    at_once = lines_of(replace(spent, tokens=tuple(added_up(models))), BOOK, TERMS)
    [price] = BOOK.models["s2s"]
    exact = sum(model.output_audio for model in models) * Fraction(price.output_audio or 0)

    assert lines == at_once
    assert total_micro(lines) == sum(line.amount_micro for line in lines)
    assert abs(amounts(lines).get("model_output_audio", 0) - exact) <= Fraction(1, 2)


@given(use(), use())
def test_more_use_never_costs_less(first: Tokens, second: Tokens) -> None:
    """A counter of money that fed on a running call can only rise."""
    before = amounts(lines_of(used(first), BOOK, TERMS))
    after = amounts(lines_of(used(first, second), BOOK, TERMS))

    assert all(after[kind] >= amount for kind, amount in before.items())


@given(st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False))
def test_halves_are_rounded_up(amount: Decimal) -> None:
    """The rule of the module, by another arithmetic."""
    assert rounded(Fraction(amount)) == int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("seconds", "increment_s", "minimum_s", "billed"),
    [
        (0.2, 60, 0, 60),
        (60.0, 60, 0, 60),
        (60.001, 60, 0, 120),
        (61.4, 1, 0, 62),
        (11.0, 6, 0, 12),
        (3.0, 1, 10, 10),
        (11.0, 6, 30, 30),
    ],
)
def test_time_is_rounded_up_as_the_carrier_does(
    seconds: float, increment_s: int, minimum_s: int, billed: int
) -> None:
    """Begun minutes, begun seconds, six seconds, and what is charged at least."""
    carrier = {"carrier": {"inbound": (minutes("0.06", increment_s, minimum_s),)}}
    book = PriceBook(currency="USD", telephony=carrier)
    line = lines_of(used(seconds=seconds), book, TERMS)[0]

    assert (line.kind, line.quantity, line.amount_micro) == ("telephony", billed, billed * 1000)


@given(st.integers(1, 10**8), st.integers(1, 3600))
def test_no_begun_step_is_left_out_and_none_is_added(milliseconds: int, increment_s: int) -> None:
    """For any length of a call and any step."""
    carrier = {"carrier": {"inbound": (minutes("1", increment_s),)}}
    spent = Used(started_at=0.0, answered_at=0.0, until=milliseconds / 1000, direction="inbound")
    [line, _] = lines_of(
        replace(spent, started_at=START, answered_at=START, until=START + milliseconds / 1000),
        PriceBook(currency="USD", telephony=carrier),
        TERMS,
    )

    assert line.quantity == ceil(Fraction(milliseconds, 1000 * increment_s)) * increment_s


def test_a_call_that_was_never_answered_pays_no_carrier() -> None:
    """Nor one whose line was up for no time."""
    kinds = amounts(lines_of(used(answered=False), BOOK, TERMS))

    assert set(kinds) == {"platform"}
    assert lines_of(used(seconds=0), BOOK, TERMS) == []


def test_what_has_no_price_is_a_line_that_says_so() -> None:
    """An unknown model, carrier and platform cost 0 in the sum, and nobody can take it for free."""
    unknown = Tokens(model="new", input_audio=5, output_audio=7)
    lines = lines_of(used(unknown), BOOK, Terms())
    told = {(line.kind, line.item, line.quantity) for line in lines if line.unpriced}

    assert total_micro(lines) == 0
    assert told == {
        ("model_input_audio", "new", 5),
        ("model_output_audio", "new", 7),
        ("telephony", "unknown inbound", 60),
        ("platform", "unknown", 60),
    }


def test_a_model_without_a_price_for_one_kind_lacks_only_that() -> None:
    """The list of a model may leave out what the provider does not sell."""
    book = PriceBook(currency="USD", models={"s2s": (tokens(output_audio="64"),)})
    lines = lines_of(used(Tokens(model="s2s", output_audio=3, output_text=2)), book, TERMS)
    priced = {line.kind: not line.unpriced for line in lines}

    assert priced["model_output_audio"]
    assert not priced["model_output_text"]


def test_a_call_before_the_first_price_is_unpriced() -> None:
    """A price holds from its day on; nobody guesses what was asked for before."""
    book = PriceBook(currency="USD", models={"s2s": (tokens(date(2026, 6, 16), input_text="4"),)})
    lines = lines_of(used(Tokens(model="s2s", input_text=9)), book, TERMS)

    assert lines[0].unpriced


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Tokens(model="by-minutes", transcribed_ms=59_200), [("seconds", 17_000)]),
        (Tokens(model="by-tokens", input_text=8, output_text=2), [
            ("input_text_tokens", 10), ("output_text_tokens", 10)]),
        (Tokens(model="new", transcribed_ms=500), [("seconds", 0)]),
        (Tokens(model="ours", input_audio=500), [("input_audio_tokens", 0)]),
        (Tokens(model="by-minutes", input_audio=500), [("input_audio_tokens", 0)]),
    ],
)  # fmt: skip
def test_transcription_is_one_kind_whatever_it_is_paid_by(
    entry: Tokens, expected: list[tuple[str, int]]
) -> None:
    """By tokens or minutes; also for a model that the book lacks, if it is known to transcribe."""
    terms = replace(TERMS, transcription_model="ours")
    lines = lines_of(used(entry), BOOK, terms)
    found = [(line.unit, line.amount_micro) for line in lines if line.kind == "transcription"]

    assert found == expected


def test_a_recording_is_paid_for_the_time_it_is_kept() -> None:
    """A gigabyte for a year is twelve months of it, worked out from the record of the call."""
    recording = Recording(name="r", began_at=START, seconds=60, bytes=2**30, sha256="")
    call = CallView(
        call_id="c",
        profile="acme",
        started_at=START,
        answered_at=START,
        ended_at=START + 60,
        recording=recording,
    )
    line = lines_of(Used.by(call), BOOK, TERMS)[-1]

    assert (line.kind, line.quantity, line.amount_micro) == ("storage", 12.0, 12 * 23_000)


def test_a_call_that_goes_on_has_used_no_time_yet() -> None:
    """Its record is priced when it ends; its tokens are known already."""
    call = CallView(
        call_id="c",
        profile="acme",
        started_at=START,
        answered_at=START,
        tokens=[Tokens(model="s2s", input_text=9)],
    )

    assert amounts(lines_of(Used.by(call), BOOK, TERMS)) == {"model_input_text": 36}
