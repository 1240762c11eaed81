"""When to bridge a silence, to ask, to apologise, to end: pure decisions on the call's clock.

`agent.conversation` keeps a `Line` up to date from events and asks `decide` ten times a second;
what is decided here is acted on there. The promise behind the numbers: from answer to hang-up
nobody hears more than 3 s of silence that is not their own turn to speak.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from agent.profile import Limits

# A clip is heard about 0.5 s after it is decided on, 0.8 s on a busy machine, counted from the end
# of the voice that the local VAD tells 0.25 s late: the third second is never full.
BRIDGE_AFTER_S = 1.9
# A tool that takes longer than a breath is told of, unless the agent has said so itself.
FILL_AFTER_S = 0.7
# Whoever looks for their telephone's keys is reminded of what they are looking for.
KEYS_AGAIN_S = 8.0
# A turn is taken as ended that long after the voice at most; the caller has waited since then.
TURN_END_S = 1.0
# The model has had this long with a caller waiting; a person would have hung up soon.
GIVE_UP_AFTER_S = 9.0
# A connection that is not back by then leaves time to say so within 3 s.
MODEL_DOWN_S = 1.8
STORM_RECONNECTS = 4
STORM_WINDOW_S = 10.0
# Shorter sounds are coughs and clicks that a model rightly passes over.
UNHEARD_SPEECH_S = 0.4
UNHEARD_GRACE_S = 1.2
# Sound on its way: 200 ms in the worker's queue, up to 400 ms to the caller's ear, and a breath.
TAIL_S = 0.9
# A goodbye that was asked for and does not come must not hold the line.
GOODBYE_WAIT_S = 3.0
# The limit waits for a sentence to end, not for a line that never falls silent.
LIMIT_MARGIN_S = 20.0
# The library asks for a reply in the same breath as it posts a result, unless it lost it.
LOST_RESULT_S = 0.5


class Step(Enum):
    """What the call should do now."""

    WAIT = auto()
    BRIDGE = auto()
    ASK_IF_THERE = auto()
    END_SILENT = auto()
    END_LIMIT = auto()
    END_BUDGET = auto()
    APOLOGISE = auto()
    HANG_UP = auto()
    ASK_FOR_REPLY = auto()
    ASK_FOR_KEYS = auto()


@dataclass
class Line:
    """What both ends are doing. Times are seconds on one monotonic clock; None means never."""

    answered_at: float | None = None
    caller_speaking: bool = False
    caller_spoke_from: float | None = None
    caller_stopped_at: float = 0.0
    turn_open_since: float | None = None
    """When the model heard a turn begin whose end it has not told."""
    agent_speaking: bool = False
    agent_ended_at: float = 0.0
    """End of the agent's last speech that was no clip."""
    tool_running: bool = False
    tool_started_at: float = 0.0
    tool_ended_at: float = 0.0
    voice_ended_at: float = 0.0
    """End of the last sound of either side, or the answer, or a pressed key."""
    owed_since: float | None = None
    """Since when the caller has been waiting for the agent to speak."""
    turn_taken_at: float = 0.0
    """When the model last took a turn of the caller as finished."""
    bridged_at: float | None = None
    keys_awaited: bool = False
    """Whether the caller is to enter something by keypad: it is their turn."""
    keys_asked_at: float | None = None
    asked: int = 0
    model_down_since: float | None = None
    model_gone: bool = False
    """The model's session ended for good."""
    model_heard_at: float = 0.0
    """When the model's server last sent anything."""
    reconnects: list[float] = field(default_factory=list)
    result_posted_at: float | None = None
    """When a tool's result reached the model without anybody asking it to answer since."""
    budget_spent_at: float | None = None
    """When the call had cost what its profile allows."""
    goodbye_since: float | None = None
    """Since when the line is to close as soon as the goodbye has been heard."""

    def caller_started(self, at: float) -> None:
        """The caller made a sound; a cough settles no debt, only the model knows a turn."""
        self.caller_speaking = True
        self.caller_spoke_from = at

    def turn_began(self, at: float) -> None:
        """The model takes it that the caller speaks: what was owed, or a goodbye, is void."""
        self.owed_since = self.bridged_at = self.goodbye_since = None
        self.asked = 0
        self.turn_open_since = at

    def caller_stopped(self, at: float) -> None:
        """The caller fell silent; only the model knows whether that ends the turn."""
        self.caller_speaking = False
        self.caller_stopped_at = at
        self.voice_ended_at = max(self.voice_ended_at, at)

    def turn_ended(self, at: float) -> None:
        """The model took the caller's turn as finished: an answer is owed."""
        self.owed_since = self.turn_taken_at = at
        self.bridged_at = None
        self.turn_open_since = None

    def reconnected(self, at: float) -> None:
        """The model is back; the sound of a turn that was open is lost, so the model has to ask."""
        self.model_down_since = None
        self.reconnects.append(at)
        if self.turn_open_since is not None:
            self.turn_ended(at)

    def agent_started(self) -> None:
        """The agent's voice leaves towards the caller: nothing is owed any more."""
        self.agent_speaking = True
        self.owed_since = self.bridged_at = None
        self.turn_open_since = None

    def agent_stopped(self, at: float) -> None:
        """The agent's voice has ended; with a tool still running the caller waits again."""
        self.agent_speaking = False
        self.agent_ended_at = at
        self.voice_ended_at = max(self.voice_ended_at, at)
        if self.tool_running:
            self.owed_since = at

    def tool_started(self, at: float) -> None:
        """A tool runs: from now on the caller waits for it, if nobody speaks."""
        self.tool_running = True
        self.tool_started_at = at
        if self.owed_since is None and not self.agent_speaking:
            self.owed_since = at

    def tool_ended(self, at: float) -> None:
        """The last running tool has ended; the model now gets its whole time to answer."""
        self.tool_running = False
        self.tool_ended_at = at

    def keys_wanted(self, at: float) -> None:
        """A tool waits for the caller's keys, and nobody listens to their voice."""
        self.keys_awaited, self.keys_asked_at = True, None
        self.caller_stopped(at)

    def keys_over(self, at: float) -> None:
        """The keys are there, or never will be: what the tool makes of them is owed now."""
        self.keys_awaited = False
        self.turn_ended(at)
        self.tool_started_at = at


