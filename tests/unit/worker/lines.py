"""A line as the tests of the watch find it."""

from agent.profile import Limits
from agent.watch import Line

LIMITS = Limits(caller_silence_s=8, silence_prompts=2, max_duration_s=600)


def answered_line() -> Line:
    """A line that was answered at 100 s and greeted until 103 s."""
    line = Line(answered_at=100.0, voice_ended_at=100.0)
    line.turn_ended(100.0)
    line.agent_started()
    line.agent_stopped(103.0)
    return line
