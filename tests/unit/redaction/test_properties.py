"""What holds for every text: nothing raises, nothing is done twice, nothing takes for ever."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.redaction import Kind, Listener, Redactor, Secrets, mask, masked
from records.redaction.numerals import FILLERS, TEENS, TENS, UNITS

WORDS = [
    *UNITS, *TEENS, *TENS, *sorted(FILLERS), "double", "hundred", "at", "dot", "com", "zip code",
    "security code", "card number", "order", "orders", "dollars", "plus", "+", "[card]", "[cvv]",
    "[postcode]", "4111", "1111", "1", "123", "94107", "2026-11-23", "DE89", "GB", "SW1A", "1AA",
    "jane", "jane@example.com", "$1,234.56", "9:30", "\u0664", "\u00b2", "is my",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=25).map("".join),
)


@given(TEXTS)
def test_redacting_twice_changes_nothing(text: str) -> None:
    """A record may be exported, and the export redacted again."""
    redactor = Redactor()
    done = redactor.redact(text)

    assert redactor.redact(done.text).text == done.text
    assert redactor.redact(done.text).found == ()
    assert bool(done.found) == (done.text != text)


@given(TEXTS)
def test_logging_twice_changes_nothing(text: str) -> None:
    """A line that was quoted in a line."""
    assert mask(mask(text)) == mask(text)


@given(TEXTS, st.sampled_from([None, *Kind]))
def test_what_is_neither_a_digit_nor_a_word_of_it_stays(text: str, expected: Kind | None) -> None:
    """Only masks come in; everything else of a redacted text stood in the text, in that order."""
    left = Redactor().redact(text, expected=expected).text
    for kind in Kind:
        left = left.replace(kind.mask, "")
    rest = iter(text)

    assert all(sign in rest for sign in left)


@given(st.text(alphabet=string.ascii_letters.replace("o", "") + " ,;!?", max_size=60))
def test_no_run_of_digits_is_left(around: str) -> None:
    """Whatever letters stand around ten digits, no seven of them are left."""
    digits = "2025550143"
    left = Redactor().redact(f"{around}{digits}{around}").text

    assert not any(digits[at : at + 7] in left for at in range(4))


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=8))
def test_no_call_is_too_odd(turns: list[tuple[str, bool]]) -> None:
    """A listener takes any turns in any order."""
    listener = Listener(Redactor(secrets=Secrets()))
    for text, agent in turns:
        heard = listener.hear(text, by="agent" if agent else "caller")
        assert all(earlier.turn < heard.turn for earlier in heard.earlier)


NESTED = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


@given(NESTED)
def test_no_value_is_too_odd(value: object) -> None:
    """Fields of logs and arguments of tools."""
    masked(value)
    Redactor().redact_all(value)


LONG = [
    "4", "4 ", "four ", "a@", "at dot ", "AA11", "A1 ", "order 4 ", "card number 4111 ",
    "[card] 123 x ", "+1", " ", "-", "((", "DE89 3704 0044 0532 0130 00, ", "9:30, ",
    "cvv 123 x 456 x ", "jane ", "a dot ", "at a dot com ", "a b c d at ", "$1,", "1.2.",
    "4111-1111-1111-1111 ", "one hundred ", "zip code a ", "2026-11-23 ", "o o o 1 ", "12 AB ",
    "0000000-", "1e", "double ", "jane@example.com ", "orders 1, 2 and 3 ",
]  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
@pytest.mark.parametrize("way", ["redact", "mask"])
def test_time_grows_with_the_text_and_no_faster(piece: str, way: str) -> None:
    """Sixteen times the text takes sixteen times as long, not 256; a busy machine adds to it."""
    secrets = Secrets()
    secrets.add("4302")
    redact = Redactor(secrets=secrets).redact if way == "redact" else mask

    def took_s(size: int) -> float:
        text = (piece * size)[:size]
        best = 10.0
        for _ in range(3):
            began = time.process_time()
            redact(text)
            best = min(best, time.process_time() - began)
        return best

    short, long = took_s(500), took_s(8_000)

    assert long < 16 * 5 * max(short, 0.002)
