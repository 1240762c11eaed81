"""A question that code asks and waits for: what is an answer, and when to ask once more. Pure.

`agent.consent` keeps a `Question` up to date from what the caller says and presses, and asks
`decide` ten times a second. A yes must come from a turn that began after the question had been
heard whole; a no counts from anywhere. The promise behind the numbers: nobody hears 3 s of silence,
and nobody is held up for long, whatever they say.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Literal, TypeAlias

from records.consent import Owed
from tools.confirm import Reply, classify
from tools.heard import normal_words
from tools.lexicon import Lexicon

# Until the next clip is heard half a second goes by, and a voice's end is told 0.25 s late: the
# third second of silence is never full.
ANSWER_S = 2.0
# Words that are to come are given less: after a yes the model takes its time to open.
WORDS_S = 1.8
# With the question once more, time for its answer and the last sentence, the opening is heard
# within 15 s of the answer.
LATEST_AGAIN_S = 7.0
LATEST_S = 12.0

By: TypeAlias = Literal["voice", "key", ""]


class Answer(StrEnum):
    """What became of it."""

    NOT_NEEDED = "not_needed"
    ANNOUNCED = "announced"
    GRANTED = "granted"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


MAY_BE_KEPT = frozenset({Answer.NOT_NEEDED, Answer.ANNOUNCED, Answer.GRANTED})


@dataclass(frozen=True)
class Settled:
    """What was owed, what became of it, how it was said and how often the caller was asked."""

    owed: Owed
    answer: Answer
    by: By = ""
    asked: int = 0


class Step(Enum):
    """What to do about an open question."""

    WAIT = auto()
    ASK_AGAIN = auto()
    GRANTED = auto()
    REFUSED = auto()
    NO_ANSWER = auto()


@dataclass
class Question:
    """What has come of a question so far. Times are seconds on the call's clock."""

    began_at: float
    asked: int = 0
    put: bool = False
    """Whether it has been heard whole: nobody agrees to what they have not heard."""
    informed: dict[str, bool] = field(default_factory=dict)
    """Turns since it was asked first, by the model's name for them: was it put when they began?"""
    awaited: set[str] = field(default_factory=set)
    """Those whose words are to come."""
    reply: Reply | None = None
    """The clear answer; a no wins."""
    unclear: bool = False
    """Whether words came that are no answer, since it was asked last."""
    by: By = ""

    def asked_again(self) -> None:
        """It is said once more, and words that have not come by now may never."""
        self.asked += 1
        self.unclear = False
        self.awaited.clear()

    def turn_began(self, item: str) -> None:
        """The caller has begun to say something."""
        self.informed[item] = self.put
        self.awaited.add(item)

    def said(self, text: str, item: str, lexicon: Lexicon) -> None:
        """The words of a turn; "" if it was a noise, which says nothing."""
        self.awaited.discard(item)
        # What was said before the question answers none.
        if not text.strip() or item not in self.informed:
            return
        reply = meaning(text, lexicon)
        if reply is Reply.NO or (reply is Reply.YES and self.informed[item]):
            self._answered(reply, "voice")
        elif self.reply is None or reply is Reply.DOUBT:
            self.unclear = True
            # "Yes. Wait, why?" is no yes any more; "Yes. It is about my order." is one.
            self.reply = None if self.reply is Reply.YES else self.reply

    def pressed(self, key: str, lexicon: Lexicon) -> None:
        """A key; others than those for yes and no say nothing."""
        reply = {"yes": Reply.YES, "no": Reply.NO}.get(lexicon.keys.get(key, ""))
        if reply is Reply.NO or (reply is Reply.YES and self.put):
            self._answered(reply, "key")
            self.awaited.clear()

    def _answered(self, reply: Reply, by: By) -> None:
        if self.reply is not Reply.NO:
            self.reply, self.by = reply, by


def meaning(text: str, lexicon: Lexicon) -> Reply:
    """What a turn says to "may we?"; "one" is what the key says."""
    if (said := normal_words(text)) and len(said) == 1 and said[0] in lexicon.keys:
        text = lexicon.keys[said[0]]
    return classify(text, values=(), action_words=frozenset(), lexicon=lexicon)


def decide(question: Question, *, caller_speaking: bool, quiet_since: float, now: float) -> Step:
    """What `question` calls for at `now`, while nothing of ours is being said.

    Args:
        question: what has come of it.
        caller_speaking: whether the caller's voice is heard.
        quiet_since: end of the last sound of either side.
        now: the time.
    """
    late = now - question.began_at >= LATEST_S
    if late or not (caller_speaking or question.awaited):
        if question.reply is not None:
            return Step.GRANTED if question.reply is Reply.YES else Step.REFUSED
        if late:
            return Step.NO_ANSWER
    understood_nothing = question.unclear and not question.awaited
    quiet = now - quiet_since >= (WORDS_S if question.awaited else ANSWER_S)
    if caller_speaking or not (quiet or understood_nothing):
        return Step.WAIT
    # Words that are no answer or were never written down, or a question that was cut off.
    worth_it = question.unclear or bool(question.awaited) or not question.put
    once_more = question.asked < 2 and now - question.began_at <= LATEST_AGAIN_S
    return Step.ASK_AGAIN if worth_it and once_more else Step.NO_ANSWER
