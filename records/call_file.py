"""`call.json`: what one call was, for people and programs that come later.

Made from the call's journal, by the job at its end or by the worker's parent for a job that died,
so both write the same file. It holds the caller's number and words: it is the record, and the only
place for them besides the recording.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from records.journal import read_journal
from records.outcome import CallOutcome

CALL_FILE = "call.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


class Turn(_Part):
    """Something one side said, or a fixed clip that the agent's side played."""

    at: float
    """Seconds since 1970 at which it was written down."""
    speaker: Literal["caller", "agent", "clip"]
    text: str
    response_ms: int | None = None
    """End of the caller's speech to the first audio of this answer, as the worker measured it."""
    interrupted: bool = False


class ToolUse(_Part):
    """One use of a business tool through the gate."""

    at: float
    tool: str
    outcome: str
    reason: str = ""
    duration_ms: int
    tries: int = 1
    key: str = ""
    arguments: dict[str, Any] = {}


class Tokens(_Part):
    """What one model used, as the provider counted it."""

    model: str
    input_text: int = 0
    input_audio: int = 0
    input_cached: int = 0
    output_text: int = 0
    output_audio: int = 0


class CallFile(_Part):
    """The whole record of a call. Times are seconds since 1970 unless named `_ms`."""

    version: Literal[1] = 1
    call_id: str
    sip_call_id: str = ""
    profile: str
    model: str = ""
    dialled: str = ""
    """The number called, E.164; empty if what was dialled is no such number."""
    caller: str | None = None
    """The caller's number as the carrier gave it; a hint, never a proof. None when withheld."""
    resumes: str = ""
    """The call whose job died and which this one goes on with; empty for a call by itself."""
    started_at: float
    answered_at: float | None = None
    greeted_at: float | None = None
    """When the first audio of the agent left towards the caller."""
    ended_at: float
    outcome: CallOutcome
    reason: str = ""
    turns: list[Turn] = []
    tools: list[ToolUse] = []
    tokens: list[Tokens] = []
    interruptions: int = 0
    dtmf_digits: int = 0
    """How many keys the caller pressed; which ones is not kept."""
    apologised: bool | None = None
    """For a job that died: whether another one told the caller. None for a call that ended."""
    recording: str | None = None


def close_record(folder: Path, *, lost: bool = False) -> CallFile:
    """Make `call.json` from the journal in `folder` and return what it holds.

    `lost` closes the record of a job that died: its end is the last line it wrote.

    Raises:
        ValueError: the journal holds no beginning of a call.
        OSError: the folder cannot be read or written.
    """
    call = from_journal(read_journal(folder), lost=lost)
    unfinished = folder / f"{CALL_FILE}.part"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(call.model_dump_json(indent=2) + "\n")
    unfinished.replace(folder / CALL_FILE)
    return call


def from_journal(lines: Iterable[dict[str, Any]], *, lost: bool = False) -> CallFile:
    """The record that a journal amounts to; unknown kinds of lines are passed over."""
    facts: dict[str, Any] = {"interruptions": 0, "dtmf_digits": 0}
    parts: dict[str, list[Any]] = {"turn": [], "tool": [], "tokens": []}
    last = 0.0
    for line in lines:
        kind, last = line["kind"], line["at"]
        if kind in parts:
            parts[kind].append(line)
        else:
            facts |= _fact(kind, line, facts)
    if "started_at" not in facts:
        raise ValueError("the journal holds no beginning of a call")
    if "outcome" not in facts:
        facts |= {"outcome": CallOutcome.LOST, "ended_at": last}
        facts["reason"] = "the job died" if lost else "the journal has no end"
    return CallFile.model_validate(
        {**facts, "turns": parts["turn"], "tools": parts["tool"], "tokens": parts["tokens"]}
    )


def _fact(kind: str, line: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What one line adds to the facts of the call."""
    at = line["at"]
    facts: dict[str, dict[str, Any]] = {
        "started": {**line, "started_at": at},
        "answered": {"answered_at": known.get("answered_at", at)},
        "greeted": {"greeted_at": known.get("greeted_at", at)},
        "rescued": {"apologised": line.get("apologised")},
        "interrupted": {"interruptions": known["interruptions"] + 1},
        "dtmf": {"dtmf_digits": known["dtmf_digits"] + 1},
        "ended": {**{k: line[k] for k in _END if k in line}, "ended_at": at},
    }
    return facts.get(kind, {})


_END = ("outcome", "reason", "recording")
