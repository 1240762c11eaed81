"""The action of a call that waits for the caller's yes, if one does.

Owned by `tools.gate`, which decides what an answer allows; what was answered is read off the
transcripts by `tools.confirm`.
"""

from collections.abc import Awaitable, Callable

from records.ledger import AlreadyDone, Intent
from tools import sentences
from tools.confirm import YES_EXPIRES_S, Pending, ReadBack, can_be_agreed_to, consent
from tools.ending import Ended, duplicate
from tools.errors import NotAllowed
from tools.hearing import Hearing
from tools.lexicon import Lexicon
from tools.outcome import Outcome
from tools.verdict import Consent

TRANSCRIPT_WAIT_S = 1.5


class Asking:
    """At most one action at a time; another question takes the place of the one before."""

    def __init__(self, hearing: Hearing, lexicon: Lexicon, clock: Callable[[], float]) -> None:
        self._hearing, self._lexicon, self._clock = hearing, lexicon, clock
        self._pending: Pending | None = None
        self._told_done: tuple[Intent, int] | None = None

    @property
    def waits(self) -> bool:
        """Whether the caller owes an answer that would still count."""
        asked = self._pending
        return asked is not None and self._clock() - asked.asked_at <= YES_EXPIRES_S

    def forget(self) -> None:
        """Nothing waits any more."""
        self._pending = None

    def spend(self) -> bool:
        """Use up the yes; whether it was one to doing the same once more."""
        pending, self._pending = self._pending, None
        return pending is not None and pending.again

    async def consent(self, intent: Intent, action_words: frozenset[str]) -> Consent:
        """What the caller has said to this action, waiting a little for late transcripts."""
        pending = self._pending
        if pending is None or pending.intent != intent:
            return Consent.NOT_ASKED
        now = self._clock()

        def read() -> Consent:
            heard, words = self._hearing, action_words
            return consent(pending, heard, now=now, action_words=words, lexicon=self._lexicon)

        if read() not in (Consent.WAITING, Consent.NOT_ASKED):
            await self._hearing.until(
                lambda: self._hearing.all_transcribed() and read() is not Consent.NOT_READ_BACK,
                within_s=TRANSCRIPT_WAIT_S,
            )
        return read()

    def still(self, said: Consent) -> Ended | None:
        """The question that is open already, if the caller has not answered it."""
        if said is Consent.WAITING and self._pending is not None:
            return _question(self._pending.read_back, said)
        return None

    async def ask(
        self,
        intent: Intent,
        read_back: Callable[[], Awaitable[ReadBack]],
        *,
        done: AlreadyDone | None,
        said: Consent,
    ) -> Ended:
        """Put the question; `done` is what the wish led to before.

        Whoever wishes for what was done hears so first, and is asked once they insist.
        """
        self._pending = None
        if done is not None and not self._insists(intent):
            return duplicate(done.result)
        try:
            asked = await read_back()
        except NotAllowed:
            if done is None:
                raise
            return duplicate(done.result)
        if not can_be_agreed_to(asked):
            # Numbers side by side, for example: no yes to it would ever count.
            raise NotAllowed("not_sayable", sentences.NOT_SAYABLE)
        self._pending = Pending(
            intent=intent,
            read_back=asked,
            asked_at=self._clock(),
            turns=len(self._hearing.turns),
            utterances=len(self._hearing.utterances),
            again=done is not None,
        )
        return _question(asked, said)

    def _insists(self, intent: Intent) -> bool:
        """Whether the caller has spoken since they were told that it is done already."""
        turns = len(self._hearing.texts())
        told, self._told_done = self._told_done, (intent, turns)
        return told is not None and told[0] == intent and told[1] < turns


def _question(read_back: ReadBack, said: Consent) -> Ended:
    unclear = said in (Consent.UNCLEAR, Consent.NOT_READ_BACK)
    return Ended(
        Outcome.NEEDS_YES,
        said.value,
        f"{read_back.say} {sentences.BY_KEY}" if unclear else read_back.say,
        {"next_step": sentences.ASK_THEN_USE_AGAIN},
    )
