"""Whether the caller got what they called for, judged by the office's data and the call's record.

A script says what must be true afterwards; nothing here asks the model or trusts what it said it
did. Pure: `rehearsal.rehearse.play` fetches what is judged.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from records import CallOutcome, CallView
from tools import Outcome, catalogue
from tools.catalogue import UnknownTool


def _known_tool(name: str) -> str:
    try:
        catalogue([name])
    except UnknownTool as error:
        raise ValueError(str(error)) from error
    return name


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Effect(_Written):
    """One change in the office's data, for example `cancel_order` on `4302`."""

    operation: str
    subject: str = ""
    """What was changed; nothing stands for anything, where the office gives the number."""


class Told(_Written):
    """The agent must have said what the office holds: a field of the answer to a GET request."""

    path: str = Field(pattern=r"^/")
    field: str
    is_: str | None = Field(default=None, alias="is")
    """The value that the office must hold; none leaves it to the office."""


class ToolGoal(_Written):
    """One use of a tool that must have happened, in the order written."""

    tool: Annotated[str, AfterValidator(_known_tool)]
    outcome: Outcome


class Goal(_Written):
    """What must be true after the call."""

    sip_status: int = 200
    """Final answer to the INVITE."""
    outcome: CallOutcome | None = CallOutcome.COMPLETED
    """Outcome in the record; none when no worker took the call."""
    heard: tuple[str, ...] = ()
    """Words that the caller must have heard, in the agent's transcript."""
    told: tuple[Told, ...] = ()
    tools: tuple[ToolGoal, ...] = ()
    effects: tuple[Effect, ...] = ()
    """Exactly the changes that the office must show, each once, and no other."""
    follow_ups: tuple[str, ...] = ()
    """Kinds of what the staff must find to do, each once, and nothing else."""
    interruptions: int | None = None
    """How often the caller must have spoken over the agent, at least."""


class Finding(BaseModel):
    """One thing that was judged."""

    met: bool
    says: str


def judge(
    goal: Goal,
    *,
    sip_status: int,
    call: CallView | None,
    effects: Sequence[Effect],
    office: Mapping[str, Mapping[str, Any]],
    follow_ups: Sequence[str] = (),
) -> list[Finding]:
    """Every part of `goal`, met or not. `office` holds the answers to the paths of `told`,
    `follow_ups` the kinds of what is to do for the staff."""
    found = [
        Finding(met=sip_status == goal.sip_status, says=f"the line was answered {sip_status}"),
        _effects(goal, effects),
    ]
    if goal.follow_ups or follow_ups:
        found.append(_follow_ups(goal, follow_ups))
    if goal.outcome is None:
        return found
    if call is None:
        return [*found, Finding(met=False, says="the worker left no record")]
    says = f"the call ended as {call.outcome}"
    found.append(Finding(met=call.outcome is goal.outcome, says=says))
    spoken = " ".join(t.text for t in call.turns if t.speaker != "caller").lower()
    found += [_heard(words.lower() in spoken, repr(words)) for words in goal.heard]
    found += [_told(told, office.get(told.path, {}), spoken) for told in goal.told]
    if goal.tools:
        found.append(_tools(goal, call))
    if goal.interruptions is not None:
        says = f"the caller spoke over the agent {call.interruptions} times"
        found.append(Finding(met=call.interruptions >= goal.interruptions, says=says))
    return found


def _heard(met: bool, what: str) -> Finding:
    return Finding(met=met, says=f"the caller {'heard' if met else 'did not hear'} {what}")


def _told(told: Told, answer: Mapping[str, Any], spoken: str) -> Finding:
    value = answer.get(told.field)
    if value is None or (told.is_ is not None and str(value) != told.is_):
        wanted = "" if told.is_ is None else f", not {told.is_!r}"
        says = f"the office holds {value!r} as {told.field} of {told.path}{wanted}"
        return Finding(met=False, says=says)
    return _heard(str(value).lower() in spoken, f"the office's own {told.field}, {value!r}")


def _effects(goal: Goal, effects: Sequence[Effect]) -> Finding:
    def listed(some: Sequence[Effect]) -> str:
        return ", ".join(f"{e.operation} {e.subject}".strip() for e in some) or "nothing"

    wanted = sorted(map(_key, goal.effects))
    happened = sorted(map(_key, effects))
    met = len(happened) == len(wanted) and all(
        did[0] == want[0] and want[1] in ("", did[1])
        for did, want in zip(happened, wanted, strict=True)
    )
    says = f"the office changed: {listed(effects)}"
    return Finding(met=met, says=says if met else f"{says}; wanted: {listed(goal.effects)}")


def _follow_ups(goal: Goal, found: Sequence[str]) -> Finding:
    says = f"the staff have to do: {', '.join(found) or 'nothing'}"
    met = sorted(found) == sorted(goal.follow_ups)
    wanted = ", ".join(goal.follow_ups) or "nothing"
    return Finding(met=met, says=says if met else f"{says}; wanted: {wanted}")


def _key(effect: Effect) -> tuple[str, str]:
    return effect.operation, effect.subject


def _tools(goal: Goal, call: CallView) -> Finding:
    used = [(use.tool, use.outcome) for use in call.tools]
    rest = iter(used)
    met = all((want.tool, want.outcome) in rest for want in goal.tools)
    says = f"tools used: {_listed(used)}"
    wanted = _listed([(want.tool, want.outcome) for want in goal.tools])
    return Finding(met=met, says=says if met else f"{says}; wanted, in this order: {wanted}")


def _listed(uses: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{tool} ({outcome})" for tool, outcome in uses) or "none"
