"""What a brain's templates become: dates as a model that knows the day finds them, and numbers."""

import pytest

from rehearsal.model.dialogue import Call, Dialogue
from rehearsal.model.templates import TODAY, NoValue, fill
from tests.unit.model.acting import brain

REFUND = {
    "type": "function",
    "name": "refund",
    "parameters": {
        "type": "object",
        "properties": {"cents": {"type": "integer"}, "day": {"type": "string"}},
        "additionalProperties": False,
    },
}


@pytest.mark.parametrize(
    ("today", "weekday", "found"),
    [
        ("2026-11-25", "friday", "2026-11-27"),
        ("2026-11-25", "tuesday", "2026-12-01"),
        ("2026-11-25", "wednesday", "2026-12-02"),
        ("2026-12-31", "monday", "2027-01-04"),
    ],
)
def test_a_weekday_is_its_next_date(today: str, weekday: str, found: str) -> None:
    """Whoever says "on Wednesday" on a Wednesday means the next one."""
    assert fill("{day:date}", {TODAY: today, "day": weekday}, {}) == found


@pytest.mark.parametrize("slots", [{"day": "friday"}, {TODAY: "2026-11-25", "day": "someday"}])
def test_a_date_that_nobody_can_know_is_a_mistake(slots: dict[str, str]) -> None:
    """A worker that does not say which day it is gets no date out of thin air."""
    with pytest.raises(NoValue):
        fill("{day:date}", slots, {})


def test_the_day_comes_from_the_instructions_and_numbers_are_numbers() -> None:
    """As a real model would send them, or the tool's schema would not take them."""
    dialogue = Dialogue(
        brain(
            slots={
                "amount": {"choices": {"2000": ["twenty dollars"]}},
                "day": {"choices": {"friday": ["friday"]}},
            },
            states={
                "ready": {
                    "rules": [
                        {
                            "hears": ["{amount} on {day}"],
                            "calls": [
                                {
                                    "tool": "refund",
                                    "args": {"cents": "{amount:number}", "day": "{day:date}"},
                                }
                            ],
                        }
                    ]
                }
            },
        )
    )
    dialogue.offer([REFUND])
    dialogue.instruct("Be brief.\nToday is Wednesday, 2026-11-25; it is 20:30.\n")
    dialogue.hear("twenty dollars on friday")

    reply = dialogue.reply()

    assert reply.script_errors == ()
    assert reply.calls == (Call("refund", {"cents": 2000, "day": "2026-11-27"}),)
