"""What the watch decides about silence, a lost model and the end of a call."""

import pytest

from agent.watch import (
    BRIDGE_AFTER_S,
    FILL_AFTER_S,
    GIVE_UP_AFTER_S,
    KEYS_AGAIN_S,
    Line,
    Step,
    decide,
)
from tests.unit.worker.lines import LIMITS, answered_line


def test_a_ringing_line_is_left_alone() -> None:
    """Before the answer nothing can be said, so nothing is decided."""
    assert decide(Line(), LIMITS, 50.0) is Step.WAIT


def test_a_model_that_died_while_ringing_is_apologised_for() -> None:
    """A caller about to be answered by nobody hears why."""
    assert decide(Line(model_gone=True), LIMITS, 50.0) is Step.APOLOGISE


def test_an_owed_answer_is_bridged_before_three_seconds() -> None:
    """A caller who waits for an answer hears something within the third second."""
    line = answered_line()
    line.caller_started(105.0)
    line.caller_stopped(107.0)
    line.turn_ended(107.5)

    assert decide(line, LIMITS, 108.8) is Step.WAIT
    assert decide(line, LIMITS, 109.0) is Step.BRIDGE


def test_bridges_repeat_and_never_leave_three_seconds_of_silence() -> None:
    """After one clip the next silence is bridged as soon as the first."""
    line = answered_line()
    line.turn_ended(107.5)
    line.bridged_at = line.voice_ended_at = 111.5

    assert decide(line, LIMITS, 113.3) is Step.WAIT
    assert decide(line, LIMITS, 113.5) is Step.BRIDGE


def test_a_model_that_never_answers_is_given_up() -> None:
    """A caller is not kept with clips for ever."""
    line = answered_line()
    line.turn_ended(107.0)

    assert decide(line, LIMITS, 107.0 + GIVE_UP_AFTER_S) is Step.APOLOGISE


def test_a_running_tool_has_its_own_deadline() -> None:
    """While a tool runs the caller is bridged, not given up: the gate ends the tool."""
    line = answered_line()
    line.turn_ended(107.0)
    line.tool_started(107.2)

    assert decide(line, LIMITS, 107.0 + GIVE_UP_AFTER_S) is Step.BRIDGE


def test_an_agent_that_speaks_owes_nothing() -> None:
    """Speech settles the debt, and silence afterwards is the caller's turn."""
    line = answered_line()
    line.turn_ended(107.0)
    line.agent_started()
    line.agent_stopped(109.0)

    assert decide(line, LIMITS, 116.9) is Step.WAIT


@pytest.mark.parametrize(("asked", "step"), [(0, Step.ASK_IF_THERE), (2, Step.END_SILENT)])
def test_a_silent_caller_is_asked_before_the_line_closes(asked: int, step: Step) -> None:
    """Two questions, then a sentence and the end."""
    line = answered_line()
    line.asked = asked

    assert decide(line, LIMITS, 111.0) is step


def test_a_turn_after_a_question_starts_the_count_again() -> None:
    """A caller who speaks up is there; a sound that is no turn to the model is only a sound."""
    line = answered_line()
    line.asked = 2
    line.caller_started(112.0)
    assert line.asked == 2

    line.turn_began(112.2)
    assert line.asked == 0


def test_the_longest_duration_is_not_announced_over_the_agent() -> None:
    """The agent finishes its sentence; then the limit is told."""
    line = answered_line()
    line.agent_speaking = True
    assert decide(line, LIMITS, 700.0) is Step.WAIT

    line.agent_stopped(701.0)
    assert decide(line, LIMITS, 701.0) is Step.END_LIMIT


def test_a_goodbye_is_heard_whole_before_the_line_closes() -> None:
    """Hanging up waits for the voice to end and for its last sound to arrive."""
    line = answered_line()
    line.goodbye_since = 110.0
    line.agent_started()
    assert decide(line, LIMITS, 112.0) is Step.WAIT

    line.agent_stopped(113.0)
    assert decide(line, LIMITS, 113.3) is Step.WAIT
    assert decide(line, LIMITS, 114.0) is Step.HANG_UP


def test_a_goodbye_that_never_comes_does_not_hold_the_line() -> None:
    """The model asked to hang up and said nothing: the line closes anyway."""
    line = answered_line()
    line.goodbye_since = 110.0

    assert decide(line, LIMITS, 113.1) is Step.HANG_UP


