"""What a person reads about a plan: lines of text, each with a style for terminals that have one.

Pure; `sip.__main__` prints them. Numbers here are the company's own; secrets are only ever "set"
or "changed", which `sip.difference` sees to.
"""

from collections import Counter
from typing import NamedTuple

from sip.objects import Line
from sip.plan import Plan, Step

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}


class Said(NamedTuple):
    """One line; `style` is a name that rich knows, or empty."""

    text: str
    style: str = ""


def of_plan(plan: Plan) -> list[Said]:
    """Every step with its fields, and a sum; a plan without steps says so."""
    if not plan.steps:
        return [Said("nothing to do: LiveKit is as the file says", "green")]
    said = [line for step in plan.steps for line in _step(step)]
    verbs = Counter(step.verb for step in plan.steps)
    total = f"{verbs['create']} to create, {verbs['update']} to change, {verbs['delete']} to remove"
    return [*said, Said(total)]


def of_status(plan: Plan, lines: list[Line]) -> list[Said]:
    """How each line of the file stands in LiveKit, what is ours but in no file, and what is not."""
    said: list[Said] = []
    for line in lines:
        steps = [step for step in plan.steps if step.line and step.line.name == line.name]
        numbers = ", ".join(n for n in line.trunk.numbers if n.startswith("+")) or "other numbers"
        if not steps:
            said.append(Said(f"in place  {line.name}: {numbers}", "green"))
        elif all(step.verb == "create" for step in steps):
            said.append(Said(f"missing   {line.name}: {numbers}", "red"))
        else:
            said.append(Said(f"differs   {line.name}: {numbers}", "yellow"))
            said += [detail for step in steps for detail in _fields(step)]
    spare = [step for step in plan.steps if step.verb == "delete"]
    said += [Said(f"spare     {step.kind} {step.name} ({step.id})", "yellow") for step in spare]
    for other in plan.foreign:
        note = f": {other.note}" if other.note else ""
        text = f'foreign   {other.kind} {other.id} "{other.name}"{note}'
        said.append(Said(text, "yellow" if note else ""))
    return said


def _step(step: Step) -> list[Said]:
    sign, style = _SIGNS[step.verb]
    suffix = f" ({step.id})" if step.id else ""
    return [Said(f"{sign} {step.kind} {step.name}{suffix}", style), *_fields(step)]


def _fields(step: Step) -> list[Said]:
    if step.verb == "create":
        return [Said(f"    {name}: {becomes}") for name, _, becomes in step.changes]
    return [
        Said(f"    {name}: {was or '(unset)'} -> {becomes or '(unset)'}")
        for name, was, becomes in step.changes
    ]
