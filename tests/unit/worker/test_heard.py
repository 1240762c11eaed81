"""Silences from both sides: where they begin and end, and what they wait for."""

import pytest

from agent.heard import DEAD_S, NOTICED_S, Heard, Silence, cause_of
from agent.reports import Cause
from agent.watch import Line

NEVER = float("-inf")
TICK_S = 0.1


def answered() -> Heard:
    """A line that was answered at 100 s, where the agent spoke from 101 s to 103 s."""
    heard = Heard()
    heard.answered(100.0)
    heard.agent_began(101.0, NEVER)
    heard.passes(103.5, "caller", 103.0)
    return heard


def wait(heard: Heard, start: float, end: float, cause: Cause, agent_until: float) -> list[Cause]:
    """Let time pass; what was told of meanwhile."""
    ticks = range(1, round((end - start) / TICK_S) + 1)
    told = [heard.passes(start + n * TICK_S, cause, agent_until) for n in ticks]
    return [cause for cause in told if cause is not None]


def test_a_silence_lasts_from_the_end_of_one_sound_to_the_next() -> None:
    """Whoever made them."""
    heard = answered()
    wait(heard, 103.5, 105.0, "caller", 103.0)

    assert heard.caller_began(105.0) == Silence(103.0, 2.0, "caller", told=False)


def test_a_pause_is_no_silence() -> None:
    """A breath between a question and its answer."""
    assert answered().caller_began(103.9) is None


def test_nothing_counts_before_the_answer() -> None:
    """The line rings; that is another metric's."""
    heard = Heard()

    assert heard.agent_began(50.0, NEVER) is None
    assert heard.passes(60.0, "start", NEVER) is None


def test_the_wait_for_the_greeting_counts_from_the_answer() -> None:
    """A silent line that was answered is what callers hang up on."""
    heard = Heard()
    heard.answered(100.0)
    wait(heard, 100.0, 102.0, "start", NEVER)

    assert heard.agent_began(102.0, NEVER) == Silence(100.0, 2.0, "start", told=False)


def test_who_waits_for_us_waits_for_us_even_after_a_thought_of_their_own() -> None:
    """The pause by which the model knows a turn is over is part of what they wait."""
    heard = answered()
    heard.caller_began(103.5)
    heard.caller_ended(105.0)
    wait(heard, 105.0, 105.9, "caller", 103.0)
    wait(heard, 105.9, 106.2, "model", 103.0)
    wait(heard, 106.2, 106.8, "tool", 103.0)

    silence = heard.agent_began(107.0, 103.0)
    assert silence is not None
    assert (silence.cause, silence.seconds) == ("tool", 2.0)


def test_a_silence_is_told_while_it_lasts_and_once() -> None:
    """As soon as it is sure that nobody began before 3 s were full."""
    heard = answered()

    assert wait(heard, 103.5, 103 + DEAD_S + NOTICED_S - TICK_S, "model", 103.0) == []
    assert wait(heard, 106.2, 120.0, "model", 103.0) == ["model"]
    assert heard.agent_began(120.0, 103.0) == Silence(103.0, 17.0, "model", told=True)


def test_the_next_silence_is_told_anew() -> None:
    """Each of them is one that a caller heard."""
    heard = answered()
    wait(heard, 103.5, 107.0, "caller", 103.0)
    heard.caller_began(107.0)
    heard.caller_ended(108.0)

    assert wait(heard, 108.0, 112.0, "model", 103.0) == ["model"]


def test_a_voice_that_is_noticed_late_ends_the_silence_where_it_began() -> None:
    """The detector is behind; the caller is not."""
    heard = answered()
    wait(heard, 103.5, 106.1, "caller", 103.0)

    assert heard.caller_began(105.5) == Silence(103.0, 2.5, "caller", told=False)


def test_nobody_is_silent_while_the_caller_speaks() -> None:
    """However long they do."""
    heard = answered()
    heard.caller_began(103.5)

    assert wait(heard, 103.5, 120.0, "model", 103.0) == []
    assert heard.agent_began(120.0, 103.0) is None


def test_the_silence_before_the_end_counts_too() -> None:
    """Who gives up in silence heard it; afterwards nothing counts."""
    heard = answered()
    wait(heard, 103.5, 105.0, "model", 103.0)

    assert heard.over(105.0) == Silence(103.0, 2.0, "model", told=False)
    assert heard.caller_began(109.0) is None


@pytest.mark.parametrize(
    ("line", "greeted", "cause"),
    [
        (Line(), False, "start"),
        (Line(model_gone=True), False, "recovery"),
        (Line(model_down_since=1.0, tool_running=True), True, "recovery"),
        (Line(keys_awaited=True, tool_running=True), True, "keys"),
        (Line(tool_running=True, owed_since=1.0), True, "tool"),
        (Line(owed_since=1.0), True, "model"),
        (Line(result_posted_at=1.0), True, "model"),
        (Line(), True, "caller"),
    ],
)
def test_a_silence_waits_for_whoever_is_at_it(line: Line, greeted: bool, cause: str) -> None:
    """The gravest reason is told."""
    assert cause_of(line, greeted=greeted) == cause
