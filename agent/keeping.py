"""What is kept of a call while it goes on: what was said, its sound, what it used and cost.

Owned by `agent.call`. `agent.conversation` and `agent.ears` tell what happens; words are redacted
here before anybody writes them, sound is silenced by what is in the words, and nothing of either is
kept before the caller's consent. Facts that hold nothing of anybody are kept in any case.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import structlog

from agent.budget import CallBudget, Spending, micro_of
from agent.profile import Profile
from agent.question import MAY_BE_KEPT, Settled
from agent.recorder import Recorder
from agent.reports import Consented, Happened, Report, Spent
from agent.turns import on_the_wall
from agent.usage import usage_of
from records import Journal, Keeping
from records.costing import Terms, total_micro
from records.prices import PriceBook
from records.recording import Gap, Kept, Reason
from records.recording.files import name_of
from records.redaction import Kind, Listener, Redactor, Secrets
from records.settings import RecordingStorage
from records.view import Tokens
from tools.keypad import Secret

AGENT = "agent"
# The words of a turn come within seconds of its end. What waits for them is held back, and silenced
# for being too old after `records.recording.timeline.MOST_HELD_S`, with all that comes after it.
WORDS_WITHIN_S = 20.0

log = structlog.get_logger(__name__)


class Recording(Protocol):
    """The recorder of the call, as far as it is told what happens; see `agent.recorder`."""

    @property
    def began_at(self) -> float | None:
        """Seconds since 1970 of its first sample; None before it was started."""

    def start(self) -> None:
        """Record from now on."""

    def turn_began(self, at: float, item: str) -> None:
        """Hold back what is heard from `at` on."""

    def turn_over(self, item: str, card: bool, ended_at: float | None = None) -> None:
        """Let it go, or silence it."""

    def turn_lost(self, item: str, ended_at: float | None = None) -> None:
        """Silence it: nobody will know its words."""

    def pause(self, reason: Reason) -> None:
        """Hear nothing."""

    def resume(self, reason: Reason) -> None:
        """Hear again."""

    async def close(self) -> Kept | None:
        """End it. Raises TimeoutError."""

    async def discard(self) -> None:
        """Leave nothing of it. Raises TimeoutError."""


class Keeper:
    """The record of one call, as it grows. Times are monotonic seconds.

    Args:
        recording: none where the profile keeps no sound.
        listener: redacts what is said, in the order of the call.
        budget: counts what it costs.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        tell: Callable[[Report], None],
        profile: Profile,
        listener: Listener,
        budget: CallBudget,
        recording: Recording | None,
    ) -> None:
        self._journal, self._tell, self._profile = journal, tell, profile
        self._listener, self._budget, self._recording = listener, budget, recording
        self._keeps = False
        self._unkept_since: tuple[float, Reason] | None = None
        self._turns: dict[int, int] = {}
        """The entry of each turn of which words are kept, as the listener counts turns."""
        self._wordless: dict[str, float | None] = {}
        """Turns that are held back for their words, and since when their voice is over."""
        self._spent_micro = 0
        self._stopped = False
        self._paused: tuple[float, Reason] | None = None

    # Consent.

    def answered(self, at: float) -> None:
        """The line is up: what is heard before consent is a gap from here on."""
        self._budget.answered(on_the_wall(at))
        if self._unkept_since is None and not self._keeps:
            self._unkept_since = on_the_wall(at), "before_consent"

    def settled(self, settled: Settled, *, counts: bool = True) -> None:
        """What the caller was owed, and what they answered."""
        policy, answer = settled.owed.policy.value, settled.answer.value
        self._journal.write(
            "consent", policy=policy, jurisdiction=settled.owed.jurisdiction, answer=answer
        )
        if counts:
            self._tell(Consented(policy=policy, answer=answer))
        now = time.time()
        self._end_gap(now)
        self._keeps = settled.answer in MAY_BE_KEPT
        if not self._keeps:
            self._unkept_since = now, "refused"
        elif self._recording is not None:
            self._recording.start()
            began_at = self._recording.began_at
            self._journal.write("recording", name=name_of(self._journal.call_id), began_at=began_at)

    # What is said.

    def turn(self, speaker: Literal["caller", "agent"], text: str, item: str, **facts: Any) -> None:
        """One side's words, once they are known; `item` is the caller's turn at the model."""
        heard = self._listener.hear(text, by=speaker)
        for kind in heard.redacted.found:
            self._tell(Happened(what="redaction", why=kind.value))
        keeps = self._keeps and self._profile.recording.transcript
        words = heard.redacted.text if keeps else ""
        number = self._journal.write("turn", speaker=speaker, text=words, **facts)
        if keeps:
            self._turns[heard.turn] = number
        for earlier in heard.earlier:
            # What was said before consent is not written down afterwards.
            if earlier.turn in self._turns:
                of = self._turns[earlier.turn]
                self._journal.write("reworded", of=of, text=earlier.text)
        self._over(item, card=heard.redacted.holds_card_data)

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a tool was given as far as it may be kept: no card, nothing that the office told in
        confidence, and nothing without consent."""
        if not self._keeps:
            return {}
        redacted, found = self._listener.redactor.redact_all(dict(given))
        return redacted if {Kind.CARD, Kind.CVV, Kind.SECRET}.intersection(found) else dict(given)

    def agent_began(self, at: float) -> None:
        """The agent's words begin to sound; they may be a card number said back."""
        self._over(AGENT, card=False)
        if self._recording is not None:
            self._wordless[AGENT] = None
            self._recording.turn_began(at, AGENT)

    def agent_ended(self, at: float) -> None:
        """The agent fell silent: its words come now, unless it was cut off before any."""
        if AGENT in self._wordless:
            self._wordless[AGENT] = at

    def model_event(self, event: Mapping[str, Any]) -> None:
        """An event of the model's server: what it used, and where turns begin and end."""
        profile = self._profile
        used = usage_of(event, model=profile.model, transcription_model=profile.transcription_model)
        if used is not None:
            self._use(used, spoken=event.get("type") == "response.done")
        item, now = str(event.get("item_id", "")), time.monotonic()
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                # Without a transcript nobody would ever say that it is over.
                if self._recording is not None and profile.transcription_model:
                    self._wordless[item] = None
                    self._recording.turn_began(now, item)
            case "input_audio_buffer.speech_stopped" if item in self._wordless:
                self._wordless[item] = now
            case "conversation.item.input_audio_transcription.completed":
                # With words it is over once they were looked through.
                if not event.get("transcript"):
                    self._over(item, card=False)
            case "conversation.item.input_audio_transcription.failed":
                self._over(item, card=False)
        voices = self._wordless.items()
        self._lose([i for i, at in voices if at is not None and now - at > WORDS_WITHIN_S])

    def model_reconnected(self) -> None:
        """The connection was lost, and with it the words of what the caller was saying."""
        self._lose([item for item in self._wordless if item != AGENT])

    # What nobody may hear.

    def keys_awaited(self, secret: Secret | None) -> None:
        """The caller is to enter something: until it is None nobody hears or records them."""
        now = time.time()
        if self._paused is not None:
            (began_at, reason), self._paused = self._paused, None
            if self._recording is not None:
                self._recording.resume(reason)
            elif self._keeps and self._profile.recording.keeps_words:
                # The recorder would tell of it.
                self.gap(Gap(began_at, now, reason))
        if secret is not None:
            reason = "card_entry" if secret is Secret.CARD else "keys_awaited"
            self._paused = now, reason
            if self._recording is not None:
                self._recording.pause(reason)

    def gap(self, gap: Gap) -> None:
        """A span that is not in the recording."""
        self._journal.write("gap", began_at=gap.began_at, ended_at=gap.ended_at, reason=gap.reason)

    # What it costs.

    def budget_is_spent(self) -> bool:
        """Whether the call is to end for what it has cost; told once."""
        spent = self._budget.decide(time.time()) is Spending.END_POLITELY
        if not spent or self._stopped:
            return False
        self._stopped = True
        self._tell(Happened(what="budget_stop", why="call"))
        return True

    def _use(self, used: Tokens, *, spoken: bool) -> None:
        self._budget.used(used)
        tokens = used.model_dump(exclude={"model", "transcribed_ms"})
        self._tell(Spent(by="speech" if spoken else "transcription", **tokens))
        self._journal.write("usage", **used.model_dump())
        spent = total_micro(self._budget.lines(time.time()))
        if spent != self._spent_micro:
            self._spent_micro = spent
            self._journal.write("spent", micro=spent)

    # The end.

    async def close(self) -> None:
        """The line is closed: end the recording, and forget what was heard."""
        self._end_gap(time.time())
        self._over(AGENT, card=False)
        self._listener.forget()
        if self._recording is None:
            return
        try:
            if not self._keeps:
                await self._recording.discard()
                return
            kept = await self._recording.close()
        except TimeoutError:
            log.error("the disk holds up the end of a recording; the parent closes it")  # noqa: TRY400
            self._tell(Happened(what="recording", why="failed"))
            return
        if kept is None:
            self._tell(Happened(what="recording", why="failed"))
        else:
            self._journal.write(
                "recorded", seconds=kept.seconds, bytes=kept.bytes, sha256=kept.sha256
            )

    def _lose(self, items: Sequence[str]) -> None:
        for item in items:
            ended_at = self._wordless.pop(item)
            if self._recording is not None:
                self._recording.turn_lost(item, ended_at)

    def _over(self, item: str, *, card: bool) -> None:
        self._wordless.pop(item, None)
        if self._recording is not None and item:
            self._recording.turn_over(item, card)

    def _end_gap(self, now: float) -> None:
        if self._unkept_since is not None:
            (began_at, reason), self._unkept_since = self._unkept_since, None
            if self._profile.recording.keeps_words and now > began_at:
                self.gap(Gap(began_at, now, reason))


def open_keeper(
    profile: Profile,
    keeping: Keeping,
    *,
    terms: Terms,
    book: PriceBook,
    secrets: Secrets,
    tell: Callable[[Report], None],
) -> tuple[Keeper, Recorder | None]:
    """Who keeps a call of `profile`; and its recorder, where the profile keeps sound.

    `secrets` is what tools are told in confidence.
    """
    recorder = None
    if profile.recording.audio:
        storage = RecordingStorage()
        recorder = Recorder(
            keeping.journal.call_id,
            keeping.journal.key.key,
            storage.waiting,
            most_backlog_bytes=storage.most_backlog_bytes,
            # The keeper is told of the recorder, and comes after it.
            on_gap=lambda gap: keeper.gap(gap),  # noqa: PLW0108
        )
    budget = CallBudget(
        book=book,
        terms=terms,
        limit_micro=micro_of(profile.budget.call),
        started_at=time.time(),
    )
    keeper = Keeper(
        journal=keeping.journal,
        tell=tell,
        profile=profile,
        listener=Listener(Redactor(region=profile.recording.region, secrets=secrets)),
        budget=budget,
        recording=recorder,
    )
    return keeper, recorder
