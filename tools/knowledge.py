"""What a company says about itself: a file with a version, and the one answer that fits a question.

Nothing is made up from it: an answer is told as it is written, or the question has none. A question
finds its entry by its words, weighted by how few entries have them; if half of that weight is not
in the entry, it was about something else. Pure, but for reading the file.
"""

import math
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from configs import load
from tools.heard import words

# A question of which less is found was about something else.
COVERED = 0.5
ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly")
SHORTEST_STEM = 3
SAYING_NOTHING = frozenset(
    """
    a about an and any are as at be by can could do does for from get give have hello hi how i if in
    is it its know like me my no of on one or our please some tell than thank thanks that the their
    there they this to us want was we what when where which who why will with would you your
    """.split()  # noqa: SIM905 - a table is easier to read than to quote
)


class Entry(BaseModel):
    """One question with other ways of asking it, and the answer, fit to be spoken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=3)
    also: tuple[str, ...] = ()
    answer: str = Field(min_length=3, max_length=600)


class Knowledge(BaseModel):
    """A company's answers. `version` goes into the record of every answer given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1, max_length=40)
    entries: tuple[Entry, ...] = Field(min_length=1)

    def search(self, question: str) -> Entry | None:
        """The entry that answers `question`, or None if none does."""
        asked = _stems(question)
        known = [(entry, _stems(entry.question, *entry.also)) for entry in self.entries]
        weights = {stem: _weight(stem, (stems for _, stems in known)) for stem in asked}
        if not asked:
            return None

        def found(stems: frozenset[str]) -> float:
            return sum(weights[stem] for stem in asked & stems)

        # Of two that have as much, the one that is mainly about it.
        best, its = max(known, key=lambda one: (found(one[1]), found(_stems(one[0].question))))
        return best if found(its) > COVERED * sum(weights.values()) else None


def load_knowledge(file: Path) -> Knowledge:
    """Read the file.

    Raises:
        configs.ConfigError: with every mistake and its line.
    """
    return load(file, Knowledge)


def _stems(*texts: str) -> frozenset[str]:
    said = {word for text in texts for word in words(text)} - SAYING_NOTHING
    return frozenset(map(_stem, said))


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e") if len(word) > SHORTEST_STEM else word


def _weight(stem: str, entries: Iterable[frozenset[str]]) -> float:
    """The more the fewer entries have it; most if none has."""
    having = [stem in stems for stems in entries]
    return math.log(1 + len(having) / (sum(having) + 0.5))
