"""What a caller says as text, for sessions that nobody speaks into; and how far that has come.

Sound is the rule here. Where many calls are made to see what becomes of their records, the words
are ordered before: the session acts as if it had heard them, and everything from its events on is
as in any other call. Filled by `model.control`, said by `model.session`.
"""

import asyncio
import itertools
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Moment = Literal["taken", "greeted", "answered"]
"""A session has taken them; its greeting is over; all of them are answered, and that was heard."""
# A caller in a hurry takes as long for a word.
WORD_S = 0.12


class Words(BaseModel):
    """POST /rehearsal/words: what is said in one session to come."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: str = Field(min_length=1, description="what the instructions of that session hold")
    turns: tuple[str, ...] = ()
    pause_s: float = Field(default=0.3, ge=0, description="before each turn, once all is quiet")


class Spoken:
    """Words on their way."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._reached: dict[Moment, asyncio.Event] = {}

    def reach(self, moment: Moment) -> None:
        """It has come so far."""
        self._of(moment).set()

    async def reached(self, moment: Moment) -> None:
        """Return once it has come so far."""
        await self._of(moment).wait()

    def _of(self, moment: Moment) -> asyncio.Event:
        return self._reached.setdefault(moment, asyncio.Event())


class Wordbook:
    """All that is to be said and has been said, by number, until it is forgotten."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Spoken] = {}
        self._known: dict[int, Spoken] = {}

    def add(self, words: Words) -> int:
        """Keep them for the next session on their line; their number."""
        number = next(self._numbers)
        self._waiting[number] = self._known[number] = Spoken(words)
        return number

    def take(self, instructions: str) -> Spoken | None:
        """The oldest words that a session with these instructions is to hear."""
        for number, spoken in self._waiting.items():
            if spoken.words.line in instructions:
                del self._waiting[number]
                spoken.reach("taken")
                return spoken
        return None

    def find(self, number: int) -> Spoken | None:
        """Those of this number."""
        return self._known.get(number)

    def forget(self, number: int) -> None:
        """Take them back, if no session has them yet, and know of them no more."""
        self._waiting.pop(number, None)
        self._known.pop(number, None)
