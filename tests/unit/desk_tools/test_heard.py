"""Spoken digits and written ones are the same."""

import pytest

from tools.heard import contains, digit_runs, normal_words


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("nine four one oh seven", ["94107"]),
        ("my zip is 9 4 1 0 7 thanks", ["94107"]),
        ("94107-1234", ["941071234"]),
        ("forty-three oh two", ["4302"]),
        ("forty two seventy one", ["4271"]),
        ("double five one", ["551"]),
        ("order 4302 for zip 94107", ["4302", "94107"]),
        ("nineteen eighty four", ["1984"]),
        ("November 25th", ["25"]),
        ("twenty zero one", ["2001"]),
        ("no digits here", []),
    ],
)
def test_digits_are_found(text: str, runs: list[str]) -> None:
    """Neighbouring digits form one run, however they are said."""
    assert digit_runs(text) == runs


@pytest.mark.parametrize("said", ["4302", "4 3 0 2", "four three zero two", "43-02", "#4302!"])
def test_a_value_is_recognised_in_speech(said: str) -> None:
    """A read-back value is found however the agent's transcript writes it."""
    assert contains(normal_words(f"Shall I cancel order {said} for you?"), "4302")


@pytest.mark.parametrize(
    ("said", "value"), [("89.5", "895"), ("That is 89.5.", "895"), ("5", "-5"), ("895", "89.5")]
)
def test_points_and_signs_are_part_of_a_number(said: str, value: str) -> None:
    """Ten times less, or owed instead of given, was not read back."""
    assert not contains(normal_words(f"Shall I pay {said} dollars?"), value)


@pytest.mark.parametrize("said", ["43021", "4 3 0", "4303", "14302"])
def test_another_number_is_not_the_value(said: str) -> None:
    """A longer, shorter or other number does not pass for the value."""
    assert not contains(normal_words(f"Shall I cancel order {said} for you?"), "4302")


def test_values_of_words_are_found_in_order() -> None:
    """A value of several words must be said as such."""
    said = normal_words("That is Wednesday, November 25th, right?")

    assert contains(said, "Wednesday, November 25th")
    assert not contains(said, "November Wednesday")
