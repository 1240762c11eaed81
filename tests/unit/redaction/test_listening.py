"""A call is heard turn by turn: questions make answers plain, and pieces make cards."""

from collections.abc import Sequence

from records.redaction import Earlier, Heard, Listener, Redactor, Secrets

Said = tuple[str, str]


def heard(*turns: Said) -> list[Heard]:
    """What a listener makes of turns, each with who says it."""
    listener = Listener(Redactor())
    return [listener.hear(text, by="agent" if who == "agent" else "caller") for who, text in turns]


def texts(found: Sequence[Heard]) -> list[str]:
    """The turns as they are written down."""
    return [one.redacted.text for one in found]


def test_an_answer_is_what_was_asked_for() -> None:
    """A bare ZIP code is hidden after its question, a bare order number after its own is not."""
    found = heard(
        ("agent", "What is your ZIP code?"),
        ("caller", "94107"),
        ("agent", "So 9 4 1 0 7. And your order number?"),
        ("caller", "4271"),
        ("agent", "And the customer number?"),
        ("caller", "10023"),
    )

    assert texts(found)[1:] == [
        "[postcode]", "So [postcode]. And your order number?", "4271",
        "And the customer number?", "10023",
    ]  # fmt: skip


def test_a_card_in_pieces_is_caught_by_the_piece_that_completes_it() -> None:
    """Earlier turns are named, with what they should say and whether they were readable."""
    found = heard(
        ("caller", "4111 1111"),
        ("agent", "go on"),
        ("caller", "one one one one"),
        ("caller", "uh 1111"),
    )

    assert texts(found) == ["[number]", "go on", "one one one one", "uh [card]"]
    assert found[3].redacted.holds_card_data
    assert found[3].earlier == (Earlier(0, "[card]", False), Earlier(2, "[card]", True))


def test_no_piece_of_a_card_that_was_asked_for_is_readable() -> None:
    """From the question on, or from the caller's own words."""
    found = heard(
        ("agent", "Please tell me the card number."),
        ("caller", "4111"),
        ("caller", "11 11"),
        ("caller", "1111, 1111"),
        ("caller", "123"),
    )

    assert texts(found)[1:] == ["[card]", "[card]", "[card]", "[cvv]"]
    assert [one.readable for one in found[3].earlier] == [False, False]
    assert all(one.redacted.holds_card_data for one in found[1:])


def test_a_piece_that_the_agent_says_back_is_hidden() -> None:
    """In the groups in which it came, of telephone numbers too; an order's number is not."""
    card = heard(
        ("agent", "Please tell me the card number."),
        ("caller", "4539 1488"),
        ("agent", "four five three nine, go on"),
        ("caller", "0343 6467"),
    )
    phone = heard(
        ("agent", "Your phone number?"), ("caller", "555"), ("agent", "555? And order 4271?")
    )

    assert card[2].redacted.text == "[card], go on"
    assert all(turn.redacted.holds_card_data for turn in card[1:])
    assert phone[2].redacted.text == "[phone]? And order 4271?"


def test_a_code_within_a_longer_number_leaves_nothing_of_it() -> None:
    """It stands there by chance, and the rest of the number is somebody's all the same."""
    found = heard(
        ("caller", "the security code is 738"),
        ("caller", "postcode 2 6 7 3 8 and the order is 4271"),
    )

    assert texts(found)[1] == "postcode [cvv] and the order is 4271"


def test_what_the_agent_had_said_back_of_a_card_is_named_too() -> None:
    """Nobody had spoken of a card until its last piece came."""
    found = heard(
        ("caller", "4539"), ("agent", "4539, go on"), ("caller", "1488 0343"), ("agent", "and?"),
        ("caller", "6467"),
    )  # fmt: skip

    assert [(one.turn, one.text) for one in found[4].earlier] == [
        (0, "[card]"), (1, "[card], go on"), (2, "[card]"),
    ]  # fmt: skip


def test_the_end_of_a_card_that_was_said_whole_stays_readable() -> None:
    """As on a receipt."""
    found = heard(("caller", "4111 1111 1111 1234 no, 4111 1111 1111 1111"), ("agent", "..1111?"))

    assert texts(found)[1] == "..1111?"


def test_the_code_after_a_card_is_hidden_in_the_next_turn_too() -> None:
    """Unless it answers a question about something else."""
    card = ("caller", "it's 4111 1111 1111 1111")

    assert texts(heard(card, ("caller", "and 123")))[1] == "and [cvv]"
    assert texts(heard(card, ("agent", "Your order number?"), ("caller", "4271")))[2] == "4271"


def test_numbers_of_the_business_never_make_a_card() -> None:
    """Order, customer and visit together have sixteen digits, one time in ten with a good sum."""
    found = heard(
        ("agent", "What is your order number?"),
        ("caller", "41111111"),
        ("agent", "And the customer number?"),
        ("caller", "11111111"),
    )

    assert not found[3].earlier
    assert not found[3].redacted.holds_card_data


def test_talk_between_pieces_parts_nothing() -> None:
    """People ask for a moment while they look at their card."""
    found = heard(
        ("caller", "4111"),
        ("caller", "one second please, my glasses are not here, I have to look for them"),
        ("caller", "1111 11"),
        ("agent", "take your time"),
        ("caller", "double one double one double one"),
    )

    assert [one.turn for one in found[4].earlier] == [0, 2]


def test_a_phone_number_in_pieces_is_hidden_when_it_was_asked_for() -> None:
    """Also its first three digits."""
    found = heard(
        ("agent", "Which phone number can we reach you at?"), ("caller", "555"), ("caller", "765")
    )

    assert texts(found)[1:] == ["[phone]", "[phone]"]


def test_nothing_is_kept_after_the_call() -> None:
    """Neither secrets nor pieces."""
    secrets = Secrets()
    listener = Listener(Redactor(secrets=secrets))
    listener.hear("my zip code is 94107", by="caller")
    listener.hear("4111 1111 1111", by="caller")
    assert secrets
    listener.forget()

    assert not secrets
    assert not listener.hear("1111", by="caller").earlier
