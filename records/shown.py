"""Calls on a screen or in a file: a table for people, JSON and CSV for programs. Pure.

For `python -m records list|show|export`. A list holds facts only; who called and what was said
stand in `show`, and in exports that somebody asked for in clear.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from records.cost_shown import money, open_table
from records.costing import total_micro
from records.view import CallView

LISTED = (
    *("call_id", "started", "profile", "outcome", "reason", "seconds", "turns", "tools"),
    *("worst_response_ms", "interruptions", "recorded", "cost", "currency"),
)


def row_of(call: CallView) -> dict[str, Any]:
    """What a list says of a call, by the names of LISTED."""
    answered, ended = call.answered_at, call.ended_at
    waits = [latency.ms for latency in call.latencies if latency.what == "turn_response"]
    waits = waits or [turn.response_ms for turn in call.turns if turn.response_ms is not None]
    return {
        "call_id": call.call_id,
        "started": _utc(call.started_at),
        "profile": call.profile,
        "outcome": str(call.outcome or "in progress"),
        "reason": call.reason,
        "seconds": None if answered is None or ended is None else round(ended - answered, 1),
        "turns": sum(turn.speaker != "clip" for turn in call.turns),
        "tools": len(call.tools),
        "worst_response_ms": max(waits, default=None),
        "interruptions": call.interruptions,
        "recorded": call.recording is not None,
        "cost": money(total_micro(call.cost)) if call.cost else "",
        "currency": call.cost[0].currency if call.cost else "",
    }


def as_table(calls: Sequence[CallView]) -> RenderableType:
    """For a terminal."""
    shown = ("call_id", "profile", "outcome", "seconds", "turns", "worst_response_ms")
    # The id begins with when the call started, and has to be whole: it is what one copies.
    table = open_table()
    table.add_column("call, by its start in UTC", no_wrap=True, min_width=24)
    for name in ("profile", "outcome"):
        table.add_column(name, overflow="fold")
    for name in ("seconds", "turns", "worst ms", "cost"):
        table.add_column(name, justify="right")
    for call in calls:
        row = row_of(call)
        cells = [_cell(row[name]) for name in shown]
        cost = money(total_micro(call.cost), places=4) if call.cost else ""
        table.add_row(*map(Text, (*cells, cost)))
    return table


def as_csv(calls: Sequence[CallView]) -> str:
    """For programs and spreadsheets: a line for each call."""
    written = io.StringIO()
    writer = csv.DictWriter(written, LISTED, lineterminator="\n")
    writer.writeheader()
    for call in calls:
        # A spreadsheet would take it for a formula.
        writer.writerow({name: _harmless(value) for name, value in row_of(call).items()})
    return written.getvalue()


def as_json(calls: Sequence[CallView]) -> str:
    """For programs: the same facts."""
    return json.dumps([row_of(call) for call in calls], indent=2)


def whole(call: CallView) -> RenderableType:
    """Everything of one call, for a terminal."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(call):
        facts.add_row(Text(name, style="dim"), Text(value))
    return Group(facts, Text(), *(Text(line) for line in _lines(call)))


def _facts(call: CallView) -> Iterator[tuple[str, str]]:
    yield "call", call.call_id
    yield "profile", f"{call.profile}, dialled {call.dialled or 'what is no number'}"
    yield "caller", call.caller or ("erased" if call.erased_at else "withheld")
    yield "started", f"{_utc(call.started_at)} UTC"
    if call.answered_at and call.ended_at:
        yield "lasted", f"{call.ended_at - call.answered_at:.1f} s from the answer"
    yield "outcome", f"{call.outcome or 'in progress'}{', ' if call.reason else ''}{call.reason}"
    if call.consent:
        said = call.consent
        yield "consent", f"{said.answer} ({said.policy} in {said.jurisdiction})"
    if call.recording:
        kept = call.recording
        where = "stored" if kept.stored_at else "waits for the storage"
        yield "recording", f"{kept.name}, {kept.seconds:.1f} s, {where}"
    for gap in call.gaps:
        yield "gap", f"{gap.reason}, {gap.ended_at - gap.began_at:.1f} s"
    if call.cost:
        yield "cost", f"{money(total_micro(call.cost))} {call.cost[0].currency}"
    if call.resumes:
        yield "goes on with", call.resumes
    if call.trace_id:
        yield "trace", call.trace_id


def _lines(call: CallView) -> Iterator[str]:
    """What was said and used, in the order in which it began."""
    since = call.answered_at or call.started_at
    found: list[tuple[float, str]] = []
    for turn in call.turns:
        waited = f"  [{turn.response_ms} ms]" if turn.response_ms is not None else ""
        cut = "  (spoken over)" if turn.interrupted else ""
        at = turn.at if turn.began_at is None else turn.began_at
        found.append((at, f"{turn.speaker:<7} {turn.text}{cut}{waited}"))
    for use in call.tools:
        how = f"{use.outcome} {use.reason}".strip()
        later = f", then {use.settled}" if use.settled else ""
        arguments = json.dumps(use.arguments, ensure_ascii=False)
        said = f"tool    {use.tool} {arguments}: {how}, {use.duration_ms} ms{later}"
        found.append((use.at, said))
    for at, line in sorted(found):
        yield f"{at - since:7.1f}  {line}"


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
