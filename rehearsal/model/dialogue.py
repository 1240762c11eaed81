"""Follows a brain: what was heard and what tools answered, to what is said and called next.

Pure: no clock, no audio, no sockets. `model.session` feeds it and carries out its replies. What
does not fit the script or the tools' schemas is not sent: it comes back as an error of the script.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.model import results as tool_results
from rehearsal.model.brain import Brain
from rehearsal.model.grammar import Grammar, compile_grammar
from rehearsal.model.offers import Offers
from rehearsal.model.script import Move, ToolUse
from rehearsal.model.templates import TODAY, NoValue, fill, is_number, slot_of

_TODAY = re.compile(r"[Tt]oday is \w+, ([0-9]{4}-[0-9]{2}-[0-9]{2})")
_QUOTED = re.compile(r'["\u201c]([^"\u201c\u201d]+)["\u201d]')


@dataclass(frozen=True)
class Call:
    """A function call to send: its name and arguments."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One response: words, calls, and what is wrong with the script. All may be empty."""

    say: str = ""
    calls: tuple[Call, ...] = ()
    script_errors: tuple[str, ...] = ()


@dataclass
class _Waiting:
    """Calls that were sent, and the branches that await their results."""

    move: Move
    calls: dict[str, str | None] = field(default_factory=dict)  # tool by call id, None: unbound
    results: dict[str, tool_results.Result] = field(default_factory=dict)
    fresh: bool = False


def quoted(instructions: str | None) -> list[str]:
    """What instructions demand to be said exactly: what their last line has in double quotes.

    A client puts its session's instructions in front, and a persona may quote what it likes.
    """
    last = (instructions or "").strip().rpartition("\n")[2]
    return [text.strip() for text in _QUOTED.findall(last) if text.strip()]


def words_of(brain: Brain) -> frozenset[str]:
    """Every word that may be heard in any state."""
    rules = [rule for state in brain.states.values() for rule in state.rules]
    return compile_grammar(brain, (*rules, *brain.always)).words


