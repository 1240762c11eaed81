"""Many rows on one ground: who is played beside whom, and what is counted in the end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from rehearsal.trials.callers import Customer, customers
from rehearsal.trials.round import Trial, play_all
from rehearsal.trials.row import Row, Told
from rehearsal.trials.seen import Seen

ROW = Row(name="a row", breaks="nothing", may_hear=frozenset(Told))
DONE = Seen(told=Told.DONE, outcomes=("ok",), effects=1, kept=("ok",))
NOT_DONE = Seen(told=Told.NOT_DONE, outcomes=("timeout",), kept=("timeout",))


@dataclass
class Late:
    """A ground on which an order was changed so many times in the end."""

    in_the_end: int = 0

    async def effects(self, order: str) -> int:
        """What the office says when all rows are over."""
        return self.in_the_end


@dataclass
class Players:
    """Plays rows by saying what was seen of them, in turn, and notes what was asked of it."""

    seen: list[Seen]
    played: list[tuple[str, Customer]] = field(default_factory=list)

    async def __call__(self, ground: object, row: Row, customer: Customer, turn: object) -> Seen:
        """The next one."""
        self.played.append((row.name, customer))
        return self.seen.pop(0)


async def tried(
    rows: list[Row], played: Callable[..., Awaitable[Seen]], *, in_the_end: int = 0
) -> list[Trial]:
    """What comes of these rows."""
    ground: Any = Late(in_the_end)
    return await play_all(ground, rows, iter(customers()), played=played)


async def test_a_caller_who_was_misheard_is_followed_by_another() -> None:
    """Nothing was tried: the row is what the next call shows."""
    players = Players([replace(NOT_DONE, misheard=True), DONE])

    (trial,) = await tried([ROW], players)

    assert trial.seen == DONE
    assert len({customer.number for _, customer in players.played}) == 2


async def test_an_effect_is_never_passed_over() -> None:
    """However badly caller and model understood each other."""
    (trial,) = await tried([ROW], Players([replace(DONE, told=Told.NOT_DONE, misheard=True)]))

    assert trial.breaches == ["told that it is not done, with 1 effects"]


async def test_what_is_done_after_all_is_told_in_the_end() -> None:
    """A write that comes when its row is long over makes "not done" a lie."""
    (trial,) = await tried([ROW], Players([NOT_DONE]), in_the_end=1)

    assert "told that it is not done, with 1 effects" in trial.breaches


async def test_what_strikes_everybody_comes_last_and_alone() -> None:
    """Whatever the order in which they are named."""
    rows = [replace(ROW, name="alone", alone=True), replace(ROW, name="beside")]
    players = Players([DONE, DONE])

    trials = await tried(rows, players)

    assert [name for name, _ in players.played] == ["beside", "alone"]
    assert [trial.row.name for trial in trials] == ["alone", "beside"]


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), OSError("gone")])
async def test_a_row_that_cannot_be_played_fails_alone(error: Exception) -> None:
    """The others are played all the same."""

    async def played(ground: object, row: Row, customer: Customer, turn: object) -> Seen:
        if row.name == "broken":
            raise ExceptionGroup("several", [error])
        return DONE

    broken, whole = await tried([replace(ROW, name="broken"), ROW], played)

    assert broken.breaches[0].startswith("it could not be played: ")
    assert whole.breaches == []
