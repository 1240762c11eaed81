"""The clock of one call's turns: how long a caller waited for the agent's voice.

Fed by `agent.ears` and `agent.conversation` with times of the monotonic clock; what comes out is
told to the parent and written into the journal. The clock is the caller's: it starts where their
voice ended, not where anybody noticed, and a wall clock that is set meanwhile moves nothing.
"""

import time
from dataclasses import dataclass

# The session tells of the past by wall clock, and of the past second only.
LATEST_NOTICE_S = 5.0


@dataclass
class TurnClock:
    """Pairs the end of the caller's speech with what was heard after it. Monotonic seconds."""

    caller_ended_at: float | None = None
    unheard_since: float | None = None
    """The same, until the caller hears anything at all."""
    turn_taken_at: float | None = None
    """When the model took the turn as ended."""
    tool_used: bool = False
    last_response_s: float | None = None

    def caller_spoke(self, ended_at: float, *, over_agent: bool = False) -> None:
        """The caller fell silent at `ended_at`; later speech of the same turn replaces it.

        `over_agent`: the agent was still heard, so that nobody waited for a sound.
        """
        self.caller_ended_at = ended_at
        self.unheard_since = None if over_agent else ended_at

    def turn_taken(self, at: float) -> None:
        """The model took the caller's turn as ended."""
        self.turn_taken_at = at
        self.tool_used = False

    def agent_sounded(self, at: float) -> float | None:
        """Any sound of the agent at `at`: how long the caller had heard nothing, once a turn."""
        since, self.unheard_since = self.unheard_since, None
        return None if since is None or at < since else at - since

    def agent_spoke(self, at: float) -> float | None:
        """First sound of an answer at `at`: the response time, or None if nothing was asked."""
        ended, self.caller_ended_at = self.caller_ended_at, None
        if ended is None or at < ended:
            return None
        self.last_response_s = at - ended
        return self.last_response_s

    def model_spoke(self, at: float) -> float | None:
        """First audio from the model at `at`: its own time since it took the turn, once a turn."""
        taken, self.turn_taken_at = self.turn_taken_at, None
        return None if taken is None else max(0.0, at - taken)

    def take_response(self) -> float | None:
        """The latest response time, handed out once: it belongs to one answer only."""
        response, self.last_response_s = self.last_response_s, None
        return response


def on_our_clock(wall: float) -> float:
    """A time since 1970 that the session has just told, on the monotonic clock.

    If the wall clock was set since, which makes it the future or long ago, it is now.
    """
    now, ago_s = time.monotonic(), time.time() - wall
    return now - ago_s if 0 <= ago_s <= LATEST_NOTICE_S else now


def on_the_wall(at: float) -> float:
    """A time of the monotonic clock as seconds since 1970, for the record."""
    return time.time() - (time.monotonic() - at)
