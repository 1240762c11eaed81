"""The phrase language of a brain: what a caller may say, as text with options and slots.

`where is [my] order {order} | (cancel|stop) <it>`: square brackets are optional, `|` offers
alternatives, round brackets group, `{name}` is a slot, `<name>` another phrase of the brain.
`model.brain` parses with this, `model.grammar` turns the tree into JSGF and into a text matcher.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[\[\]()|])|\{(?P<slot>\w+)\}|<(?P<ref>\w+)>|(?P<word>[a-z']+))"
)


class BadPhrase(ValueError):
    """A phrase that does not follow the language; the message says where and why."""


@dataclass(frozen=True)
class Word:
    """One spoken word, lower case."""

    text: str


@dataclass(frozen=True)
class SlotRef:
    """A place where the caller says a slot's value."""

    name: str


@dataclass(frozen=True)
class PhraseRef:
    """A named phrase of the brain."""

    name: str


@dataclass(frozen=True)
class Sequence:
    """Parts said one after another; empty says nothing."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class OneOf:
    """Exactly one of the choices; `optional` also allows none."""

    choices: "tuple[Node, ...]"
    optional: bool = False


Node: TypeAlias = Word | SlotRef | PhraseRef | Sequence | OneOf


def parse(phrase: str) -> Node:
    """Read one phrase.

    Raises:
        BadPhrase: a bracket has no partner, a character is not allowed, or a part is empty.
    """
    tokens = list(_tokens(phrase))
    node, rest = _alternatives(tokens, 0, phrase)
    if rest != len(tokens):
        raise BadPhrase(f"{phrase!r}: {tokens[rest][1]!r} closes nothing")
    return node


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, parents first."""
    yield node
    if isinstance(node, Sequence):
        for part in node.parts:
            yield from walk(part)
    elif isinstance(node, OneOf):
        for choice in node.choices:
            yield from walk(choice)


def _tokens(phrase: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = phrase.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise BadPhrase(
                f"{phrase!r}: {text[at:].strip()[0]!r} is not allowed; write lower-case words, "
                "numbers as words, [optional], (one | other), {slot}, <phrase>"
            )
        kind = found.lastgroup or ""
        yield kind, found.group(kind)
        at = found.end()


def _alternatives(tokens: list[tuple[str, str]], at: int, phrase: str) -> tuple[Node, int]:
    choices: list[Node] = []
    while True:
        node, at = _sequence(tokens, at, phrase)
        choices.append(node)
        if at >= len(tokens) or tokens[at] != ("mark", "|"):
            break
        at += 1
    return (choices[0] if len(choices) == 1 else OneOf(tuple(choices))), at


def _sequence(tokens: list[tuple[str, str]], at: int, phrase: str) -> tuple[Node, int]:
    parts: list[Node] = []
    while at < len(tokens):
        kind, text = tokens[at]
        if kind == "mark" and text in "|])":
            break
        if kind == "mark":
            part, at = _bracketed(tokens, at, phrase)
        else:
            part, at = _leaf(kind, text), at + 1
        parts.append(part)
    if not parts:
        raise BadPhrase(f"{phrase!r}: a part is empty")
    return (parts[0] if len(parts) == 1 else Sequence(tuple(parts))), at


def _leaf(kind: str, text: str) -> Node:
    if kind == "word":
        return Word(text)
    return SlotRef(text) if kind == "slot" else PhraseRef(text)


def _bracketed(tokens: list[tuple[str, str]], at: int, phrase: str) -> tuple[Node, int]:
    opening = tokens[at][1]
    closing = "]" if opening == "[" else ")"
    node, at = _alternatives(tokens, at + 1, phrase)
    if at >= len(tokens) or tokens[at][1] != closing:
        raise BadPhrase(f"{phrase!r}: {opening!r} is never closed")
    if opening == "(":
        return node, at + 1
    choices = node.choices if isinstance(node, OneOf) and not node.optional else (node,)
    return OneOf(choices, optional=True), at + 1