class Dialogue:
    """One conversation. Feed `offer`, `hear`, `sent` and `answer`; take `reply`."""

    def __init__(self, brain: Brain) -> None:
        self.state = brain.start
        self.slots: dict[str, str] = {}
        self._brain = brain
        self._offers = Offers(())
        self._heard: list[str | None] = []
        self._waiting: _Waiting | None = None
        self._misses = 0
        self._has_spoken = False
        self._said_before: dict[int, int] = {}
        self._grammars: dict[str, Grammar] = {}

    def grammar(self) -> Grammar:
        """What may be heard in the present state."""
        if self.state not in self._grammars:
            rules = (*self._brain.states[self.state].rules, *self._brain.always)
            self._grammars[self.state] = compile_grammar(self._brain, rules)
        return self._grammars[self.state]

    def offer(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """The tools of `session.update`, with their JSON schemas."""
        self._offers = Offers(tools)

    def instruct(self, instructions: str) -> None:
        """The session's instructions; of those only which day it is matters to a script."""
        if found := _TODAY.search(instructions):
            self.slots[TODAY] = found.group(1)

    def hear(self, text: str | None) -> None:
        """The caller's next turn: words, or None when they were not understood as speech."""
        self._heard.append(text)

    def sent(self, call_id: str, tool: str) -> None:
        """A call of the last reply went out (or was replayed by a client) under this id."""
        if self._waiting:
            self._waiting.calls[call_id] = tool

    def answer(self, call_id: str, output: str) -> None:
        """A tool's output came back; an id that was never sent is not the script's business."""
        waiting = self._waiting
        if waiting and (tool := waiting.calls.get(call_id)):
            waiting.results[tool] = tool_results.read(output)
            waiting.fresh = True

    def reply(self, instructions: str | None = None) -> Reply:
        """What to say and call now; consumes what was heard and answered."""
        if exactly := quoted(instructions):
            self._has_spoken = True
            return Reply(say=" ".join(exactly))
        reply = self._decide()
        self._has_spoken = self._has_spoken or bool(reply.say)
        return reply

    def settle(self) -> None:
        """Take what is pending as already answered: a client replays an earlier conversation."""
        while self._heard or (self._waiting and self._waiting.fresh):
            self.reply()
        self._has_spoken = True

    def _decide(self) -> Reply:
        heard, self._heard = self._heard, []
        understood = self._understand(heard) if heard else None
        if understood:
            self._misses = 0
            self.slots.update(understood.slots)
            self._waiting = None
            return self._make(understood.rule)
        if self._waiting and self._waiting.fresh:
            return self._branch(self._waiting)
        if heard:
            return self._missed(heard)
        if not self._has_spoken:
            return self._speak(self._brain.greeting)
        return self._speak(self._brain.states[self.state].silence or self._brain.silence)

    def _understand(self, heard: list[str | None]) -> Any:
        grammar = self.grammar()
        words = [text for text in heard if text]
        # Together first: a caller who pauses inside a number said one thing in two turns.
        for text in (" ".join(words), *reversed(words)):
            if found := grammar.understand(text):
                return found
        return None

    def _missed(self, heard: list[str | None]) -> Reply:
        if self._waiting:
            return self._speak(self._brain.while_waiting)
        if not self._has_spoken and any(heard):
            # A first text such as "greet" is how some clients ask for the opening line.
            return self._speak(self._brain.greeting)
        self._misses += 1
        state = self._brain.states[self.state]
        if state.give_up and self._misses == state.give_up_after:
            self._misses = 0
            return self._make(state.give_up)
        lines = state.not_understood or self._brain.not_understood
        return self._speak(lines[min(self._misses, len(lines)) - 1])

    def _branch(self, waiting: _Waiting) -> Reply:
        waiting.fresh = False
        results = tool_results.with_telling(waiting.results)
        if len(waiting.results) >= len(waiting.calls):
            self._waiting = None
        for branch in waiting.move.results:
            if tool_results.fits(branch.when, results):
                return self._make(branch, results)
        said = " ".join(str(r["say"]) for r in waiting.results.values() if r.get("say"))
        return Reply(say=said)

    def _make(self, move: Move, results: Mapping[str, tool_results.Result] | None = None) -> Reply:
        while move.then:
            move = self._brain.moves[move.then]
        known = results or {}
        errors: list[str] = []
        say = self._fill(self._variant(move), known, errors)
        calls = [call for use in move.calls if (call := self._call(use, known, errors))]
        if calls:
            self._waiting = _Waiting(move)
        self.state = move.go or self.state
        for slot in move.forget:
            self.slots.pop(slot, None)
        return Reply(say, tuple(calls), tuple(errors))

    def _call(
        self, use: ToolUse, results: Mapping[str, tool_results.Result], errors: list[str]
    ) -> Call | None:
        if use.if_offered and use.tool not in self._offers.names:
            return None
        arguments: dict[str, Any] = {}
        for name, value in use.args.items():
            if not isinstance(value, str):
                arguments[name] = value
            elif (slot := slot_of(value)) is None or slot in self.slots:
                filled = self._fill(value, results, errors)
                arguments[name] = int(filled or 0) if is_number(value) else filled
        if wrong := self._offers.objections(use.tool, arguments):
            errors.extend(f"state {self.state!r}: {objection}" for objection in wrong)
            return None
        return Call(use.tool, arguments)

    def _variant(self, move: Move) -> str:
        if isinstance(move.say, str):
            return move.say
        turn = self._said_before.get(id(move), 0)
        self._said_before[id(move)] = turn + 1
        return move.say[turn % len(move.say)] if move.say else ""

    def _speak(self, template: str) -> Reply:
        errors: list[str] = []
        return Reply(self._fill(template, {}, errors), (), tuple(errors))

    def _fill(
        self, template: str, results: Mapping[str, tool_results.Result], errors: list[str]
    ) -> str:
        try:
            return fill(template, self.slots, results)
        except NoValue as error:
            errors.append(f"state {self.state!r}: {template!r}: {error}")
            return ""