def test_a_connection_that_stays_away_is_apologised_for_within_three_seconds() -> None:
    """The caller hears of a lost model before the third second is full."""
    line = answered_line()
    line.model_down_since = 105.0

    assert decide(line, LIMITS, 106.0) is Step.WAIT
    assert decide(line, LIMITS, 106.9) is Step.APOLOGISE


def test_a_storm_of_reconnections_is_a_lost_model() -> None:
    """A server that takes and drops every connection is no server."""
    line = answered_line()
    line.reconnects = [104.0, 104.5, 105.0, 105.5]

    assert decide(line, LIMITS, 106.0) is Step.APOLOGISE
    assert decide(line, LIMITS, 115.6) is not Step.APOLOGISE


def test_speech_that_the_model_never_noticed_is_owed_an_answer() -> None:
    """A model server that stays mute after real speech is bridged like a slow one."""
    line = answered_line()
    line.model_heard_at = 103.0
    line.caller_started(105.0)
    line.caller_stopped(107.0)

    assert decide(line, LIMITS, 109.3) is Step.BRIDGE


def test_a_cough_is_owed_nothing() -> None:
    """A sound too short for speech that the model passed over starts no bridge."""
    line = answered_line()
    line.model_heard_at = 103.0
    line.caller_started(105.0)
    line.caller_stopped(105.2)

    assert decide(line, LIMITS, 109.0) is Step.WAIT


def test_a_cough_does_not_settle_a_debt() -> None:
    """A sound of the caller's that the model passes over leaves the answer owed."""
    line = answered_line()
    line.turn_ended(107.0)
    line.caller_started(108.0)
    line.caller_stopped(108.2)

    assert decide(line, LIMITS, 110.2) is Step.BRIDGE


def test_a_new_turn_settles_what_was_owed_for_the_last() -> None:
    """A caller who goes on speaking is not told to wait."""
    line = answered_line()
    line.turn_ended(107.0)
    line.turn_began(107.8)

    assert line.owed_since is None


def test_the_models_time_begins_when_the_tool_has_ended() -> None:
    """A slow tool's result is waited for and spoken, not given up the moment it is there."""
    line = answered_line()
    line.turn_ended(107.0)
    line.tool_started(107.2)
    line.tool_ended(116.5)

    assert decide(line, LIMITS, 116.6) is Step.BRIDGE
    assert decide(line, LIMITS, 116.5 + GIVE_UP_AFTER_S) is Step.APOLOGISE


def test_a_caller_with_one_more_thing_is_not_hung_up_on() -> None:
    """A turn of the caller's after the agent wanted to close keeps the line open."""
    line = answered_line()
    line.goodbye_since = 110.0
    line.turn_began(110.5)
    line.turn_ended(112.0)

    assert decide(line, LIMITS, 112.5) is Step.WAIT


def test_a_cough_is_no_goodbye() -> None:
    """Only the agent's own voice counts as the goodbye that the line waits for."""
    line = answered_line()
    line.goodbye_since = 110.0
    line.caller_started(110.5)
    line.caller_stopped(110.7)

    assert decide(line, LIMITS, 111.5) is Step.WAIT


def test_a_line_that_never_falls_silent_ends_all_the_same() -> None:
    """The longest duration is waited out only as long as a sentence takes."""
    line = answered_line()
    line.agent_speaking = True

    assert decide(line, LIMITS, 100.0 + 600 + 21) is Step.END_LIMIT


def test_a_result_that_nobody_was_asked_to_speak_is_asked_for() -> None:
    """A tool's result is never lost in silence when the caller spoke over it."""
    line = answered_line()
    line.result_posted_at = 110.0

    assert decide(line, LIMITS, 110.6) is Step.ASK_FOR_REPLY


def test_a_turn_whose_end_the_model_never_tells_is_bridged_and_given_up() -> None:
    """Its server heard the caller begin and fell silent: they wait like anybody else."""
    line = answered_line()
    line.caller_started(105.0)
    line.turn_began(105.1)
    line.model_heard_at = 105.1
    line.caller_stopped(107.0)

    assert decide(line, LIMITS, 108.8) is Step.WAIT
    assert decide(line, LIMITS, 109.0) is Step.BRIDGE
    line.bridged_at = line.voice_ended_at = 110.0
    assert decide(line, LIMITS, 112.0) is Step.BRIDGE
    assert decide(line, LIMITS, 107.0 + GIVE_UP_AFTER_S) is Step.APOLOGISE


