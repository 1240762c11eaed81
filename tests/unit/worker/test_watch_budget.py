"""What the watch decides once a call has spent its budget."""

from agent.watch import Step, decide
from tests.unit.worker.lines import LIMITS, answered_line


def test_a_spent_budget_waits_for_the_sentence_that_is_being_said() -> None:
    """The agent finishes; then the call ends, and nobody is asked anything more."""
    line = answered_line()
    line.agent_started()
    line.budget_spent_at = 104.0
    assert decide(line, LIMITS, 105.0) is Step.WAIT

    line.agent_stopped(106.0)
    assert decide(line, LIMITS, 106.1) is Step.END_BUDGET


def test_a_spent_budget_waits_for_what_is_owed() -> None:
    """A tool may have done something that the caller has to hear of."""
    line = answered_line()
    line.turn_ended(104.0)
    line.tool_started(104.1)
    line.budget_spent_at = 104.2
    assert decide(line, LIMITS, 104.5) is Step.WAIT

    line.tool_ended(104.6)
    assert decide(line, LIMITS, 104.7) is Step.WAIT

    line.agent_started()
    line.agent_stopped(106.0)
    assert decide(line, LIMITS, 106.1) is Step.END_BUDGET


def test_a_spent_budget_ends_a_line_that_never_falls_silent() -> None:
    """Waiting for a pause costs money every second."""
    line = answered_line()
    line.agent_started()
    line.budget_spent_at = 104.0

    assert decide(line, LIMITS, 123.9) is Step.WAIT
    assert decide(line, LIMITS, 124.0) is Step.END_BUDGET


def test_a_goodbye_that_is_being_said_needs_no_other() -> None:
    """The call is over anyway; the sentence about its end would only confuse."""
    line = answered_line()
    line.goodbye_since = 104.0
    line.budget_spent_at = 104.0

    assert decide(line, LIMITS, 104.1) is Step.WAIT
