"""Which callers count as left alone by their agent, however LiveKit's webhooks arrive."""

import itertools
import random
from dataclasses import replace

import pytest

from sip.orphans import Orphan, Orphans, alone
from sip.sights import Sight, Who
from tests.unit.trunks.sights import ROOM, joined, left, over

PATIENCE_S = 6.0
LEFT_ALONE = [joined("caller"), joined("agent"), left("agent")]


def after(*sights: Sight) -> Orphans:
    """What is known after these webhooks, all of them at 0 s."""
    orphans = Orphans(patience_s=PATIENCE_S, rooms=100)
    for sight in sights:
        orphans.see(sight, 0.0)
    return orphans


def suspected(*sights: Sight) -> bool:
    """Whether the room is looked at in the end."""
    return bool(after(*sights).due(1000.0))


def test_a_caller_is_left_alone_once_the_agent_has_gone() -> None:
    """The room is looked at after the patience, not before, and once."""
    orphans = after(*LEFT_ALONE)

    assert orphans.due(PATIENCE_S - 0.1) == []
    assert [orphan.room for orphan in orphans.due(PATIENCE_S)] == [ROOM]
    assert orphans.due(1000.0) == []


@pytest.mark.parametrize("order", list(itertools.permutations(LEFT_ALONE)))
def test_the_order_of_webhooks_makes_no_difference(order: tuple[Sight, ...]) -> None:
    """One connection that has left does not come back, whatever is told later."""
    assert suspected(*order)


@pytest.mark.parametrize("seed", range(20))
def test_repeated_webhooks_make_no_difference(seed: int) -> None:
    """Any of them any number of times, in any order."""
    chance = random.Random(seed)
    sights = chance.choices(LEFT_ALONE, k=6) + LEFT_ALONE
    chance.shuffle(sights)

    assert suspected(*sights)
    assert not suspected(*sights, over())


def test_a_room_is_looked_at_although_nobody_saw_it_begin() -> None:
    """A watcher that was started in the middle of the call has only seen the agent leave."""
    assert suspected(left("agent"))


@pytest.mark.parametrize(
    "still_fine",
    [
        [joined("caller"), joined("agent")],
        [joined("caller")],
        [joined("caller"), left("caller")],
        [*LEFT_ALONE, over()],
        [*LEFT_ALONE, joined("agent", "PA_rescue")],
        [joined("person"), *LEFT_ALONE],
        [joined("caller", "PA_colleague"), *LEFT_ALONE],
        [joined("agent", "PA_second"), *LEFT_ALONE],
    ],
    ids=["call", "ringing", "gave up", "ended", "rescued", "person", "transfer", "two agents"],
)
def test_whoever_has_somebody_to_speak_to_is_not_alone(still_fine: list[Sight]) -> None:
    """A call, a rescue, a person, a transfer: the line is none of the watcher's business."""
    assert not suspected(*still_fine)


def test_the_rescue_comes_first_and_the_patience_begins_anew() -> None:
    """An agent that came and went again leaves the caller alone from then on."""
    orphans = after(*LEFT_ALONE)
    orphans.see(joined("agent", "PA_rescue"), 3.0)
    orphans.see(left("agent", "PA_rescue"), 9.0)

    assert orphans.due(9.0 + PATIENCE_S - 0.1) == []
    assert orphans.due(9.0 + PATIENCE_S) != []


def test_whoever_a_colleague_leaves_is_alone_too() -> None:
    """After a transfer the other side hangs up, and the caller hears nobody."""
    colleague = joined("caller", "PA_colleague")

    assert suspected(colleague, *LEFT_ALONE, left("caller", "PA_colleague"))


def test_what_could_not_be_done_is_tried_again() -> None:
    """LiveKit did not answer: the same room is due once more after the patience."""
    orphans = after(*LEFT_ALONE)
    (orphan,) = orphans.due(10.0)
    orphans.again(orphan, 10.0)

    assert orphans.due(10.0 + PATIENCE_S - 0.1) == []
    assert orphans.due(10.0 + PATIENCE_S) == [orphan]


def test_a_room_that_ended_meanwhile_is_not_tried_again() -> None:
    """The caller hung up while LiveKit was asked."""
    orphans = after(*LEFT_ALONE)
    (orphan,) = orphans.due(10.0)
    orphans.see(over(), 11.0)
    orphans.again(orphan, 12.0)

    assert orphans.due(1000.0) == []


def test_memory_is_bounded() -> None:
    """Rooms whose end never came are forgotten from the oldest on."""
    orphans = Orphans(patience_s=PATIENCE_S, rooms=10)
    for number in range(25):
        orphans.see(replace(left("agent"), room=f"RM_{number}"), 0.0)

    assert [orphan.room for orphan in orphans.due(1000.0)] == [f"RM_{n}" for n in range(15, 25)]


@pytest.mark.parametrize(
    ("people", "is_alone"),
    [
        (["caller"], True),
        ([], False),
        (["caller", "agent"], False),
        (["caller", "person"], False),
        (["caller", "caller"], False),
        (["agent"], False),
    ],
)
def test_livekit_has_the_last_word(people: list[Who], is_alone: bool) -> None:
    """Only one caller and nobody else is alone; an empty room has no line to close."""
    assert alone(people) is is_alone


def test_a_rooms_name_is_not_printed() -> None:
    """It may hold the caller's number."""
    assert "5557654321" not in repr(Orphan(room=ROOM, room_name="call_+15557654321_x"))
