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
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from opentelemetry import trace
from pydantic import BaseModel

from records.ledger import UNKNOWN, AlreadyDone, Intent, Ledger
from tools import sentences
from tools.arguments import InvalidArguments, as_recorded, parse_arguments
from tools.asking import TRANSCRIPT_WAIT_S, Asking
from tools.breaker import Breakers
from tools.call import Call, CallFacts, ToDo
from tools.catalogue import Tool, ToolSpec
from tools.confirm import ReadBack
from tools.ending import Ended, duplicate, ended_by, succeeded
from tools.errors import ToolError
from tools.freshness import Freshness, asked
from tools.heard import digit_runs
from tools.hearing import Hearing
from tools.identity import Identity
from tools.keypad import Keypad, Secret
from tools.knowledge import Knowledge
from tools.lexicon import LEXICONS
from tools.limits import Limits
from tools.office import Errand, Office
from tools.once import Once
from tools.outcome import FAILED, UNREGISTERED, Answer, Outcome, ToolUse
from tools.policy import Assurance, Policy
from tools.shared import Shared
from tools.use import Promises, Use
from tools.verdict import Consent, Standing, Verdict, decide

# A model that runs in circles is stopped before it keeps the office busy.
MOST_USES_PER_CALL = 200
PERSON = "ask_for_person"
CALLER_CHANGED = Ended(Outcome.REFUSED, "caller_changed", sentences.CALLER_CHANGED)

