"""A brain: the whole script that the model follows, read from YAML.

`load_brain` tells every mistake at once with file and line, also a name that leads nowhere.
`model.dialogue` obeys a brain, `model.grammar` makes recognition grammars of it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

import configs
from rehearsal.model import phrases
from rehearsal.model.script import (
    Move,
    Name,
    Phrase,
    Rule,
    Slot,
    State,
    Strict,
    Template,
    at_least_one,
)

_Where = tuple[str | int, ...]
_Wrong = tuple[_Where, str]


class Brain(Strict):
    """The whole script; docs/rehearsal-model.md explains each part."""

    name: str
    voice: str = ""
    greeting: Template
    start: str
    not_understood: Annotated[tuple[Template, ...], AfterValidator(at_least_one)]
    silence: Template = "Are you still there?"
    while_waiting: Template = "One moment, please."
    slots: dict[Name, Slot] = Field(default_factory=dict)
    phrases: dict[Name, Phrase] = Field(default_factory=dict)
    moves: dict[Name, Move] = Field(default_factory=dict)
    always: tuple[Rule, ...] = ()
    decoys: tuple[Phrase, ...] = ()
    states: dict[Name, State] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_lead_somewhere(self) -> Self:
        if wrong := list(_dangling(self)):
            # Raised as one error with a place for each, so that every mistake has its line.
            raise ValidationError.from_exception_data(
                "Brain",
                [
                    InitErrorDetails(
                        type=PydanticCustomError("brain", "{says}", {"says": says}),
                        loc=where,
                        input=None,
                    )
                    for where, says in wrong
                ],
            )
        return self

    def every_move(self) -> Iterator[Move]:
        """All moves, rules and branches."""
        return (move for _, move in _moves(self))


def load_brain(path: Path) -> Brain:
    """Read a brain.

    Raises:
        configs.ConfigError: with every mistake, its file and its line.
    """
    return configs.load(path, Brain)


def _dangling(brain: Brain) -> Iterator[_Wrong]:
    if brain.start not in brain.states:
        yield ("start",), f"no state {brain.start!r}: {_choices(brain.states)}"
    for where, move in _moves(brain):
        yield from _wrong_in_move(brain, where, move)
    for where, phrase in _phrases(brain):
        yield from _wrong_in_phrase(brain, where, phrase)
    for name in brain.phrases:
        if _leads_back(brain, name, ()):
            yield ("phrases", name), f"<{name}> contains itself"
    for name in brain.moves:
        if _never_ends(brain, name):
            yield ("moves", name), f"move {name!r} leads by `then` back to itself"


def _moves(brain: Brain) -> Iterator[tuple[_Where, Move]]:
    roots: list[tuple[_Where, Move]] = [(("moves", n), m) for n, m in brain.moves.items()]
    roots += [(("always", i), rule) for i, rule in enumerate(brain.always)]
    for name, state in brain.states.items():
        roots += [(("states", name, "rules", i), rule) for i, rule in enumerate(state.rules)]
        if state.give_up:
            roots.append((("states", name, "give_up"), state.give_up))
    while roots:
        where, move = roots.pop()
        yield where, move
        roots += [((*where, "results", i), branch) for i, branch in enumerate(move.results)]


def _phrases(brain: Brain) -> Iterator[tuple[_Where, str]]:
    for name, slot in brain.slots.items():
        for value, said in (slot.choices or {}).items():
            for i, phrase in enumerate(said):
                yield ("slots", name, "choices", value, i), phrase
    yield from ((("phrases", name), phrase) for name, phrase in brain.phrases.items())
    yield from ((("decoys", i), phrase) for i, phrase in enumerate(brain.decoys))
    for where, move in _moves(brain):
        if isinstance(move, Rule):
            yield from (((*where, "hears", i), phrase) for i, phrase in enumerate(move.hears))


def _wrong_in_move(brain: Brain, where: _Where, move: Move) -> Iterator[_Wrong]:
    if move.go and move.go not in brain.states:
        yield (*where, "go"), f"no state {move.go!r}: {_choices(brain.states)}"
    if move.then and move.then not in brain.moves:
        yield (*where, "then"), f"no move {move.then!r}: {_choices(brain.moves)}"
    for slot in move.forget:
        if slot not in brain.slots:
            yield (*where, "forget"), f"no slot {slot!r}: {_choices(brain.slots)}"
    for i, use in enumerate(move.calls):
        for name, value in use.args.items():
            for slot in re.findall(r"\{(\w+)\}", value) if isinstance(value, str) else ():
                if slot not in brain.slots:
                    yield (
                        (*where, "calls", i, "args", name),
                        (f"no slot {slot!r}: {_choices(brain.slots)}"),
                    )


def _wrong_in_phrase(brain: Brain, where: _Where, phrase: str) -> Iterator[_Wrong]:
    for node in phrases.walk(phrases.parse(phrase)):
        if isinstance(node, phrases.SlotRef) and node.name not in brain.slots:
            yield where, f"no slot {{{node.name}}}: {_choices(brain.slots)}"
        if isinstance(node, phrases.SlotRef) and where[0] == "slots":
            yield where, "a choice of a slot cannot contain a slot"
        if isinstance(node, phrases.PhraseRef) and node.name not in brain.phrases:
            yield where, f"no phrase <{node.name}>: {_choices(brain.phrases)}"


def _leads_back(brain: Brain, name: str, path: tuple[str, ...]) -> bool:
    if name in path:
        return True
    if name not in brain.phrases:
        return False
    nodes = phrases.walk(phrases.parse(brain.phrases[name]))
    names = [node.name for node in nodes if isinstance(node, phrases.PhraseRef)]
    return any(_leads_back(brain, inner, (*path, name)) for inner in names)


def _never_ends(brain: Brain, name: str) -> bool:
    seen: set[str] = set()
    while name in brain.moves and brain.moves[name].then:
        if name in seen:
            return True
        seen.add(name)
        name = brain.moves[name].then
    return False


def _choices(names: object) -> str:
    known = ", ".join(sorted(str(name) for name in names)) if isinstance(names, dict) else ""
    return f"there is {known}" if known else "there is none"
