"""The clock of one call's turns: how long a caller waited for the agent's voice.

Fed with times from the session's events by `agent.conversation`; what comes out is told to the
parent and written into the journal. The clock is the caller's: it starts where their voice ended,
not where anybody noticed.
"""

from dataclasses import dataclass


@dataclass
class TurnClock:
    """Pairs the end of the caller's speech with the first audio after it. Times in seconds."""

    caller_ended_at: float | None = None
    turn_taken_at: float | None = None
    """When the model took the turn as ended."""
    tool_used: bool = False
    last_response_s: float | None = None

    def caller_spoke(self, ended_at: float) -> None:
        """The caller fell silent at `ended_at`; later speech of the same turn replaces it."""
        self.caller_ended_at = ended_at

    def turn_taken(self, at: float) -> None:
        """The model took the caller's turn as ended."""
        self.turn_taken_at = at
        self.tool_used = False

    def agent_spoke(self, at: float) -> float | None:
        """First audio of the agent at `at`: the response time, or None if nothing was asked."""
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