log = structlog.get_logger()


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
        self._lexicon = LEXICONS[call.language]
        self._asking = Asking(self._hearing, self._lexicon, clock)
        self._keypad = Keypad(clock, self._keyed)
        self._on_word: Callable[[str], None] = lambda _: None
        self._identity = Identity(call.caller_number, shared)
        self._limits = Limits(shared, call.today)
        self._breakers = Breakers(shared, tools)
        self._freshness = Freshness(clock)
        self._uses = 0
        self._runs: Counter[str] = Counter()
        self._let_down: Counter[str] = Counter()
        self._writing = asyncio.Lock()

    def offered(self) -> list[ToolSpec]:
        """What to tell the model: name, description and JSON schema of each tool."""
        return [tool.spec for tool in self._tools.values()]

    def caller_turn_started(self, item: str = "") -> None:
        """The caller began a turn; its transcript may come later, even after a tool call.

        `item` is the model's own name for the turn, if it has one.
        """
        self._hearing.caller_turn_started(item)

    def caller_said(self, text: str, item: str = "") -> None:
        """Transcript of the caller's finished turn; "" for a turn without words."""
        self._hearing.caller_said(text, item)

    def agent_said(self, text: str, *, began_at: float | None = None) -> None:
        """Transcript of what the agent spoke, as far as heard; `began_at` on the gate's clock."""
        self._hearing.agent_said(text, began_at)

    def listen_for_keys(
        self, on_wait: Callable[[Secret | None], None], on_word: Callable[[str], None]
    ) -> None:
        """`on_wait` hears what the caller is to enter now, and None once nothing is awaited;
        `on_word` the word for which they pressed a key."""
        self._keypad.on_wait, self._on_word = on_wait, on_word

    def key_pressed(self, key: str) -> None:
        """The caller pressed a key."""
        self._keypad.press(key)

    def caller_left(self) -> None:
        """Nothing more will be said or pressed."""
        self._keypad.close()

    def _keyed(self, key: str) -> None:
        """A key that was pressed by itself: an answer, if a question is open."""
        word = self._lexicon.keys.get(key, "")
        if word and self._asking.waits:
            self._hearing.caller_keyed(word)
            self._on_word(word)

    async def _entered(self, secret: Secret) -> str:
        """What the caller enters; a question that was open is none any more."""
        self._asking.forget()
        return await self._keypad.read(secret)

    def keep(self, use: ToolUse) -> None:
        """A use that was turned away before it came here, told like those that did."""
        self._on_use(use)

    async def use(self, name: str, arguments: str) -> Answer:
        """Do what the model asks, if it may be done. Takes raw JSON; raises only when cancelled."""
        tool = self._tools.get(name)
        known = name if tool else UNREGISTERED
        # The global tracer is asked for each time: whoever answers the phone sets it late.
        with trace.get_tracer("frontdesk.tools").start_as_current_span(
            "tool use",
            attributes={"frontdesk.tool": known},
            # An error's words may hold the caller's.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            use = Use(self._clock(), datetime.now(UTC), span)
            if tool is None or not tool.policy.writes:
                return await self._used(use, name, arguments)
            return await self._in_turn(use, tool, arguments)

    async def _in_turn(self, use: Use, tool: Tool, arguments: str) -> Answer:
        """One write at a time, its end included: the next one must find it written down."""
        try:
            async with asyncio.timeout(tool.policy.deadline_s):
                await self._writing.acquire()
        except TimeoutError:
            use.tool = tool.spec.name
            ended = ended_by(None, writes=True, in_doubt=False)
            self._record(use, ended)
            return ended.answer()
        except asyncio.CancelledError:
            use.tool = tool.spec.name
            self._record(use, Ended(Outcome.CANCELLED, ""))
            raise
        try:
            return await self._used(use, tool.spec.name, arguments)
        finally:
            self._writing.release()

    async def _used(self, use: Use, name: str, arguments: str) -> Answer:
        try:
            ended = self._way_on(use, await self._guarded(use, name, arguments))
        except asyncio.CancelledError:
            ended = Ended(Outcome.CANCELLED, "in_doubt" if use.in_doubt else "")
            await asyncio.shield(self._end(use, ended))
            raise
        await asyncio.shield(self._end(use, ended))
        return ended.answer()

    def _way_on(self, use: Use, ended: Ended) -> Ended:
        """With what a caller is offered whom a tool has let down: its fallback, then a person."""
        if use.tool not in self._tools:
            return ended
        policy = self._tools[use.tool].policy
        self._let_down[use.tool] += ended.outcome in policy.escalate_on
        often = self._let_down[use.tool] >= policy.escalate_after
        if often and ended.outcome in policy.escalate_on and PERSON in self._tools:
            say = f"{ended.say} {sentences.OFFER_PERSON}".strip()
            return replace(ended, say=say, escalated=True)
        fallback = policy.fallback
        failed = ended.outcome in FAILED or ended.outcome is Outcome.BREAKER_OPEN
        if not failed or fallback is None or (fallback.tool and fallback.tool not in self._tools):
            return ended
        step = {"next_step": sentences.if_they_agree(fallback.tool)} if fallback.tool else {}
        say = f"{ended.say} {fallback.say}".strip()
        return replace(ended, say=say, fields={**ended.fields, **step})

    async def _guarded(self, use: Use, name: str, arguments: str) -> Ended:
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

    async def _admit(self, use: Use, name: str, arguments: str) -> Ended:
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

    async def _decide(self, use: Use, errand: Errand, tool: Tool, given: BaseModel) -> Ended:
        policy = tool.policy
        if not await self._breakers.let_through(use.tool):
            return Ended(Outcome.BREAKER_OPEN, "", sentences.BREAKER_OPEN)
        if policy.assurance > Assurance.NONE and self._identity.customer is None:
            await self._identity.look_up(errand.apart())
        use.caller = self._identity.known
        intent = self._intent(use, policy)
        said = await self._asking.consent(intent, policy.action_words)
        cents = int(use.arguments[policy.money.argument]) if policy.money else 0
        standing = Standing(
            runs=self._runs[use.tool],
            assurance=use.caller.assurance,
            consent=said,
            cents=cents,
            open_now=self._facts.hours.are_now(self._facts.now()),
        )
        verdict = decide(policy, standing)
        if verdict is Verdict.ASK:
            return self._asking.still(said) or await self._ask(use, tool, given, intent, said)
        if verdict is Verdict.DECLINED:
            self._asking.forget()
        if verdict is not Verdict.ALLOW:
            return Ended(Outcome.REFUSED, verdict.value, sentences.REFUSALS[verdict])
        if self._is_another(use, policy):
            return CALLER_CHANGED
        # Spent before anything is sent: whatever comes of it, the next use asks anew.
        again = policy.spoken_yes and self._asking.spend()
        self._runs[use.tool] += 1
        if policy.writes:
            stopped = await self._begin(use, errand, policy, intent, again=again, cents=cents)
            return stopped or succeeded(await tool.run(self._call(errand, use), **_fields(given)))
        return await self._answered(use, errand, tool, given, intent)

    async def _begin(
        self, use: Use, errand: Errand, policy: Policy, intent: Intent, *, again: bool, cents: int
    ) -> Ended | None:
        """What a write needs before it is done: its limits, its row, its key; else how it ends."""
        verdict = await self._limits.take(use.tool, policy, intent.subject, cents)
        if verdict is not Verdict.ALLOW:
            return Ended(Outcome.REFUSED, verdict.value, sentences.REFUSALS[verdict])
        use.taken = intent.subject, cents
        begun = await self._once.begin(intent, errand, again=again)
        if isinstance(begun, AlreadyDone):
            return duplicate(begun.result)
        use.key = begun.key
        return CALLER_CHANGED if self._is_another(use, policy) else None

    def _is_another(self, use: Use, policy: Policy) -> bool:
        """Whether somebody else was proven to be calling since the use was decided on."""
        return policy.assurance > Assurance.NONE and self._identity.known != use.caller

    async def _ask(
        self, use: Use, tool: Tool, given: BaseModel, intent: Intent, said: Consent
    ) -> Ended:
        assert use.errand is not None
        errand = use.errand
        done = await self._once.look(intent, errand) if tool.policy.writes else None
        return await self._asking.ask(
            intent, lambda: self._read_back(use, errand, tool, given), done=done, said=said
        )

    async def _answered(
        self, use: Use, errand: Errand, tool: Tool, given: BaseModel, intent: Intent
    ) -> Ended:
        """The answer to a question, not asked again while it is fresh."""
        question, asked_at = asked(use.tool, intent.subject, use.arguments), self._clock()
        ended = self._freshness.get(question, tool.policy)
        if ended is None:
            ended = succeeded(await tool.run(self._call(errand, use), **_fields(given)))
            self._freshness.keep(question, ended, asked_at=asked_at)
        return ended

    async def _read_back(self, use: Use, errand: Errand, tool: Tool, given: BaseModel) -> ReadBack:
        assert tool.read_back is not None
        return await tool.read_back(self._call(errand, use), **_fields(given))

    def _call(self, errand: Errand, use: Use) -> Call:
        return Call(
            facts=self._facts,
            office=errand,
            identity=self._identity,
            caller=use.caller,
            key=use.key,
            follow_ups=Promises(self._follow_ups, use),
            knowledge=self._knowledge,
            heard=self._heard,
            keys=self._entered,
        )

    async def _heard(self, digits: str) -> bool:
        """Whether the caller has spoken `digits`, waiting a little for late transcripts."""

        def said() -> bool:
            return any(digits in run for run in digit_runs(*self._hearing.texts()))

        await self._hearing.until(
            lambda: said() or self._hearing.all_transcribed(), within_s=TRANSCRIPT_WAIT_S
        )
        return said()

    def _intent(self, use: Use, policy: Policy) -> Intent:
        customer, number = use.caller.customer, self._facts.caller_number
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
            witness=policy.witness,
            topic=f"{policy.topic} {use.arguments.get(policy.topic_argument, '')}".strip(),
        )

    async def _end(self, use: Use, ended: Ended) -> None:
        done = ended.outcome is Outcome.OK
        if use.writes and (done or use.in_doubt):
            self._freshness.changed(for_good=not done)
        if use.key:
            result = {**ended.fields, "say": ended.say} if done else {}
            outcome = UNKNOWN if use.in_doubt and not done else ended.outcome.value
            await self._once.end(use.key, outcome, ended.reason, result)
        if use.taken and not use.in_doubt and not done:
            policy = self._tools[use.tool].policy
            await self._limits.give_back(use.tool, policy, *use.taken)
        if use.errand is not None:
            await self._breakers.tell(use.tool, ended.outcome, asked=use.errand.asked)
        self._record(use, ended)

    def _record(self, use: Use, ended: Ended) -> None:
        self._on_use(use.over(ended, now=self._clock()))


def _fields(given: BaseModel) -> dict[str, Any]:
    return {name: getattr(given, name) for name in type(given).model_fields}


def _bug(use: Use, bug: Exception) -> Ended:
    """Logs type, file and line only: message and traceback could show the caller's data."""
    at = traceback.extract_tb(bug.__traceback__)[-1]
    log.error("tool.bug", tool=use.tool, error=type(bug).__name__, at=f"{at.filename}:{at.lineno}")
    return ended_by(None, writes=use.writes, in_doubt=use.in_doubt, bug=True)
