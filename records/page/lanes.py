"""Where everything lies on the timeline of a call's page: lanes with marks, in seconds.

Pure; used by `records.page.page`. Drawn by the page's own script, which only scales it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from records.page.amounts import wait_of
from records.page.clock import CallClock
from records.page.figures import DEAD_AIR, RESPONSE, responses
from records.page.transcript import Said, said
from records.page.words import gap_reason, latency_name, plain, tool_meaning
from records.view import CallView, ToolUse

# What is shorter still has to be seen and hit.
AT_LEAST_S = 0.05


@dataclass(frozen=True)
class Mark:
    """One thing on a lane. `begins` and `ends` are seconds since the answer.

    `look` picks its colours, `turn` is the number of the turn it stands for. Marks of a lane that
    overlap stand in different rows.
    """

    begins: float
    ends: float
    look: str
    label: str
    told: str
    turn: int | None = None
    row: int = 0


@dataclass(frozen=True)
class Lane:
    """One line of the timeline."""

    name: str
    marks: list[Mark] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows its marks take."""
        return 1 + max((mark.row for mark in self.marks), default=0)


def lanes_of(call: CallView, clock: CallClock) -> list[Lane]:
    """The lanes that hold anything, in their order from the top."""
    spoken = said(call)
    every = {
        "Caller says": _turns(spoken, clock, "caller"),
        "Agent says": _turns(spoken, clock, "agent"),
        "Clips": _turns(spoken, clock, "clip"),
        "Tools": [_tool(use, clock) for use in call.tools],
        "Response": _responses(call, clock),
        "Waits": _waits(call, clock),
        "Cut off": _cut_off(spoken, clock),
        "Not kept": not_kept(call, clock),
    }
    return [Lane(name, _in_rows(marks)) for name, marks in every.items() if marks]


def not_kept(call: CallView, clock: CallClock) -> list[Mark]:
    """The spans that recording and transcript leave out, with the reason in words."""
    return [
        _mark(clock, gap.began_at, gap.ended_at, look="gap", label=why, told=f"Not kept: {why}")
        for gap in call.gaps
        for why in [gap_reason(gap.reason)]
    ]


def span_of(call: CallView, clock: CallClock, lanes: Iterable[Lane]) -> tuple[float, float]:
    """Where the timeline begins and ends, in seconds since the answer: around everything."""
    times = [clock.since(call.started_at), 0.0]
    if call.ended_at is not None:
        times.append(clock.since(call.ended_at))
    if call.recording is not None:
        began = clock.since(call.recording.began_at)
        times += [began, began + call.recording.seconds]
    for lane in lanes:
        for mark in lane.marks:
            times += [mark.begins, mark.ends]
    return min(times), max(*times, min(times) + 1.0)


def _mark(
    clock: CallClock,
    begins_at: float,
    ends_at: float,
    *,
    look: str,
    label: str,
    told: str,
    turn: int | None = None,
) -> Mark:
    begins = clock.since(begins_at)
    ends = max(clock.since(ends_at), begins + AT_LEAST_S)
    return Mark(begins, round(ends, 3), look, label, told, turn)


def _turns(spoken: Iterable[Said], clock: CallClock, speaker: str) -> list[Mark]:
    return [
        _mark(
            clock,
            one.begins_at,
            one.ends_at,
            look=speaker,
            label=one.turn.text,
            told=one.turn.text,
            turn=one.number,
        )
        for one in spoken
        if one.turn.speaker == speaker
    ]


def _tool(use: ToolUse, clock: CallClock) -> Mark:
    tone, meaning = tool_meaning(use.outcome)
    why = f" ({plain(use.reason)})" if use.reason else ""
    told = f"{use.tool}: {plain(use.outcome)}{why}, {wait_of(use.duration_ms)}. {meaning}"
    ends_at = use.at + use.duration_ms / 1000
    return _mark(clock, use.at, ends_at, look=tone, label=use.tool, told=told)


def _responses(call: CallView, clock: CallClock) -> list[Mark]:
    return [
        _mark(
            clock,
            one.began_at,
            one.began_at + one.ms / 1000,
            look="response",
            label=wait_of(one.ms),
            told=f"{wait_of(one.ms)} from the end of the caller's speech to the answer",
        )
        for one in responses(call)
    ]


def _waits(call: CallView, clock: CallClock) -> list[Mark]:
    return [
        _mark(
            clock,
            one.at,
            one.at + one.ms / 1000,
            look="dead" if one.what == DEAD_AIR else "wait",
            label=f"{latency_name(one.what)} {wait_of(one.ms)}",
            told=f"{latency_name(one.what)}: {wait_of(one.ms)}",
        )
        for one in call.latencies
        if one.what != RESPONSE
    ]


def _cut_off(spoken: Iterable[Said], clock: CallClock) -> list[Mark]:
    return [
        _mark(
            clock,
            one.ends_at,
            one.ends_at,
            look="cut",
            label="",
            told="The caller began to speak here, and the agent stopped",
            turn=one.number,
        )
        for one in spoken
        if one.turn.interrupted
    ]


def _in_rows(marks: Iterable[Mark]) -> list[Mark]:
    """Each mark in the first row that is free where it begins."""
    free_from: list[float] = []
    placed = []
    for mark in sorted(marks, key=lambda one: (one.begins, one.ends)):
        row = next((n for n, until in enumerate(free_from) if until <= mark.begins), None)
        if row is None:
            row = len(free_from)
            free_from.append(0.0)
        free_from[row] = mark.ends
        placed.append(replace(mark, row=row))
    return placed
