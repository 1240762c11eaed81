"""Values that a tool returned as secret are taken out in every spelling, while the call lasts."""

import pytest

from records.redaction import Redactor, Secrets


@pytest.mark.parametrize(
    ("secret", "said", "written"),
    [
        ("4302", "it is 4302.", "it is [secret]."),
        ("4302", "4-3-0-2", "[secret]"),
        ("4302", "forty three oh two", "[secret]"),
        ("4302", "four, uh, three zero and two", "[secret]"),
        ("K7P-2Q9", "k7p2q9", "[secret]"),
        ("K7P-2Q9", "K seven P two Q nine", "[secret]"),
        ("Jane Doe", "Thanks, JANE DOE!", "Thanks, [secret]!"),
        ("14 Harbor Street", "fourteen harbor street", "[secret]"),
        ("sk_live_51H8xYz", "key=xsk_live_51H8xYzQ", "key=x[secret]Q"),
    ],
)
def test_a_secret_is_found_in_every_spelling(secret: str, said: str, written: str) -> None:
    """With spaces and hyphens, in other letters, and digit by digit."""
    secrets = Secrets()
    secrets.add(secret)

    assert Redactor(secrets=secrets).redact(said).text == written


def test_a_short_secret_is_not_seen_inside_other_words() -> None:
    """Digits of another number are not the secret."""
    secrets = Secrets()
    secrets.add("4302")

    assert Redactor(secrets=secrets).redact("143025 or 43021").text == "143025 or 43021"


def test_what_is_too_short_is_not_looked_for() -> None:
    """Otherwise every "no" of the call would be a secret."""
    secrets = Secrets()
    secrets.add("no")
    secrets.add("")

    assert not secrets


def test_secrets_end_with_the_call() -> None:
    """Nothing is left in memory."""
    secrets = Secrets()
    redactor = Redactor(secrets=secrets)
    secrets.add("Jane Doe")
    secrets.forget()

    assert redactor.redact("Jane Doe").text == "Jane Doe"
