"""The functions of an area as source text: ownership, read-back and tool of one operation.

Called by `area`. Names are made here, once for each operation, so that a path, a query and a body
can bear the same.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from tools.claims import words_of
from tools.importing.answers import Models
from tools.importing.names import LONGEST_FIELD, Names, field_names, snake
from tools.importing.operations import Operation
from tools.importing.shapes import Input
from tools.importing.source import (
    WIDTH,
    Group,
    Part,
    docstring,
    laid_out,
    phrase,
    quoted,
)
from tools.importing.spec import IN_BRACES

# What a part of a path would hide in the call of the office.
OFFICE = ("self", "method", "path", "answer", "key", "query", "body")
# Words that mean a no unless the tool's policy says that they are its business.
NO_WORDS = frozenset({"cancel", "stop", "undo", "abort", "refuse", "leave", "keep"})
HINTS = {
    "dt.date": "As YYYY-MM-DD.",
    "AwareDatetime": "With its offset from UTC, like 2027-06-07T09:00:00-07:00.",
}
CUSTOMER = "call.customer.customer_number"
ASKS_FIRST = (
    "The caller must be verified first. The first use changes nothing: it gives you a question."
    " Ask it word by word, wait for the caller's answer, and only after a clear yes use this tool"
    " again with the same arguments."
)


@dataclass(frozen=True)
class Argument:
    """An argument of a function: which input it fills, its name and its type."""

    given: Input
    name: str
    kind: str

    @property
    def parameter(self) -> str:
        """As it stands in a signature."""
        optional = "" if self.given.required else " | None = None"
        return f"{self.name}: {self.kind}{optional}"


class Written:
    """One operation with every name chosen. `own` is the function that shows whose it is, or ""."""

    def __init__(
        self, one: Operation, name: str, models: Models, *, own: str, settles: bool
    ) -> None:
        self.operation, self.name = one, name
        self.honours_key = one.writes and one.keyed and settles
        self.answer = "Nothing" if one.answer is None else models.answer(one.answer, name)
        self.arguments = _arguments(one, models)
        self._models, self._own = models, own
        self._named = {id(a.given): a for a in self.arguments}

    @property
    def shown_itself(self) -> bool:
        """Whether its own answer shows whose it is."""
        return self.operation.shown_by is not None and self.operation.shown_by.id == (
            self.operation.id
        )

    @property
    def action(self) -> str:
        """What it does, in words that can be said."""
        words = " ".join(words_of(self.operation.name))
        return phrase(self.operation.summary, otherwise=words)

    def ownership(self) -> str:
        """The function that reads something and makes sure that it is the caller's."""
        path = [self._named[id(i)].parameter for i in self.operation.in_path() if i.form]
        head = laid_out(
            Group(f"async def {self._own}(", ("call: Call", *path)),
            after=f" -> {self.answer}:",
        )
        return "\n".join([head, *self._owned_request(path_only=True), "    return found"])

    def read_back(self) -> str:
        """The question before a write."""
        head = self._head(f"_ask_{self.name}", "ReadBack")
        labels = Names()
        told = tuple(f"{quoted(_label(a, labels))}: {a.name}" for a in self.arguments)
        said = laid_out(
            Group("plain.ask(", ("call", quoted(self.action), Group("{", told, "}"))),
            indent=4,
            before="return ",
        )
        return "\n".join([head, *self._ownership_first(), said])

    def tool(self) -> str:
        """The tool itself, with its policy."""
        result = self._result()
        policy: tuple[Part, ...] = (Group("Policy(", self._policy()),)
        if self.operation.writes:
            policy = (*policy, f"read_back=_ask_{self.name}")
        return "\n".join(
            [
                laid_out(Group("@tool(", policy)),
                self._head(self.name, result),
                self._docstring(),
                *self._steps(result),
            ]
        )

    def _result(self) -> str:
        return "Result" if self.operation.answer is None else self._models.told(self.answer)

    def _steps(self, result: str) -> Iterator[str]:
        said = "plain.FOUND"
        if self.operation.writes:
            said = "plain.PASSED_ON" if self.operation.accepted else "plain.DONE"
        found = () if self.operation.answer is None else ("found=found",)
        if self.shown_itself and all(a.given.place == "path" for a in self.arguments):
            own = ("call", *(a.name for a in self.arguments))
            yield laid_out(Group(f"{self._own}(", own), indent=4, before="found = await ")
        elif self.shown_itself and not self.operation.writes:
            yield from self._owned_request(path_only=False)
        else:
            yield from self._ownership_first()
            yield from self._request(path_only=False, keep=bool(found))
        yield laid_out(Group(f"{result}(", (f"say={said}", *found)), indent=4, before="return ")

    def _owned_request(self, *, path_only: bool) -> Iterator[str]:
        yield from self._request(path_only=path_only, keep=True)
        owner = self._models.field(self.answer, self.operation.whose)
        yield f"    plain.must_be_own(call, found.{owner})"

    def _ownership_first(self) -> Iterator[str]:
        shown = self.operation.shown_by
        if shown is None or self.shown_itself:
            return
        theirs = sum(1 for given in shown.in_path() if given.form)
        mine = [self._named[id(i)].name for i in self.operation.in_path() if i.form][:theirs]
        yield laid_out(Group(f"{self._own}(", ("call", *mine)), indent=4, before="await ")

    def _request(self, *, path_only: bool, keep: bool) -> Iterator[str]:
        one = self.operation
        parts = {i.wire: self._part(i) for i in one.in_path()}
        template = IN_BRACES.sub(lambda found: f"{{{parts[found[1]][0]}}}", one.path)
        given: list[Part] = [quoted(template), self.answer]
        if one.writes:
            given = [quoted(one.method), *given, "key=call.key"]
        query = [i for i in one.inputs if i.place == "query" and not (path_only and i.form)]
        if query:
            pairs = tuple(f"{quoted(i.wire)}: {self._value(i)}" for i in query)
            given.append(Group("query=plain.query(", (Group("{", pairs, "}"),)))
        if inside := [i for i in one.inputs if i.place == "body"]:
            yield from self._body(inside)
            given.append("body=body")
        given += [f"{name}={value}" for name, value in dict(parts.values()).items()]
        verb = "write" if one.writes else "read"
        before = "found = await " if keep else "await "
        yield laid_out(Group(f"call.office.{verb}(", tuple(given)), indent=4, before=before)

    def _body(self, inside: list[Input]) -> Iterator[str]:
        fields = []
        for given in inside:
            argument = self._named.get(id(given))
            kind = argument.kind if argument else "int" if given.number else "str"
            optional = argument is not None and not given.required
            fields.append((given.wire, *((f"{kind} | None", "None") if optional else (kind, ""))))
        made, names = self._models.body(f"{self.name} body", fields)
        values = [f"{name}={self._value(i)}" for name, i in zip(names, inside, strict=True)]
        yield laid_out(Group(f"{made}(", tuple(values)), indent=4, before="body = ")

    def _part(self, given: Input) -> tuple[str, str]:
        """What fills a place in the path: its name there, and its value as text."""
        argument = self._named.get(id(given))
        if argument is None:
            return "customer", CUSTOMER
        assert given.form is not None
        text = argument.name if given.form.is_text else f"plain.written({argument.name})"
        return argument.name, text

    def _value(self, given: Input) -> str:
        argument = self._named.get(id(given))
        if argument:
            return argument.name
        return f"int({CUSTOMER})" if given.number and given.place == "body" else CUSTOMER

    def _policy(self) -> tuple[str, ...]:
        if not self.operation.writes:
            return ("effect=Effect.READ", "assurance=Assurance.KNOWLEDGE", "gives_code=False")
        effect = "IRREVERSIBLE" if self.operation.method == "DELETE" else "WRITE"
        tries = ("try_s=2.0", "tries=2") if self.honours_key else ("try_s=5.0", "tries=1")
        verbs = sorted(NO_WORDS & set(re.findall(r"[a-z]+", self.action.lower())))
        words = ", ".join(map(quoted, verbs))
        return (
            f"effect=Effect.{effect}",
            "deadline_s=8.0",
            *tries,
            f"honours_key={self.honours_key}",
            "gives_code=False",
            "assurance=Assurance.KNOWLEDGE",
            "spoken_yes=True",
            *self._ceiling(),
            *([f"action_words=frozenset({{{words}}})"] if verbs else []),
            "times_per_call=3",
        )

    def _ceiling(self) -> list[str]:
        """Nothing may be moved until somebody says how much."""
        named = [a.name for a in self.arguments if a.given is self.operation.money]
        return [f"money=Money({quoted(name)}, 0, 0)" for name in named]

    def _head(self, name: str, result: str) -> str:
        many = ("*",) if len(self.arguments) > 4 else ()
        given = ("call: Call", *many, *(a.parameter for a in self.arguments))
        return laid_out(Group(f"async def {name}(", given), after=f" -> {result}:")

    def _docstring(self) -> str:
        one = self.operation
        told = [one.summary, one.about]
        if one.about and words_of(one.summary) in (words_of(one.name), words_of(one.about)):
            # A framework's title says no more than the name does.
            told = [one.about]
        told = [text for text in told if text] or [f"{self.action[0].upper()}{self.action[1:]}"]
        paragraphs = [text if text[-1] in ".!?" else f"{text}." for text in told]
        if one.writes:
            paragraphs.append(ASKS_FIRST)
        lines = ["Args:"] if self.arguments else []
        for argument in self.arguments:
            lines += textwrap.wrap(
                f"{argument.name}: {_about(argument)}",
                WIDTH - 4,
                initial_indent="    ",
                subsequent_indent="        ",
                break_on_hyphens=False,
            )
        return docstring(paragraphs, indent=4, lines=lines)


def _label(argument: Argument, labels: Names) -> str:
    """What it is called aloud; no two alike, since one of them would not be read back."""
    label = " ".join(words_of(argument.given.name)) or "value"
    return labels.give(label, instead=f"{label} of the {argument.given.place}")


def _about(argument: Argument) -> str:
    given = argument.given
    told = given.about or f"The {' '.join(words_of(given.name)) or argument.name}"
    parts = [told if told[-1] in ".!?" else f"{told}."]
    assert given.form is not None
    if hint := HINTS.get(str(given.form.base)):
        parts.append(hint)
    if not given.required:
        parts.append("Leave it out unless the caller named one.")
    return " ".join(parts)


def _arguments(one: Operation, models: Models) -> list[Argument]:
    names, made = field_names(), []
    for given in one.asked:
        assert given.form is not None
        wanted = snake(given.name, most=LONGEST_FIELD)
        if given.place == "path" and wanted in OFFICE:
            wanted = f"{wanted}_"
        name = names.give(wanted)
        part = given.form.part
        kind = part if isinstance(part, str) else models.alias(given.name, part)
        made.append(Argument(given, name, kind))
    return made
