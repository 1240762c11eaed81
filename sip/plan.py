"""From what shall be and what is to the steps between, in an order that keeps numbers answered.

Pure. `python -m sip plan` shows the result and `sip.livekit` carries it out. Objects are changed
in place wherever one can be recognised, so that a number in use is never without its trunk for
a change of anything else. A number may stand in one trunk at a time: livekit-server refuses some
of the other cases and, worse, accepts some and then refuses the calls.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip.caller import normalise
from sip.difference import Change, changes
from sip.objects import Found, Line, is_ours

Verb = Literal["create", "update", "delete"]

_ANY = "any number"


@dataclass(frozen=True)
class Step:
    """One request to LiveKit. `id` is empty for a create; `line` is None for a delete."""

    verb: Verb
    kind: Literal["trunk", "rule"]
    name: str
    id: str = ""
    line: Line | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Foreign:
    """Something in LiveKit that is not ours and stays as it is; `note` is a warning or empty."""

    kind: Literal["trunk", "rule"]
    id: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What to do, in order; nothing may be done while `conflicts` holds a sentence.

    `trunk_ids` are the ids of the trunks that exist already, by line name.
    """

    steps: tuple[Step, ...] = ()
    conflicts: tuple[str, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    trunk_ids: dict[str, str] = field(default_factory=dict)


def make(owner: str, lines: list[Line], found: Found) -> Plan:
    """The plan that turns `found` into `lines` and leaves alone whatever `owner` did not make."""
    ours = Found(
        [trunk for trunk in found.trunks if is_ours(owner, trunk)],
        [rule for rule in found.rules if is_ours(owner, rule)],
    )
    others = Found(
        [trunk for trunk in found.trunks if not is_ours(owner, trunk)],
        [rule for rule in found.rules if not is_ours(owner, rule)],
    )
    kept = _pair_trunks(lines, ours.trunks)
    ids = {name: trunk.sip_trunk_id for name, trunk in kept.items()}
    rules = _pair_rules(lines, ours.rules, ids)
    steps = _in_order(_trunk_steps(lines, ours.trunks, kept), ours.trunks)
    return Plan(
        steps=tuple(_with_rules(steps, lines, ours.rules, rules, ids)),
        conflicts=tuple(_conflicts(lines, others, set(ids.values()))),
        foreign=tuple(_foreign(others)),
        trunk_ids=ids,
    )


def _claims(trunk: SIPInboundTrunkInfo) -> frozenset[str]:
    return frozenset(_spelling(number) for number in trunk.numbers) or frozenset({_ANY})


def _spelling(number: str) -> str:
    try:
        return normalise(number)
    except ValueError:
        return number


def _pair_trunks(
    lines: list[Line], trunks: list[SIPInboundTrunkInfo]
) -> dict[str, SIPInboundTrunkInfo]:
    """Which trunk of ours is which line: the same name, else shared numbers (it was renamed)."""
    free = {trunk.sip_trunk_id: trunk for trunk in trunks}
    pairs: dict[str, SIPInboundTrunkInfo] = {}
    for by_name in (True, False):
        for line in lines:
            fits = [
                (len(_claims(trunk) & _claims(line.trunk)), trunk.sip_trunk_id)
                for trunk in free.values()
                if line.name not in pairs
                and (trunk.name == line.trunk.name or not by_name)
                and (by_name or _claims(trunk) & _claims(line.trunk))
            ]
            if fits:
                pairs[line.name] = free.pop(max(fits)[1])
    return pairs


def _pair_rules(
    lines: list[Line], rules: list[SIPDispatchRuleInfo], ids: dict[str, str]
) -> dict[str, SIPDispatchRuleInfo]:
    """Which rule of ours belongs to which line: the one on its trunk, else the one of its name."""
    free = {rule.sip_dispatch_rule_id: rule for rule in rules}
    pairs: dict[str, SIPDispatchRuleInfo] = {}
    for by_trunk in (True, False):
        for line in lines:
            fits = (
                rule
                for rule in free.values()
                if (ids.get(line.name) in rule.trunk_ids if by_trunk else True)
                and (by_trunk or rule.name == line.rule.name)
            )
            if line.name not in pairs and (rule := next(fits, None)):
                pairs[line.name] = free.pop(rule.sip_dispatch_rule_id)
    return pairs


def _trunk_steps(
    lines: list[Line], trunks: list[SIPInboundTrunkInfo], kept: dict[str, SIPInboundTrunkInfo]
) -> list[Step]:
    updates: list[Step] = []
    creates: list[Step] = []
    for line in lines:
        was = kept.get(line.name)
        differences = changes(was, line.trunk)
        if was is None:
            creates.append(Step("create", "trunk", line.trunk.name, "", line, differences))
        elif differences:
            step = Step("update", "trunk", line.trunk.name, was.sip_trunk_id, line, differences)
            updates.append(step)
    keep = {trunk.sip_trunk_id for trunk in kept.values()}
    gone = [trunk for trunk in trunks if trunk.sip_trunk_id not in keep]
    deletes = [Step("delete", "trunk", trunk.name, trunk.sip_trunk_id) for trunk in gone]
    return updates + creates + deletes


def _in_order(steps: list[Step], trunks: list[SIPInboundTrunkInfo]) -> list[Step]:
    """`steps` with every number let go before it is taken; a ring is cut by making one anew."""
    holds = {trunk.sip_trunk_id: _claims(trunk) for trunk in trunks}
    waiting = list(steps)
    ordered: list[Step] = []
    while waiting:
        step = next((s for s in waiting if not _blocked(s, waiting, holds)), None)
        if step is None:
            ring = next(s for s in waiting if s.verb == "update" and s.line)
            step = Step("delete", "trunk", ring.name, ring.id)
            again = Step("create", "trunk", ring.name, "", ring.line, changes(None, _trunk(ring)))
            waiting[waiting.index(ring)] = again
        else:
            waiting.remove(step)
        ordered.append(step)
    return ordered


def _blocked(step: Step, waiting: list[Step], holds: dict[str, frozenset[str]]) -> bool:
    takes = _claims(step.line.trunk) if step.line else frozenset()
    return any(takes & holds.get(other.id, frozenset()) for other in waiting if other is not step)


def _trunk(step: Step) -> SIPInboundTrunkInfo:
    assert step.line is not None
    return step.line.trunk


def _with_rules(
    steps: list[Step],
    lines: list[Line],
    rules: list[SIPDispatchRuleInfo],
    pairs: dict[str, SIPDispatchRuleInfo],
    ids: dict[str, str],
) -> Iterable[Step]:
    """Trunk steps, each followed by its rule; a spare rule on a trunk that stays goes first.

    A trunk goes before its rule, so that the calls in between reach the catch-all: a trunk
    without a rule leaves them ringing unanswered.
    """
    deleted = {step.id for step in steps if step.verb == "delete"}
    paired = {rule.sip_dispatch_rule_id for rule in pairs.values()}
    spare = [rule for rule in rules if rule.sip_dispatch_rule_id not in paired]
    late = [rule for rule in spare if rule.trunk_ids and set(rule.trunk_ids) <= deleted]
    yield from (_delete(rule) for rule in spare if rule not in late)
    due = {line.name: line for line in lines}
    for step in steps:
        yield step
        if step.line:
            yield from _rule_step(due.pop(step.line.name), pairs, ids, deleted)
    for line in due.values():
        yield from _rule_step(line, pairs, ids, deleted)
    yield from (_delete(rule) for rule in late)


def _rule_step(
    line: Line, pairs: dict[str, SIPDispatchRuleInfo], ids: dict[str, str], deleted: set[str]
) -> Iterable[Step]:
    shall = SIPDispatchRuleInfo()
    shall.CopyFrom(line.rule)
    trunk = ids.get(line.name, "")
    shall.trunk_ids.append(trunk if trunk and trunk not in deleted else "(the new trunk's)")
    was = pairs.get(line.name)
    differences = changes(was, shall)
    if was is None:
        yield Step("create", "rule", line.rule.name, "", line, differences)
    elif differences:
        yield Step("update", "rule", line.rule.name, was.sip_dispatch_rule_id, line, differences)


def _delete(rule: SIPDispatchRuleInfo) -> Step:
    return Step("delete", "rule", rule.name, rule.sip_dispatch_rule_id)


def _conflicts(lines: list[Line], others: Found, ours: set[str]) -> Iterable[str]:
    for trunk in others.trunks:
        who = f'trunk {trunk.sip_trunk_id} "{trunk.name}", which is not ours,'
        for line in lines:
            shared = sorted(_claims(trunk) & _claims(line.trunk))
            if shared and not line.trunk.numbers:
                yield (
                    f"{who} has no numbers and so takes every call that our catch-all should:"
                    " delete it, give it numbers, or write `catch_all: false`"
                )
            elif shared:
                yield (
                    f"{who} claims {', '.join(shared)} as does {line.name}:"
                    " delete it, or take the number out of one of the two"
                )
    for rule in others.rules:
        for trunk_id in sorted(ours & set(rule.trunk_ids)):
            yield (
                f'rule {rule.sip_dispatch_rule_id} "{rule.name}", which is not ours, takes calls'
                f" of our trunk {trunk_id}: delete it, or take the trunk out of it"
            )


def _foreign(others: Found) -> Iterable[Foreign]:
    for trunk in others.trunks:
        yield Foreign("trunk", trunk.sip_trunk_id, trunk.name)
    for rule in others.rules:
        note = "" if rule.trunk_ids else "has no trunk: answers calls from anywhere to any number"
        yield Foreign("rule", rule.sip_dispatch_rule_id, rule.name, note)
