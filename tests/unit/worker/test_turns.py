"""The clock of turns: from the end of the caller's voice to the agent's."""

from agent.turns import TurnClock


def test_the_clock_starts_where_the_voice_ended() -> None:
    """The pause that the model waits for is part of what the caller waited."""
    clock = TurnClock()
    clock.caller_spoke(ended_at=10.0)
    clock.turn_taken(10.5)

    assert clock.agent_spoke(10.9) == 10.9 - 10.0


def test_later_speech_of_the_same_turn_counts() -> None:
    """A pause in the middle of a sentence is not the end of it."""
    clock = TurnClock()
    clock.caller_spoke(ended_at=10.0)
    clock.caller_spoke(ended_at=12.0)

    assert clock.agent_spoke(12.7) == 12.7 - 12.0


def test_an_agent_that_speaks_on_is_no_new_response() -> None:
    """Only the first audio after the caller's speech is a response."""
    clock = TurnClock()
    clock.caller_spoke(ended_at=10.0)
    clock.agent_spoke(11.0)

    assert clock.agent_spoke(15.0) is None


def test_a_greeting_is_no_response() -> None:
    """Nobody had asked anything."""
    assert TurnClock().agent_spoke(5.0) is None


def test_the_models_own_time_is_told_once_a_turn() -> None:
    """Deltas after the first one measure nothing."""
    clock = TurnClock()
    clock.turn_taken(10.0)

    assert clock.model_spoke(10.25) == 0.25
    assert clock.model_spoke(10.5) is None
