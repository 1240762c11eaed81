"""What may be heard now: rules of a brain as JSGF for the recogniser and as a matcher of text.

Text turns and recognised words go through the same matcher, so both follow the same script.
Called by `model.dialogue` (matching) and `model.hearing` (JSGF). Pure.
"""

import re
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field

from rehearsal.model import phrases
from rehearsal.model.brain import Brain
from rehearsal.model.script import Rule, Slot

DIGIT_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
SPOKEN_DIGITS = {
    "0": "zero",
    **{digit: word for word, digit in DIGIT_WORDS.items() if digit != "0"},
}


@dataclass(frozen=True)
class Understood:
    """A rule that fits what was said, and the slots that it filled."""

    rule: Rule
    slots: dict[str, str]


@dataclass(frozen=True)
class Grammar:
    """All that may be heard in one state. `jsgf` is the recogniser's form, for `words` only."""

    jsgf: str
    words: frozenset[str]
    _rules: tuple[tuple[Rule, re.Pattern[str], tuple[tuple[str, str], ...]], ...] = field(
        repr=False
    )
    _slots: dict[str, Slot] = field(repr=False)
    _choices: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = field(repr=False)

    def understand(self, text: str) -> Understood | None:
        """The first rule that `text` fits as a whole, or None: nothing is guessed."""
        said = normalise(text)
        for rule, pattern, groups in self._rules:
            if said and (match := pattern.fullmatch(said)):
                slots = {
                    slot: self._value(slot, spoken)
                    for group, slot in groups
                    if (spoken := match.group(group)) is not None
                }
                return Understood(rule, slots)
        return None

    def _value(self, slot: str, spoken: str) -> str:
        if self._slots[slot].digits:
            return "".join(DIGIT_WORDS[word] for word in spoken.split())
        return next(value for value, pattern in self._choices[slot] if pattern.fullmatch(spoken))


def normalise(text: str) -> str:
    """Lower-case words, each followed by a space; digits become words, punctuation goes."""
    spelled = re.sub(r"\d", lambda digit: f" {SPOKEN_DIGITS[digit.group()]} ", text.lower())
    spelled = spelled.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "".join(f"{word} " for word in re.findall(r"[a-z][a-z']*", spelled))


def compile_grammar(brain: Brain, rules: Listing[Rule]) -> Grammar:
    """The grammar of these rules, tried in this order."""
    nodes = [[phrases.parse(phrase) for phrase in rule.hears] for rule in rules]
    compiled = []
    for rule, alternatives in zip(rules, nodes, strict=True):
        writer = _Matcher(brain)
        pattern = writer.write(phrases.OneOf(tuple(alternatives)))
        compiled.append((rule, re.compile(pattern), tuple(writer.groups)))
    jsgf = _Jsgf(brain)
    heard = [node for alternatives in nodes for node in alternatives]
    heard += [phrases.parse(decoy) for decoy in brain.decoys]
    return Grammar(
        jsgf=jsgf.grammar(heard),
        words=frozenset(jsgf.words),
        _rules=tuple(compiled),
        _slots=dict(brain.slots),
        _choices={name: _choice_patterns(brain, slot) for name, slot in brain.slots.items()},
    )


def _choice_patterns(brain: Brain, slot: Slot) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (value, re.compile(_Matcher(brain).write(_any_of(said))))
        for value, said in (slot.choices or {}).items()
    )


def _any_of(said: tuple[str, ...]) -> phrases.Node:
    return phrases.OneOf(tuple(phrases.parse(phrase) for phrase in said))


class _Matcher:
    """Writes a tree as a regular expression over normalised text."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self.groups: list[tuple[str, str]] = []

    def write(self, node: phrases.Node) -> str:
        match node:
            case phrases.Word(text):
                return re.escape(text) + " "
            case phrases.PhraseRef(name):
                return self.write(phrases.parse(self._brain.phrases[name]))
            case phrases.SlotRef(name):
                return self._slot(name)
            case phrases.Sequence(parts):
                return "".join(self.write(part) for part in parts)
            case phrases.OneOf(choices, optional):
                inner = "|".join(self.write(choice) for choice in choices)
                return f"(?:{inner})" + ("?" if optional else "")

    def _slot(self, name: str) -> str:
        slot = self._brain.slots[name]
        group = f"g{len(self.groups)}"
        self.groups.append((group, name))
        if slot.digits:
            return f"(?P<{group}>(?:(?:{'|'.join(DIGIT_WORDS)}) ){{{slot.digits}}})"
        said = [phrase for value in (slot.choices or {}).values() for phrase in value]
        inner = _Matcher(self._brain).write(_any_of(tuple(said)))
        return f"(?P<{group}>{inner})"


class _Jsgf:
    """Writes trees as one JSGF grammar; slots and phrases become rules of their own."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self._rules: dict[str, str] = {}
        self.words: set[str] = set()

    def grammar(self, heard: list[phrases.Node]) -> str:
        lines = [f"<u{index}> = {self.write(node)};" for index, node in enumerate(heard)]
        said = " | ".join(f"<u{index}>" for index in range(len(heard)))
        named = [f"<{name}> = {body};" for name, body in self._rules.items()]
        return "\n".join(
            ["#JSGF V1.0;", "grammar heard;", *named, *lines, f"public <said> = {said};"]
        )

    def write(self, node: phrases.Node) -> str:
        match node:
            case phrases.Word(text):
                self.words.add(text)
                return text
            case phrases.PhraseRef(name):
                return self._named(f"p_{name}", phrases.parse(self._brain.phrases[name]))
            case phrases.SlotRef(name):
                return self._slot(name)
            case phrases.Sequence(parts):
                return " ".join(self.write(part) for part in parts)
            case phrases.OneOf(choices, optional):
                inner = " | ".join(self.write(choice) for choice in choices)
                return f"[{inner}]" if optional else f"({inner})"

    def _named(self, rule: str, node: phrases.Node) -> str:
        if rule not in self._rules:
            self._rules[rule] = ""
            self._rules[rule] = self.write(node)
        return f"<{rule}>"

    def _slot(self, name: str) -> str:
        slot = self._brain.slots[name]
        if slot.digits:
            digit = self._named("digit", _any_of(tuple(DIGIT_WORDS)))
            self._rules.setdefault(f"s_{name}", " ".join([digit] * slot.digits))
            return f"<s_{name}>"
        said = [phrase for value in (slot.choices or {}).values() for phrase in value]
        return self._named(f"s_{name}", _any_of(tuple(said)))
