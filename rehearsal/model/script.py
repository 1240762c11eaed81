"""The parts of a brain, as data: slots, tool uses, moves, rules, states.

`model.brain` puts them together and checks that every name leads somewhere; `model.dialogue`
obeys them. The language is explained in docs/rehearsal-model.md; there is no Python per
conversation, and nothing here knows audio or sockets.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from rehearsal.model import phrases

Scalar = str | int | float | bool | None
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """Frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _is_phrase(text: str) -> str:
    phrases.parse(text)
    return text


def _is_template(text: str) -> str:
    if text.count("{") != text.count("}"):
        raise ValueError("a curly bracket has no partner")
    for field in re.findall(r"\{([^{}]*)\}", text):
        if not re.fullmatch(r"\w+(\.\w+)?(:(digits|date|number))?", field):
            raise ValueError(
                f"{{{field}}} is not {{slot}}, {{slot:digits}}, {{slot:date}}, {{slot:number}}"
                " or {result.field}"
            )
    return text


def at_least_one(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty list; pydantic's own check would also complain of lists it emptied itself."""
    if not texts:
        raise ValueError("needs at least one")
    return texts


Phrase = Annotated[str, AfterValidator(_is_phrase)]
Template = Annotated[str, AfterValidator(_is_template)]


class Slot(Strict):
    """Something the caller says that has a value: so many digits, or one of some choices."""

    digits: int | None = Field(default=None, ge=1, le=20)
    choices: dict[str, tuple[Phrase, ...]] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.digits is None) == (not self.choices):
            raise ValueError("a slot has either digits (how many) or choices (value: phrases)")
        return self


class ToolUse(Strict):
    """One function call. `args` are templates over slots; numbers and booleans stay as written."""

    tool: str
    args: dict[str, Scalar] = {}
    if_offered: bool = False


class Move(Strict):
    """What the model does: say, call, branch on the results, go to a state."""

    say: tuple[Template, ...] | Template = ""
    calls: tuple[ToolUse, ...] = ()
    results: "tuple[Branch, ...]" = ()
    go: str = ""
    forget: tuple[str, ...] = ()
    then: str = Field(default="", description="name of a move to make instead")

    @model_validator(mode="after")
    def _then_alone(self) -> Self:
        own = set(self.model_fields_set) & {"say", "calls", "results", "go", "forget"}
        if self.then and own:
            raise ValueError(f"`then` names a whole move; drop it or drop {', '.join(sorted(own))}")
        if self.results and not self.calls:
            raise ValueError("`results` needs `calls`")
        return self


class Branch(Move):
    """A move for certain results: every field named in `when` has the value, or one of them."""

    when: dict[str, Scalar | tuple[Scalar, ...]] = {}


class Rule(Move):
    """What may be heard, and the move it causes."""

    hears: Annotated[tuple[Phrase, ...], AfterValidator(at_least_one)]


class State(Strict):
    """What the model expects now. `not_understood` is said on the 1st, 2nd ... miss in a row."""

    rules: tuple[Rule, ...] = ()
    not_understood: tuple[Template, ...] = ()
    give_up_after: int | None = Field(default=None, ge=1)
    give_up: Move | None = None
    silence: Template = ""

    @model_validator(mode="after")
    def _give_up_whole(self) -> Self:
        if (self.give_up_after is None) != (self.give_up is None):
            raise ValueError("`give_up_after` (misses) and `give_up` (a move) belong together")
        return self
