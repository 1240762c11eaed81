"""The one door between the model and the business: every tool use of a call passes `Gate.use`.

Owned by one call. It checks name and arguments, identity, consent and limits, holds the deadline,
gives writes their once-key, and turns whatever happens into an answer from the closed set of
outcomes. The model is taken to be hostile, the caller's transcript to be true.
"""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import BaseModel

from records.ledger import UNKNOWN, AlreadyDone, Intent, Ledger
from tools import sentences
from tools.arguments import InvalidArguments, as_recorded, parse_arguments
from tools.breaker import Breaker
from tools.call import Call, CallFacts, ToDo
from tools.catalogue import Tool, ToolSpec
from tools.confirm import Pending, ReadBack, consent
from tools.ending import Ended, duplicate, ended_by, succeeded
from tools.errors import NotAllowed, ToolError
from tools.heard import digit_runs
from tools.hearing import Hearing
from tools.identity import Identity
from tools.knowledge import Knowledge
from tools.limits import Limits
from tools.office import Errand, Office
from tools.once import Once
from tools.outcome import UNREGISTERED, Answer, Outcome, ToolUse
from tools.policy import Assurance, Consent, Policy, Standing, Verdict, decide
from tools.shared import Shared

TRANSCRIPT_WAIT_S = 1.5
# A model that runs in circles is stopped before it keeps the office busy.
MOST_USES_PER_CALL = 200

# What a caller is let down by; a refusal has its own way on.
FAILURES = {Outcome.TIMEOUT, Outcome.UNAVAILABLE, Outcome.MALFORMED, Outcome.UNKNOWN}
ANSWERED = {Outcome.OK, Outcome.REFUSED, Outcome.NEEDS_YES}
PERSON = "ask_for_person"

log = structlog.get_logger()


@dataclass
class _Use:
    """One use under way: what is known of it so far."""

    began: float
    started_at: datetime
    tool: str = UNREGISTERED
    writes: bool = False
    key: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    errand: Errand | None = None
    promising: bool = False
    """Whether a follow-up of our own is being opened, or was."""
    taken: tuple[str, int] | None = None
    """Whose limits were taken from, and how many cents."""

    @property
    def in_doubt(self) -> bool:
        """Whether something was changed, or may have been."""
        asked = self.errand is not None and (self.errand.unsettled or self.errand.changed)
        return asked or self.promising


class _Promises:
    """Follow-ups as one use opens them: from then on it is in doubt what became of it."""

    def __init__(self, follow_ups: ToDo, use: _Use) -> None:
        self._follow_ups, self._use = follow_ups, use

    async def open(self, **what: Any) -> None:
        self._use.promising = True
        await self._follow_ups.open(**what)

    async def has(self, tool_use: str) -> bool:
        return await self._follow_ups.has(tool_use)