def decide(line: Line, limits: Limits, now: float) -> Step:
    """The step that `line` calls for at `now`; the gravest reason wins."""
    if _model_is_lost(line, now):
        return Step.APOLOGISE
    if line.answered_at is None:
        return Step.WAIT
    over_s = now - line.answered_at - limits.max_duration_s
    if over_s >= LIMIT_MARGIN_S:
        return Step.END_LIMIT
    if line.budget_spent_at is not None and now - line.budget_spent_at >= LIMIT_MARGIN_S:
        return Step.END_BUDGET
    return Step.WAIT if line.agent_speaking else _while_agent_is_quiet(line, limits, now, over_s)


def _while_agent_is_quiet(line: Line, limits: Limits, now: float, over_s: float) -> Step:
    if line.goodbye_since is not None:
        return _after_goodbye(line, now)
    if over_s >= 0:
        return Step.END_LIMIT
    # What is owed is given first: a tool may have done something that the caller has to hear of.
    owes = line.tool_running or line.owed_since is not None
    if line.budget_spent_at is not None and not owes:
        return Step.END_BUDGET
    return Step.WAIT if line.caller_speaking else _while_both_are_quiet(line, limits, now)


def _while_both_are_quiet(line: Line, limits: Limits, now: float) -> Step:
    if line.keys_awaited:
        asked_at = line.keys_asked_at
        due = asked_at is None or now - max(asked_at, line.voice_ended_at) >= KEYS_AGAIN_S
        return Step.ASK_FOR_KEYS if due else Step.WAIT
    posted = line.result_posted_at
    if posted is not None and not line.tool_running and now - posted >= LOST_RESULT_S:
        return Step.ASK_FOR_REPLY
    waiting_since = _waiting_since(line, now)
    if waiting_since is not None:
        return _while_waiting(line, waiting_since, now)
    return _while_silent(line, limits, now)


def _model_is_lost(line: Line, now: float) -> bool:
    if line.model_gone:
        return True
    if line.model_down_since is not None and now - line.model_down_since >= MODEL_DOWN_S:
        return True
    recent = [at for at in line.reconnects if now - at <= STORM_WINDOW_S]
    return len(recent) >= STORM_RECONNECTS


def _after_goodbye(line: Line, now: float) -> Step:
    assert line.goodbye_since is not None
    if line.caller_speaking:
        return Step.WAIT
    spoken = line.agent_ended_at > line.goodbye_since
    quiet_for = now - max(line.voice_ended_at, line.goodbye_since)
    return Step.HANG_UP if quiet_for >= (TAIL_S if spoken else GOODBYE_WAIT_S) else Step.WAIT


def _waiting_since(line: Line, now: float) -> float | None:
    """Since when the caller waits, also when the model's server lost a turn on its way."""
    if line.owed_since is not None:
        return line.owed_since
    began, ended = line.caller_spoke_from, line.caller_stopped_at
    if began is None or ended - began < UNHEARD_SPEECH_S or now - ended < UNHEARD_GRACE_S:
        return None
    unfinished = line.turn_open_since is not None and ended > line.turn_open_since
    return ended if unfinished or _unheard(line, began) else None


def _unheard(line: Line, began: float) -> bool:
    """Whether nothing came from the model since the caller began, and nobody has bridged that.

    Once only: a lost connection is noticed meanwhile, and on any other it was no turn.
    """
    bridged = line.bridged_at is not None and line.bridged_at >= line.caller_stopped_at
    return line.model_heard_at < began and not bridged


def _while_waiting(line: Line, since: float, now: float) -> Step:
    model_has_had = now - max(since, line.tool_ended_at)
    if model_has_had >= GIVE_UP_AFTER_S and not line.tool_running:
        return Step.APOLOGISE
    if _first_word_due(line, now):
        return Step.BRIDGE
    quiet_since = max(since - TURN_END_S, line.voice_ended_at, line.bridged_at or 0.0)
    return Step.BRIDGE if now - quiet_since >= BRIDGE_AFTER_S else Step.WAIT


def _first_word_due(line: Line, now: float) -> bool:
    """Whether a tool has run for a while since the caller's turn, and nobody has said anything."""
    silent = line.bridged_at is None and line.agent_ended_at < line.turn_taken_at
    waits_s = now - max(line.tool_started_at, line.voice_ended_at)
    return line.tool_running and silent and waits_s >= FILL_AFTER_S


def _while_silent(line: Line, limits: Limits, now: float) -> Step:
    if now - line.voice_ended_at < limits.caller_silence_s:
        return Step.WAIT
    return Step.ASK_IF_THERE if line.asked < limits.silence_prompts else Step.END_SILENT
