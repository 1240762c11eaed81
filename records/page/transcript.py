"""What was said on a call in the order in which it was heard, and what happened in between.

Pure; used by the page of a call, for its transcript and for its timeline.
"""

from dataclasses import dataclass

from records.view import CallView, Gap, ToolUse, Turn


@dataclass(frozen=True)
class Said:
    """A turn and where it lies; `certain` if the worker heard its voice begin and end."""

    number: int
    turn: Turn
    begins_at: float
    ends_at: float
    certain: bool


def said(call: CallView) -> list[Said]:
    """The turns in the order in which they began to be heard."""
    placed = []
    for turn in call.turns:
        begins = turn.at if turn.began_at is None else turn.began_at
        ends = max(turn.at, begins) if turn.ended_at is None else turn.ended_at
        placed.append((begins, max(ends, begins), turn))
    placed.sort(key=lambda one: one[:2])
    return [
        Said(number, turn, begins, ends, None not in (turn.began_at, turn.ended_at))
        for number, (begins, ends, turn) in enumerate(placed)
    ]


@dataclass(frozen=True)
class Row:
    """One line of the transcript: a turn, the use of a tool, or a span that was not kept."""

    at: float
    said: Said | None = None
    tool: ToolUse | None = None
    gap: Gap | None = None


def rows_of(call: CallView) -> list[Row]:
    """The transcript: turns, and between them what tools did and what was not kept."""
    rows = [Row(one.begins_at, said=one) for one in said(call)]
    rows += [Row(use.at, tool=use) for use in call.tools]
    rows += [Row(gap.began_at, gap=gap) for gap in call.gaps]
    return sorted(rows, key=lambda row: row.at)


def why_wordless(call: CallView) -> str:
    """Why a turn has no words."""
    if call.erased_at is not None:
        return "erased"
    if call.consent is not None and call.consent.answer in ("refused", "no_answer"):
        return "not kept: the caller did not agree"
    return "no words were understood"