class Gate:
    """The tools of one call. `on_use` hears of every use once, when it has ended."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        office: Office,
        ledger: Ledger,
        follow_ups: ToDo,
        shared: Shared,
        call: CallFacts,
        on_use: Callable[[ToolUse], None],
        knowledge: Knowledge | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tools = dict(tools)
        self._office = office
        self._once, self._follow_ups = Once(ledger, follow_ups), follow_ups
        self._facts = call
        self._on_use = on_use
        self._knowledge = knowledge
        self._clock = clock
        self._hearing = Hearing(clock)
        self._identity = Identity(call.caller_number, shared)
        self._limits = Limits(shared, call.today)
        self._breakers = {
            name: Breaker(shared, name, trial_s=tool.policy.deadline_s)
            for name, tool in tools.items()
            if not tool.policy.own_record
        }
        self._uses = 0
        self._runs: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._pending: Pending | None = None
        self._told_done: tuple[Intent, int] | None = None
        self._writing = asyncio.Lock()

    def offered(self) -> list[ToolSpec]:
        """What to tell the model: name, description and JSON schema of each tool."""
        return [tool.spec for tool in self._tools.values()]

    def caller_turn_started(self) -> None:
        """The caller began a turn; its transcript may come later, even after a tool call."""
        self._hearing.caller_turn_started()

    def caller_said(self, text: str) -> None:
        """Transcript of the caller's finished turn; "" for a turn without words."""
        self._hearing.caller_said(text)

    def agent_said(self, text: str, *, began_at: float | None = None) -> None:
        """Transcript of what the agent spoke, as far as heard; `began_at` on the gate's clock."""
        self._hearing.agent_said(text, began_at)

    def keep(self, use: ToolUse) -> None:
        """A use that was turned away before it came here, told like those that did."""
        self._on_use(use)

    async def use(self, name: str, arguments: str) -> Answer:
        """Do what the model asks, if it may be done. Takes raw JSON; raises only when cancelled."""
        use = _Use(began=self._clock(), started_at=datetime.now(UTC))
        tool = self._tools.get(name)
        if tool is None or not tool.policy.writes:
            return await self._used(use, name, arguments)
        # One write at a time, its end included: the next one must find it written down.
        try:
            async with asyncio.timeout(tool.policy.deadline_s):
                await self._writing.acquire()
        except TimeoutError:
            use.tool = name
            ended = ended_by(None, writes=True, in_doubt=False)
            self._record(use, ended)
            return ended.answer()
        try:
            return await self._used(use, name, arguments)
        finally:
            self._writing.release()

    async def _used(self, use: _Use, name: str, arguments: str) -> Answer:
        try:
            ended = await self._guarded(use, name, arguments)
        except asyncio.CancelledError:
            ended = Ended(Outcome.CANCELLED, "in_doubt" if use.in_doubt else "")
            await asyncio.shield(self._end(use, ended))
            raise
        await asyncio.shield(self._end(use, ended))
        return self._escalated(use, ended).answer()

    def _escalated(self, use: _Use, ended: Ended) -> Ended:
        """With the offer of a person, once a tool has failed its caller often enough."""
        if ended.outcome not in FAILURES or use.tool not in self._tools:
            return ended
        self._failures[use.tool] += 1
        often = self._failures[use.tool] >= self._tools[use.tool].policy.escalate_after
        if not often or PERSON not in self._tools:
            return ended
        return replace(ended, say=f"{ended.say} {sentences.OFFER_PERSON}".strip())

    async def _guarded(self, use: _Use, name: str, arguments: str) -> Ended:
        try:
            return await self._admit(use, name, arguments)
        except InvalidArguments as invalid:
            return Ended(
                Outcome.INVALID_ARGUMENTS, invalid.code, sentences.REPEAT, invalid.for_model()
            )
        except TimeoutError:
            return ended_by(None, writes=use.writes, in_doubt=use.in_doubt)
        except ToolError as error:
            return ended_by(error, writes=use.writes, in_doubt=use.in_doubt)
        except Exception as bug:  # noqa: BLE001  # the edge of a use: a bug must not end the call
            return _bug(use, bug)

    async def _admit(self, use: _Use, name: str, arguments: str) -> Ended:
        """Name, number of uses and arguments: everything that needs no waiting."""
        tool = self._tools.get(name)
        if tool is None:
            return Ended(Outcome.REFUSED, "unregistered", sentences.NO_SUCH_TOOL)
        use.tool, use.writes = tool.spec.name, tool.policy.writes
        self._uses += 1
        if self._uses > MOST_USES_PER_CALL:
            return Ended(Outcome.REFUSED, Verdict.TOO_OFTEN.value, sentences.TOO_OFTEN)
        use.arguments = as_recorded(arguments)
        given = parse_arguments(tool.arguments, arguments)
        use.arguments = given.model_dump(mode="json")
        left_s = tool.policy.deadline_s - (self._clock() - use.began)
        async with asyncio.timeout(left_s):
            use.errand = self._office.errand(tool.policy)
            return await self._decide(use, use.errand, tool, given)

    async def _decide(self, use: _Use, errand: Errand, tool: Tool, given: BaseModel) -> Ended:
        policy = tool.policy
        breaker = self._breakers.get(use.tool)
        if breaker and not await breaker.lets_through():
            return Ended(Outcome.BREAKER_OPEN, "", sentences.BREAKER_OPEN)
        if policy.assurance > Assurance.NONE and self._identity.customer is None:
            await self._identity.look_up(errand.apart())
        intent = self._intent(use, policy)
        said = await self._consent(tool, intent)
        cents = int(use.arguments[policy.money.argument]) if policy.money else 0
        standing = Standing(self._runs[use.tool], self._identity.assurance, said, cents)
        verdict = decide(policy, standing)
        if verdict is Verdict.ASK:
            return await self._ask(use, tool, given, intent, said)
        if verdict is Verdict.DECLINED:
            self._pending = None
        if verdict is not Verdict.ALLOW:
            return Ended(Outcome.REFUSED, verdict.value, sentences.REFUSALS[verdict])
        again = False
        if policy.spoken_yes and self._pending is not None:
            # Spent before anything is sent: whatever comes of it, the next use asks anew.
            again, self._pending = self._pending.again, None
        self._runs[use.tool] += 1
        if policy.writes:
            verdict = await self._limits.take(use.tool, policy, intent.subject, cents)
            if verdict is not Verdict.ALLOW:
                return Ended(Outcome.REFUSED, verdict.value, sentences.REFUSALS[verdict])
            use.taken = intent.subject, cents
            begun = await self._once.begin(intent, errand, again=again)
            if isinstance(begun, AlreadyDone):
                return duplicate(begun.result)
            use.key = begun.key
        return succeeded(await tool.run(self._call(errand, use), **_fields(given)))

    async def _ask(
        self, use: _Use, tool: Tool, given: BaseModel, intent: Intent, said: Consent
    ) -> Ended:
        if said is Consent.WAITING and self._pending is not None:
            return _question(self._pending.read_back, said)
        assert tool.read_back is not None
        assert use.errand is not None
        errand = use.errand
        self._pending = None
        done = await self._once.look(intent, errand) if tool.policy.writes else None
        if done is not None and not self._insists(intent):
            return duplicate(done.result)
        try:
            read_back = await tool.read_back(self._call(errand, use), **_fields(given))
        except NotAllowed:
            if done is None:
                raise
            return duplicate(done.result)
        self._pending = Pending(
            intent=intent,
            read_back=read_back,
            asked_at=self._clock(),
            turns=len(self._hearing.turns),
            utterances=len(self._hearing.utterances),
            again=done is not None,
        )
        return _question(read_back, said)

    def _insists(self, intent: Intent) -> bool:
        """Whether the caller has spoken since they were told that it is done already."""
        turns = len(self._hearing.texts())
        told, self._told_done = self._told_done, (intent, turns)
        return told is not None and told[0] == intent and told[1] < turns

    def _call(self, errand: Errand, use: _Use) -> Call:
        return Call(
            facts=self._facts,
            office=errand,
            identity=self._identity,
            key=use.key,
            follow_ups=_Promises(self._follow_ups, use),
            knowledge=self._knowledge,
            heard=self._heard,
        )

    async def _consent(self, tool: Tool, intent: Intent) -> Consent:
        """What the caller has said to this action, waiting a little for late transcripts."""
        pending = self._pending
        if pending is None or pending.intent != intent:
            return Consent.NOT_ASKED
        now = self._clock()

        def read() -> Consent:
            words = tool.policy.action_words
            return consent(pending, self._hearing, now=now, action_words=words)

        if read() not in (Consent.WAITING, Consent.NOT_ASKED):
            await self._hearing.until(
                lambda: self._hearing.all_transcribed() and read() is not Consent.NOT_READ_BACK,
                within_s=TRANSCRIPT_WAIT_S,
            )
        return read()

    async def _heard(self, digits: str) -> bool:
        """Whether the caller has spoken `digits`, waiting a little for late transcripts."""

        def said() -> bool:
            return any(digits in run for run in digit_runs(*self._hearing.texts()))

        await self._hearing.until(
            lambda: said() or self._hearing.all_transcribed(), within_s=TRANSCRIPT_WAIT_S
        )
        return said()

    def _intent(self, use: _Use, policy: Policy) -> Intent:
        customer, number = self._identity.customer, self._facts.caller_number
        # The same all through the call: a tool that needs no customer does not wait for one.
        needs_one = policy.assurance > Assurance.NONE
        known = customer.customer_number if customer and needs_one else None
        return Intent(
            call_id=self._facts.call_id,
            tool=use.tool,
            # Whoever is nobody's customer and withholds their number is known by this call alone.
            subject=known or number or self._facts.call_id,
            arguments=use.arguments,
            deadline_s=policy.deadline_s,
            once_s=policy.once_s,
            topic=f"{policy.topic} {use.arguments.get(policy.topic_argument, '')}".strip(),
        )

    async def _end(self, use: _Use, ended: Ended) -> None:
        if use.key:
            done = ended.outcome is Outcome.OK
            result = {**ended.fields, "say": ended.say} if done else {}
            outcome = UNKNOWN if use.in_doubt and not done else ended.outcome.value
            await self._once.end(use.key, outcome, ended.reason, result)
        if use.taken and not use.in_doubt and ended.outcome is not Outcome.OK:
            policy = self._tools[use.tool].policy
            await self._limits.give_back(use.tool, policy, *use.taken)
        await self._tell_breaker(use, ended.outcome)
        self._record(use, ended)

    async def _tell_breaker(self, use: _Use, outcome: Outcome) -> None:
        breaker = self._breakers.get(use.tool)
        if breaker is None or use.errand is None:
            return
        if not use.errand.tries:
            # The office was not asked for it, whatever else went wrong.
            await breaker.not_needed()
        elif outcome in FAILURES:
            await breaker.failed()
        elif outcome in ANSWERED:
            await breaker.succeeded()

    def _record(self, use: _Use, ended: Ended) -> None:
        self._on_use(
            ToolUse(
                tool=use.tool,
                outcome=ended.outcome,
                reason=ended.reason,
                started_at=use.started_at,
                duration_s=self._clock() - use.began,
                tries=use.errand.tries if use.errand else 0,
                key=use.key,
                arguments=use.arguments,
            )
        )


def _question(read_back: ReadBack, said: Consent) -> Ended:
    return Ended(
        Outcome.NEEDS_YES,
        said.value,
        read_back.say,
        {"next_step": sentences.ASK_THEN_USE_AGAIN},
    )


def _fields(given: BaseModel) -> dict[str, Any]:
    return {name: getattr(given, name) for name in type(given).model_fields}


def _bug(use: _Use, bug: Exception) -> Ended:
    """Logs type, file and line only: message and traceback could show the caller's data."""
    at = traceback.extract_tb(bug.__traceback__)[-1]
    log.error("tool.bug", tool=use.tool, error=type(bug).__name__, at=f"{at.filename}:{at.lineno}")
    return ended_by(None, writes=use.writes, in_doubt=use.in_doubt, bug=True)
