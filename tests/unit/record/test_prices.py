"""The price book: what people write, what is wrong with it, and which of several prices holds."""

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from configs import ConfigError
from records.prices import BOOK, MinutePrice, TokenPrice, in_force, load_prices
from records.settings import PriceSettings
from tests.unit.record.priced import tokens

GOOD = """
currency: USD
models:
  s2s:
    - {from: 2026-01-01, source: a list, input_audio: 32}
transcription:
  by-tokens:
    - {from: 2026-01-01, source: a list, input_audio: 0.0034}
  by-minutes:
    - {from: 2026-01-01, source: a list, per_minute: 0.017}
"""


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    (folder / "prices.yaml").write_text(text, encoding="utf-8")
    return folder / "prices.yaml"


def test_the_shipped_book_prices_what_a_profile_asks_for_by_default() -> None:
    """A company that changes nothing but its carrier sees every line priced."""
    book, today = load_prices(), date(2026, 11, 25)

    assert in_force(book.models["gpt-realtime"], today)
    assert in_force(book.transcription["gpt-4o-mini-transcribe"], today)
    assert in_force(book.telephony["twilio"]["inbound"], today)
    assert in_force(book.platform["self_hosted"], today)


def test_every_shipped_price_that_asks_for_money_names_where_it_was_seen() -> None:
    """A reviewer can look each of them up."""
    book = load_prices()
    of_carriers = [p for carrier in book.telephony.values() for ps in carrier.values() for p in ps]
    of_models = [
        p for table in (book.models, book.transcription) for ps in table.values() for p in ps
    ]
    of_services = [*book.platform["livekit_cloud_ship"], *book.storage["s3_standard_us_east_1"]]

    for price in [*of_carriers, *of_models, *of_services]:
        assert price.source.startswith("https://")
        assert price.seen is not None


def test_prices_are_read_as_they_are_written(tmp_path: Path) -> None:
    """A tenth of a cent has no neighbour that a binary number would take it for."""
    book = load_prices(written(tmp_path, GOOD))
    [price] = book.transcription["by-tokens"]

    assert isinstance(price, TokenPrice)
    assert price.input_audio == Decimal("0.0034")
    assert isinstance(book.transcription["by-minutes"][0], MinutePrice)


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    """Whoever writes a book mends it in one go."""
    wrong = (
        GOOD.replace("currency: USD", "currency: dollars")
        .replace("input_audio: 32", "input_audio: -32")
        .replace("per_minute: 0.017", "per_minute: cheap")
    )
    with pytest.raises(ConfigError) as caught:
        load_prices(written(tmp_path, wrong))

    assert [mistake.line for mistake in caught.value.mistakes] == [2, 5, 10]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("from: 2026-01-01, source: a list, input_audio: 32", "source: a list", "from: Field req"),
        ("from: 2026-01-01, source: a list, input_audio: 32", "from: 20260101", "2026-01-31"),
        (", input_audio: 32", "", "it prices nothing"),
        ("input_audio: 32", "input_sound: 32", "input_sound: Extra inputs"),
        ("source: a list, ", "", "source: Field required"),
        ("\n    - {from: 2026-01-01, source: a list, input_audio: 32}", " []", "holds no price"),
        (
            "input_audio: 32}",
            "input_audio: 32}\n    - {from: 2026-01-01, source: a list, input_audio: 9}",
            "two prices begin on 2026-01-01",
        ),
    ],
)
def test_a_price_that_could_be_misread_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """Without a day, a source or a figure, or with two for one day."""
    with pytest.raises(ConfigError, match=says):
        load_prices(written(tmp_path, GOOD.replace(old, new, 1)))


def test_the_price_of_the_day_is_taken() -> None:
    """A new price changes no call of the days before it, in whatever order they are written."""
    old, new = tokens(input_audio="40"), tokens(date(2026, 6, 1), input_audio="32")

    assert in_force([new, old], date(2026, 5, 31)) is old
    assert in_force([old, new], date(2026, 6, 1)) is new
    assert in_force([old, new], date(2025, 12, 31)) is None
    assert in_force((), date(2026, 6, 1)) is None


def test_another_book_is_named_by_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company has prices of its own; the public ones hold until it writes them down."""
    monkeypatch.delenv("FRONTDESK_RECORDS_PRICES", raising=False)
    assert PriceSettings().prices == BOOK

    monkeypatch.setenv("FRONTDESK_RECORDS_PRICES", "ours.yaml")
    assert PriceSettings().prices == Path("ours.yaml")


def test_a_book_travels_to_the_jobs() -> None:
    """It is read once, by the worker's parent: reading takes longer than a caller should wait."""
    book = load_prices()

    assert pickle.loads(pickle.dumps(book)) == book  # noqa: S301
