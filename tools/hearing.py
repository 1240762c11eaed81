"""Who said what, in which order, on one call. The caller's transcript is the trusted input.

Turns are counted when they begin, because a transcript may come later than the tool call which the
turn causes. Fed by the gate's owner, read by `gate` and `confirm`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

# A transcript that has not come by then never will: the turn was a cough or a noise.
TRANSCRIPT_LOST_S = 8.0


@dataclass
class Turn:
    """One turn of the caller; `text` is None until its transcript has arrived.

    `item` is what the model calls it, so that transcripts may come in any order.
    """

    began_at: float
    text: str | None = None
    item: str = ""


@dataclass(frozen=True)
class Utterance:
    """What the agent said. `began_at` None means not told: then the order of arrival counts.

    `after_turn` is how many of the caller's turns had begun when it arrived.
    """

    text: str
    after_turn: int
    began_at: float | None


@dataclass
class Hearing:
    """The conversation so far. `clock` is the gate's, in seconds."""

    clock: Callable[[], float]
    turns: list[Turn] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def caller_turn_started(self, item: str = "") -> None:
        """A turn begins; its transcript comes later, or never."""
        self.turns.append(Turn(self.clock(), item=item))
        self._tell()

    def caller_said(self, text: str, item: str = "") -> None:
        """The transcript of the turn of that name; without one, of the oldest that lacks one, else
        of a turn by itself."""
        if named := next((turn for turn in self.turns if item and turn.item == item), None):
            named.text = text
            self._tell()
            return
        lost_before = self.clock() - TRANSCRIPT_LOST_S
        open_turns = [turn for turn in self.turns if turn.text is None]
        for turn in open_turns[:-1]:
            if turn.began_at < lost_before:
                turn.text = ""
        oldest = next((turn for turn in open_turns if turn.text is None), None)
        if oldest is None:
            oldest = Turn(self.clock())
            self.turns.append(oldest)
        oldest.text = text
        self._tell()

    def caller_keyed(self, word: str) -> None:
        """A turn by itself that was pressed, not spoken; no transcript will come for it."""
        self.turns.append(Turn(self.clock(), word))
        self._tell()

    def agent_said(self, text: str, began_at: float | None = None) -> None:
        """What the agent spoke, as far as it was heard."""
        self.utterances.append(Utterance(text, len(self.turns), began_at))
        self._tell()

    def texts(self) -> list[str]:
        """Everything the caller has said so far, turn by turn."""
        return [turn.text for turn in self.turns if turn.text]

    def all_transcribed(self) -> bool:
        """Whether no transcript is outstanding that can still come."""
        lost_before = self.clock() - TRANSCRIPT_LOST_S
        return all(turn.text is not None or turn.began_at < lost_before for turn in self.turns)

    async def until(self, condition: Callable[[], bool], *, within_s: float) -> bool:
        """Wait until `condition` holds, at most `within_s`; whether it does."""
        try:
            async with asyncio.timeout(within_s):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return condition()
        return True

    def _tell(self) -> None:
        self._news.set()
