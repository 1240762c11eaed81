"""Lines of the live view, and the record they come from."""

import asyncio
from typing import Any, cast

import pytest

from records import CallView
from records.reading import Wanted
from records.view import ToolUse, Turn
from rehearsal.phone.events import (
    Answered,
    Ended,
    KeyHeard,
    OtherFinished,
    OtherStarted,
    PhoneEvent,
    Pressed,
    Ringing,
    Said,
)
from rehearsal.rehearse.live import Line, Told, follow
from rehearsal.stack.calls import Calls
from tests.unit.rehearse.made import call, turn, use

CLIP = Turn(at=105.0, speaker="clip", text="One moment, please.")


def lines(told: Told, *events: PhoneEvent) -> list[Line]:
    """What is printed for some events."""
    return [line for event in events for line in told.phone(event)]


def agent(text: str, *, interrupted: bool = False) -> Turn:
    """Something the agent said, as it is in the record."""
    return Turn(at=110.0, speaker="agent", text=text, interrupted=interrupted)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Ringing(0.2), (0.2, "ringing", "")),
        (Answered(0.345), (0.345, "answered", "after 345 ms")),
        (Said("hello there", 2.0, 3.0), (2.0, "caller", "hello there")),
        (Pressed("5", 4.0, 4.1), (4.0, "caller", "presses 5")),
        (Ended(9.0, "other", 200, ""), (9.0, "ended", "by the other side, status 200")),
        (Ended(9.0, "phone", 200, ""), (9.0, "ended", "by the caller, status 200")),
        (Ended(9.0, "network", 408, ""), (9.0, "ended", "by the network, status 408")),
    ],
)
def test_what_the_phone_lives_is_told(event: PhoneEvent, line: Line) -> None:
    """One line for each thing that a person would notice."""
    assert lines(Told(), event) == [line]


@pytest.mark.parametrize(
    "event", [Said("", 1.0, 2.0), OtherStarted(1.0), OtherFinished(1.0, 2.0), KeyHeard("1", 1.0)]
)
def test_noise_and_starts_have_no_line_of_their_own(event: PhoneEvent) -> None:
    """The words come from the record, when they are known."""
    assert lines(Told(), event) == []


def test_words_of_the_agent_stand_at_their_start_with_the_gap_before() -> None:
    """The gap is the caller's: from the end of their voice to the agent's first sound."""
    told = Told()
    lines(told, Said("where is it", 2.0, 3.0), OtherStarted(3.75))

    assert list(told.turn(agent("Shipped."))) == [(3.75, "agent", "Shipped.  [gap 750 ms]")]


def test_the_greeting_is_measured_from_the_answer() -> None:
    """The first wait of a call."""
    told = Told()
    lines(told, Answered(0.5), OtherStarted(0.9))

    assert list(told.turn(agent("Hello."))) == [(0.9, "agent", "Hello.  [gap 400 ms]")]


def test_an_agent_that_speaks_on_has_no_gap() -> None:
    """Nobody waited for the second sentence."""
    told = Told()
    lines(told, Answered(0.5), OtherStarted(0.9), OtherStarted(4.0))
    list(told.turn(agent("Hello.")))

    assert list(told.turn(agent("Are you there?"))) == [(4.0, "agent", "Are you there?")]


def test_an_agent_that_began_before_the_caller_ended_has_no_gap() -> None:
    """There is no wait below zero."""
    told = Told()
    lines(told, Said("hello", 2.0, 3.0), OtherStarted(2.9))

    assert list(told.turn(agent("Yes?"))) == [(2.9, "agent", "Yes?")]


def test_words_that_were_spoken_over_say_so() -> None:
    """And words whose start nobody heard stand without a time."""
    line = agent("Hello, this is", interrupted=True)

    assert list(Told().turn(line)) == [(None, "agent", "Hello, this is  (spoken over)")]


def test_a_clip_is_the_agents_voice() -> None:
    """Its words are known first; it is told when it is heard, and takes no start of the model's."""
    told = Told()

    assert list(told.turn(CLIP)) == []
    said = lines(told, Said("where is it", 2.0, 3.0), OtherStarted(5.0), OtherStarted(8.0))
    assert said[1:] == [(5.0, "agent", "One moment, please.  [gap 2000 ms]")]
    assert list(told.turn(agent("Shipped."))) == [(8.0, "agent", "Shipped.")]


def test_a_clip_without_a_silence_before_it_is_told_all_the_same() -> None:
    """It was spoken in one breath with what came before it."""
    told = Told()
    list(told.turn(CLIP))
    assert next(told.turn(agent("Shipped."))) == (None, "agent", CLIP.text)

    list(told.turn(CLIP))
    assert lines(told, Ended(9.0, "phone", 200, ""))[0] == (None, "agent", CLIP.text)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("", "look_up_order: ok, 12 ms"), ("not_found", "look_up_order: ok not_found, 12 ms")],
)
def test_a_tool_use_is_told_with_its_outcome_and_duration(reason: str, words: str) -> None:
    """Arguments stay in the record."""
    use = ToolUse(at=1.0, tool="look_up_order", outcome="ok", reason=reason, duration_ms=12)

    assert list(Told().tool(use)) == [(None, "tool", words)]


def test_a_clip_whose_words_come_after_its_sound_is_told_where_it_was_heard() -> None:
    """The record is a moment behind the line."""
    told = Told(invited_at=100.0)
    lines(told, Said("where is it", 2.0, 3.0), OtherStarted(5.0))

    assert list(told.turn(CLIP)) == [(5.0, "agent", "One moment, please.  [gap 2000 ms]")]


def test_what_the_phone_tells_better_is_left_to_it() -> None:
    """The caller's own words come from the caller."""
    assert list(Told().turn(Turn(at=1.0, speaker="caller", text="hi"))) == []


class Growing:
    """A record into which a call comes piece by piece."""

    def __init__(self) -> None:
        self.view = call(turns=[], tools=[])

    async def ids(self, _: Wanted) -> list[str]:
        """The one call."""
        return ["c1"]

    async def call(self, _: str) -> CallView:
        """As far as it has come."""
        return self.view


async def test_what_comes_into_the_record_is_told_once_and_in_order() -> None:
    """A use of a tool when it is over, a turn when it is there."""
    growing, seen = Growing(), asyncio.Queue[Any]()
    following = asyncio.create_task(follow(cast("Calls", growing), seen.put_nowait))
    growing.view = call(turns=[turn("agent", "Hello.")], tools=[use("look_up_order", "open")])
    assert (await asyncio.wait_for(seen.get(), 5)).text == "Hello."
    growing.view = call(turns=[turn("agent", "Hello.")], tools=[use("look_up_order", "ok")])
    assert (await asyncio.wait_for(seen.get(), 5)).outcome == "ok"
    following.cancel()

    assert seen.empty()
