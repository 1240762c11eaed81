"""A call of an e2e test once it is over: what the phone heard and what the worker wrote."""

from dataclasses import dataclass

from records import CallView
from rehearsal.phone.caller import CallerResult
from rehearsal.phone.measure import Measures
from rehearsal.phone.utterances import Spoken

# The BYE comes after the last word, not into it.
TAIL_S = 0.2
# The shortest of the clips that end a call; what is shorter was cut, or is another sentence.
FAREWELL_S = 4.0
# Pauses within a sentence of the clips' voice.
BREATH_S = 0.45


@dataclass(frozen=True)
class Made:
    """One call that is over: what the phone heard and what the worker wrote."""

    result: CallerResult
    heard: Measures
    record: CallView | None

    @property
    def call(self) -> CallView:
        """Its record, which must be there."""
        assert self.record is not None, f"no record; the phone says {self.result.gave_up}"
        return self.record

    @property
    def clips(self) -> list[str]:
        """The words of the fixed clips that the caller heard."""
        return [turn.text for turn in self.call.turns if turn.speaker == "clip"]

    @property
    def said(self) -> str:
        """Everything the agent said, clips too."""
        return spoken(self.call)

    @property
    def silences(self) -> list[Spoken]:
        """Stretches of 3 s and more in which the caller waited in vain for a voice."""
        last = self.heard.agent[-1].end_s if self.heard.agent else 0.0
        own = () if self.closed_by_desk else [s for s in self.heard.dead_air if s.start_s >= last]
        return [silence for silence in self.heard.dead_air if silence not in own]

    @property
    def ended_s(self) -> float:
        """When the line closed, on the phone's timeline."""
        assert self.result.call.ended is not None
        return self.result.call.ended.at_s

    @property
    def closed_by_desk(self) -> bool:
        """Whether the other side hung up."""
        return self.result.call.ended is not None and self.result.call.ended.by == "other"

    @property
    def farewell(self) -> Spoken:
        """The sentence before the line closed, which was heard whole."""
        spoke = list(self.heard.agent)
        last = spoke.pop()
        while spoke and last.start_s - spoke[-1].end_s < BREATH_S:
            last = Spoken(spoke.pop().start_s, last.end_s)
        assert last.end_s - last.start_s > FAREWELL_S, f"cut short: {self.heard.agent}"
        assert self.ended_s - last.end_s >= TAIL_S, f"cut off at {self.ended_s:.2f}: {last}"
        return last

    def speech_after(self, at_s: float, *, least_s: float = 0.0) -> Spoken:
        """The agent's first speech that begins after `at_s` and lasts `least_s`."""
        found = [s for s in self.heard.agent if s.start_s > at_s and s.end_s - s.start_s >= least_s]
        assert found, f"no speech of {least_s:g} s after {at_s:.2f}: {self.heard.agent}"
        return found[0]

    def at_s(self, wall: float) -> float:
        """A time since 1970, as the worker wrote it, on the phone's timeline."""
        assert self.call.answered_at is not None
        assert self.result.call.answered_s is not None
        return wall - self.call.answered_at + self.result.call.answered_s


def spoken(call: CallView) -> str:
    """Everything the agent's side said on a call, clips too."""
    return " ".join(turn.text for turn in call.turns if turn.speaker != "caller")