@pytest.mark.parametrize("agent_until", [103.0, 108.0])
def test_a_cough_is_no_turn_whatever_is_said_after_it(agent_until: float) -> None:
    """Nobody is told to wait for an answer to it."""
    line = answered_line()
    line.caller_started(104.0)
    line.caller_stopped(104.2)
    line.agent_stopped(agent_until)

    assert decide(line, LIMITS, agent_until + 5) is Step.WAIT


def test_speech_that_the_model_passed_over_is_bridged_once() -> None:
    """Then the caller is asked, as after any silence."""
    line = answered_line()
    line.caller_started(105.0)
    line.caller_stopped(106.0)

    assert decide(line, LIMITS, 108.0) is Step.BRIDGE
    line.bridged_at = line.voice_ended_at = 109.0
    assert decide(line, LIMITS, 112.0) is Step.WAIT
    assert decide(line, LIMITS, 109.0 + LIMITS.caller_silence_s) is Step.ASK_IF_THERE


def test_a_turn_that_has_just_begun_is_not_judged_by_the_last_one() -> None:
    """The model hears a caller begin before the local detection does."""
    line = answered_line()
    line.caller_started(105.0)
    line.caller_stopped(107.0)
    line.turn_ended(107.5)
    line.agent_started()
    line.agent_stopped(120.0)

    line.turn_began(123.0)
    line.model_heard_at = 123.0
    assert decide(line, LIMITS, 123.1) is Step.WAIT


def waiting_for_a_tool() -> Line:
    """The caller's turn ended at 107, and a tool has run since 107.2."""
    line = answered_line()
    line.voice_ended_at = 106.5
    line.turn_ended(107.0)
    line.tool_started(107.2)
    return line


def test_a_tool_is_told_of_before_anybody_wonders() -> None:
    """A breath is silent, a second is not."""
    line = waiting_for_a_tool()

    assert decide(line, LIMITS, 107.2 + FILL_AFTER_S - 0.05) is Step.WAIT
    assert decide(line, LIMITS, 107.2 + FILL_AFTER_S) is Step.BRIDGE


def test_whoever_was_told_by_the_agent_is_not_told_at_once_again() -> None:
    """ "Let me look that up." is a filler already."""
    line = waiting_for_a_tool()
    line.agent_started()
    line.agent_stopped(108.0)

    assert decide(line, LIMITS, 108.0 + FILL_AFTER_S + 0.1) is Step.WAIT
    assert decide(line, LIMITS, 108.0 + BRIDGE_AFTER_S + 1.0) is Step.BRIDGE


def keying() -> Line:
    """A tool waits for the caller's keys since 108."""
    line = waiting_for_a_tool()
    line.keys_wanted(108.0)
    return line


def test_keys_are_asked_for_at_once_and_again() -> None:
    """While a caller looks for their keys nobody says "one moment"."""
    line = keying()
    assert decide(line, LIMITS, 108.1) is Step.ASK_FOR_KEYS

    line.keys_asked_at = line.voice_ended_at = 112.0
    assert decide(line, LIMITS, 112.0 + KEYS_AGAIN_S - 0.1) is Step.WAIT
    assert decide(line, LIMITS, 112.0 + KEYS_AGAIN_S) is Step.ASK_FOR_KEYS


def test_a_pressed_key_puts_the_reminder_off() -> None:
    """Somebody who types is not told to."""
    line = keying()
    line.keys_asked_at, line.voice_ended_at = 112.0, 118.0

    assert decide(line, LIMITS, 121.0) is Step.WAIT


def test_after_the_last_key_the_caller_waits_like_for_any_tool() -> None:
    """The office may be slow with a PIN too."""
    line = keying()
    line.keys_over(115.0)

    assert decide(line, LIMITS, 115.0 + FILL_AFTER_S) is Step.BRIDGE


def test_a_voice_that_nobody_hears_does_not_hold_the_line() -> None:
    """The caller spoke when their voice was cut off from the model."""
    line = waiting_for_a_tool()
    line.caller_started(107.9)
    line.keys_wanted(108.0)

    assert decide(line, LIMITS, 108.1) is Step.ASK_FOR_KEYS
