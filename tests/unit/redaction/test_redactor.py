"""What is taken out of what people say and write on a call, and what stays."""

import pytest

from records.redaction import Kind, Redactor, holds_card_data

REDACTED = [
    ("4111 1111 1111 1111", "[card]"),
    ("card4111111111111111!", "card[card]!"),
    ("four one one one double one double one one one one one one one one one", "[card]"),
    ("it's forty two forty two, forty two forty two and then uh forty-two forty-two 42 42 ok",
     "it's [card] ok"),
    ("4111 1111 1111 1111 exp 12/26 code 123", "[card] exp 12/26 code [cvv]"),
    ("4111 1111 1111 1111, that's 1 2 3 on order 4271", "[card], that's [cvv] on order 4271"),
    ("the security code is three two one", "the security code is [cvv]"),
    ("three two one is my security code", "[cvv] is my security code"),
    ("the three digits on the back are 3 2 1", "the three digits on the back are [cvv]"),
    ("my card number is 4111 uh wait 1111", "my card number is [card] uh wait [cvv]"),
    ("my card number is 4539 1488", "my card number is [card]"),
    ("my card number is 4539 1488, phone number 555 765 4321",
     "my card number is [card], phone number [phone]"),
    ("DE89 3704 0044 0532 0130 00.", "[iban]."),
    ("d e eighty nine three seven oh four double oh 44 oh five three two oh one three triple oh",
     "[iban]"),
    ("GB33BUKB20201555555555", "[iban]"),
    ("call +1 (555) 765-4321 now", "call [phone] now"),
    ("plus four nine three oh one two three four five six seven", "[phone]"),
    ("one eight hundred five five five one two one two", "[phone]"),
    ("my account is 98765432 there", "my account is [number] there"),
    ("mail jane.doe+x@example.co.uk, please", "mail [email], please"),
    ("it's jane dot doe at example dot com thanks", "it's [email] thanks"),
    ("write to j a n e at g mail dot com", "write to [email]"),
    ("jane underscore doe at gmail", "[email]"),
    ("my order number is 4271 and my zip code is nine four one oh seven",
     "my order number is 4271 and my zip code is [postcode]"),
    ("94107 is my zip code", "[postcode] is my zip code"),
    ("San Francisco, CA 94107-1234", "San Francisco, CA [postcode]"),
    ("Postleitzahl 10115", "Postleitzahl [postcode]"),
    ("I live at SW1A 1AA", "I live at [postcode]"),
    ("postcode o x one two j d", "postcode [postcode]"),
    ("K1A 0B1", "[postcode]"),
    ("the postcode is 1012 ab", "the postcode is [postcode]"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "written"), REDACTED)
def test_what_is_somebodys_is_taken_out(said: str, written: str) -> None:
    """Written or spoken, with a mask that tells what it was."""
    assert Redactor().redact(said).text == written


READABLE = [
    "my order number is 4271",
    "order A-1042",
    "order ten forty two",
    "your orders are 4271, 4302, 4303 and 4310",
    "on 2026-11-23 at 10:30",
    "11/23/2026 and 23.11.2026",
    "it costs $1,234.56",
    "89 dollars and 50 cents",
    "one hundred and twenty three thousand dollars",
    "nine thirty, ten and eleven fifteen",
    "9 30 in the morning, noon and 2 in the afternoon on Wednesday, November 25th",
    "from 9 to 17 on Monday, Tuesday and Thursday",
    "twenty twenty six",
    "customer number 10023",
    "the card number ending in 4242",
    "it was paid by card, order 4271 for 120 dollars",
    "your zip code has five digits",
    "look at that, meet me at acme",
    "one second please",
    "I have two bikes and one dot on the map",
]


@pytest.mark.parametrize("said", READABLE)
def test_the_business_stays_readable(said: str) -> None:
    """Orders, prices, dates, times and amounts are what a transcript is read for."""
    assert Redactor().redact(said).text == said


def test_what_was_found_is_told_in_order() -> None:
    """So that it can be counted by kind."""
    done = Redactor().redact("jane@example.com, 4111 1111 1111 1111, cvv 123. Call 555 765 4321")

    assert done.found == (Kind.EMAIL, Kind.CARD, Kind.CVV, Kind.PHONE)


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("4111 1111 1111 1111", True),
        ("the cvc is 123", True),
        # One digit misheard: the sound still holds the real one.
        ("4111 1111 1111 1112", True),
        ("555 765 4321", False),
        ("DE89 3704 0044 0532 0130 00", False),
        ("order 4271", False),
    ],
)
def test_a_turn_with_card_data_is_known(said: str, holds: bool) -> None:
    """Its sound must not be kept; a number that is long enough for a card may be one."""
    assert holds_card_data(said) is holds


@pytest.mark.parametrize(
    ("expected", "written"),
    [(None, "94107"), (Kind.POSTCODE, "[postcode]"), (Kind.CARD, "[card]"), (Kind.CVV, "94107")],
)
def test_what_was_asked_for_is_understood(expected: Kind | None, written: str) -> None:
    """Five digits are a postcode to whoever heard the question."""
    assert Redactor().redact("94107", expected=expected).text == written


def test_numbers_of_a_region_need_no_country_code() -> None:
    """What is a telephone number depends on where it is written down."""
    assert Redactor(region="DE").redact("030 12345678").found == (Kind.PHONE,)
    assert Redactor(region="NL").redact("1012 AB").found == (Kind.POSTCODE,)
    assert Redactor(region="US").redact("1012 AB").found == ()


def test_values_of_any_shape_are_redacted() -> None:
    """Arguments of tools and rows of exports, whole numbers and keys too."""
    value = {
        "email": ["jane@example.com", {"card": 4111111111111111, "jane@example.com": None}],
        "order": "4271",
        "paid": 12.5,
        "when": (True, 3),
    }

    assert Redactor().redact_all(value) == (
        {
            "email": ["[email]", {"card": "[card]", "[email]": None}],
            "order": "4271",
            "paid": 12.5,
            "when": [True, 3],
        },
        (Kind.EMAIL, Kind.CARD, Kind.EMAIL),
    )


def test_what_is_nested_without_end_is_cut() -> None:
    """A value may hold itself."""
    value: list[object] = ["555 765 4321"]
    value.append(value)

    assert "4321" not in str(Redactor().redact_all(value))
