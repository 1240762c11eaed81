"""What must be true of a call before a tool may run.

A policy is data. It is declared beside its tool, decided by one pure function, `tools.verdict`, and
enforced in one place, `tools.gate`. The prompt may ask the model to behave; this module does not
rely on it.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from records.witness import Witness
from tools.outcome import FAILED, Outcome


class Effect(Enum):
    """What a tool does to the world."""

    READ = "read"
    WRITE = "write"
    IRREVERSIBLE = "irreversible"


class Assurance(IntEnum):
    """How sure we are of who is calling."""

    NONE = 0
    NUMBER = 1
    """The calling number belongs to one customer. Numbers can be forged: a hint."""
    KNOWLEDGE = 2
    """The caller said something that only the customer should know."""
    CODE = 3
    """The caller entered a one-time code."""


@dataclass(frozen=True)
class Money:
    """Whoever uses the tool moves money: `argument` is how much, in cents; the most that may be
    moved without a person, at once and for one caller in a day."""

    argument: str
    most_cents: int
    most_per_day_cents: int


@dataclass(frozen=True)
class Fallback:
    """What a caller is offered when a tool has failed them: `say` follows the gate's own sentence,
    `tool` is what the model may then use, if the profile offers it; without it nothing is said."""

    say: str
    tool: str = ""


@dataclass(frozen=True)
class Policy:
    """Limits and conditions of one tool. The defaults are the careful ones.

    `deadline_s` holds for the whole use, answers that drip included; `try_s` for one request.
    `tries` counts requests; more than one only for reads, and for writes whose key the back end
    honours. `gives_code`: its refusals have a `code`; of one that gives none the status is enough.
    `action_words` are words that in a read-back mean doing it ("cancel"), so that they
    are not taken for a no. `answer_bytes` is the most that one answer of the office may hold.
    `money` sets a ceiling. `once_s` is how long one doing of a write answers the same wish, on
    whatever call. Writes with the same `topic` undo each other (a booking, its cancellation), so
    that the first may be wished again; `topic_argument` says which order or visit is meant.
    `own_record`: what is changed is a follow-up of our own, so the office is not asked what became
    of it. `freshness_s` is how old a read's answer may be, on one call, before it is fetched again.
    `in_hours`: only while the company is open. `fallback` is offered after a failure. After
    `escalate_after` outcomes of `escalate_on` on one call the caller is offered a person instead.
    """

    effect: Effect = Effect.READ
    deadline_s: float = 4.0
    try_s: float = 1.5
    tries: int = 2
    honours_key: bool = True
    gives_code: bool = True
    assurance: Assurance = Assurance.KNOWLEDGE
    spoken_yes: bool = False
    action_words: frozenset[str] = frozenset()
    times_per_call: int = 10
    times_per_day: int | None = None
    answer_bytes: int = 65_536
    once_s: float = 86_400.0
    topic: str = ""
    topic_argument: str = ""
    money: Money | None = None
    own_record: bool = False
    freshness_s: float = 0.0
    in_hours: bool = False
    fallback: Fallback | None = None
    escalate_after: int = 2
    escalate_on: frozenset[Outcome] = FAILED

    def __post_init__(self) -> None:
        if not 0 < self.try_s <= self.deadline_s:
            raise ValueError("try_s must be above 0 and at most deadline_s")
        if self.tries < 1 or self.times_per_call < 1 or self.answer_bytes < 1:
            raise ValueError("tries, times_per_call and answer_bytes must be at least 1")
        if self.escalate_after < 1:
            raise ValueError("escalate_after must be at least 1")
        if self.once_s < self.deadline_s:
            raise ValueError("once_s must be at least deadline_s")
        if self.freshness_s and self.writes:
            raise ValueError("only what a read answers can be fresh")
        if self.effect is Effect.IRREVERSIBLE and not self.spoken_yes:
            raise ValueError("what cannot be undone needs a spoken yes")
        if self.writes and not self.honours_key and self.tries > 1:
            raise ValueError("a write is tried again only if the back end honours its key")

    @property
    def writes(self) -> bool:
        """Whether the tool changes anything."""
        return self.effect is not Effect.READ

    @property
    def witness(self) -> Witness:
        """Who can say what became of a write, if its job cannot."""
        if self.own_record:
            return Witness.RECORD
        return Witness.OFFICE if self.honours_key else Witness.NOBODY
