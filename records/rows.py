"""What each entry of a call's journal is in the database. Pure; `records.filing` writes it.

An entry is one row under its call and number, so that filing it twice makes one; or it is a fact of
the call itself. Kinds that nobody here knows are passed over: a newer worker may have written them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, Table

from records import schema
from records.journal import Entry
from records.sealing import Seal

# By name: what a journal may say of each kind besides its time, and what it is if it does not.
_PLAIN: Mapping[str, tuple[Table, Mapping[str, Any]]] = {
    "latency": (schema.latencies, {"what": "", "ms": 0}),
    "usage": (
        schema.model_usage,
        {
            "model": "",
            **dict.fromkeys(("input_text", "input_audio"), 0),
            **dict.fromkeys(("input_cached_text", "input_cached_audio"), 0),
            **dict.fromkeys(("output_text", "output_audio", "transcribed_ms"), 0),
        },
    ),
    "consent": (schema.consents, {"policy": "", "jurisdiction": "", "answer": ""}),
    "gap": (schema.gaps, {"began_at": 0.0, "ended_at": 0.0, "reason": ""}),
}
_COUNTED = frozenset({"interrupted", "dtmf"})
_BEGINNING = {
    **dict.fromkeys(("sip_call_id", "trace_id", "profile", "model", "dialled"), ""),
    **dict.fromkeys(("resumes", "worker"), ""),
    "direction": "inbound",
    "pid": 0,
}


@dataclass
class Rows:
    """What some entries of one call amount to."""

    new: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)
    """Rows that are there once, however often they are filed."""
    writes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of uses that have a row in the ledger already, by its key: how they ended for the caller."""
    withheld: dict[str, bytes] = field(default_factory=dict)
    """Of such uses, by key: what they were given as far as it may be kept, if not all of it may."""
    reworded: dict[int, bytes] = field(default_factory=dict)
    """Words of turns as they should have been written, by the number of their entry."""
    recorded: dict[str, Any] = field(default_factory=dict)
    """How long and how large its recording has become."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Columns of the call itself."""

    def add(self, table: Table, row: dict[str, Any]) -> None:
        """One row more."""
        self.new.setdefault(table, []).append({c: fitting(table, c, v) for c, v in row.items()})


def fitting(table: Table, column: str, value: Any) -> Any:
    """`value` as the column takes it: what does not fit must not keep a call out of the record."""
    kind = table.c[column].type
    if not isinstance(value, str) or not isinstance(kind, String):
        return value
    # PostgreSQL takes no NUL in a text.
    return value.replace("\0", "")[: kind.length]


@dataclass(frozen=True)
class Call:
    """Whose entries they are. `seal` is None once its key is destroyed: facts alone are kept."""

    call_id: str
    seal: Seal | None
    digest: Callable[[str], str]
    """The keyed digest of a caller's number."""


def caller_digest(records_seal: Seal, number: str) -> str:
    """What stands for a caller's number, E.164, in every record: how their calls are found."""
    return records_seal.digest("caller", number)


def rows_of(call: Call, entries: list[Entry]) -> Rows:
    """The rows of `entries`."""
    rows = Rows()
    for entry in entries:
        _file(rows, call, entry)
    return rows


def _file(rows: Rows, call: Call, entry: Entry) -> None:
    under = {"call_id": call.call_id, "entry": entry.number, "at": entry.at}
    if entry.kind in _PLAIN:
        table, fields = _PLAIN[entry.kind]
        rows.add(table, {**under, **_given(fields, entry.fields)})
    elif entry.kind in _COUNTED:
        rows.add(schema.events, {**under, "kind": entry.kind})
    elif entry.kind == "turn" and call.seal is not None:
        rows.add(schema.turns, {**under, **_turn(call.call_id, call.seal, entry)})
    elif entry.kind == "reworded" and call.seal is not None:
        of = entry.fields["of"]
        rows.reworded[of] = _words(call.call_id, call.seal, of, entry.fields["text"])
    elif entry.kind == "tool":
        _file_use(rows, call, entry)
    elif entry.kind == "recording":
        known = {"seconds": 0.0, "bytes": 0, "sha256": "", "stored_at": None}
        begun = _given({"name": "", "began_at": 0.0}, entry.fields)
        rows.add(schema.recordings, {"call_id": call.call_id, **begun, **known})
    elif entry.kind == "recorded":
        rows.recorded = _given({"seconds": 0.0, "bytes": 0, "sha256": ""}, entry.fields)
    elif entry.kind == "started":
        rows.add(schema.calls, _started(call, entry))
    else:
        rows.facts |= _facts(entry)


def _given(fields: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found.get(name, default) for name, default in fields.items()}


def _turn(call_id: str, seal: Seal, entry: Entry) -> dict[str, Any]:
    found = entry.fields
    words = _words(call_id, seal, entry.number, found["text"])
    plain = {"speaker": "", "began_at": None, "ended_at": None, "response_ms": None}
    return {**_given(plain, found), "text": words, "interrupted": bool(found.get("interrupted"))}


def _words(call_id: str, seal: Seal, number: int, text: str) -> bytes:
    return seal.seal({"text": text}, place=f"{call_id} turn {number}")


def _started(call: Call, entry: Entry) -> dict[str, Any]:
    caller = entry.fields.get("caller")
    sealed = None
    if caller is not None and call.seal is not None:
        sealed = call.seal.seal({"number": caller}, place=f"{call.call_id} caller")
    return {
        "id": call.call_id,
        "started_at": entry.at,
        "reason": "",
        "terms": json.dumps(entry.fields.get("terms", {})),
        **_given(_BEGINNING, entry.fields),
        "caller": sealed,
        "caller_digest": None if sealed is None else call.digest(str(caller)),
    }


def _file_use(rows: Rows, call: Call, entry: Entry) -> None:
    """A use of a tool: writes have a row in the ledger already, all others get one."""
    found = entry.fields
    told = {
        "tries": found.get("tries", 1),
        "told": fitting(schema.tool_uses, "told", found["outcome"]),
        "told_reason": fitting(schema.tool_uses, "told_reason", found.get("reason", "")),
        "took_ms": found["duration_ms"],
    }
    arguments = found.get("arguments", {})
    if key := found.get("key"):
        rows.writes[key] = told
        if found.get("withheld"):
            rows.withheld[key] = _arguments(call, key, arguments)
        return
    row_id = f"{call.call_id}-{entry.number}"
    began_at = entry.at - found["duration_ms"] / 1000
    rows.add(
        schema.tool_uses,
        {
            "id": row_id,
            "call_id": call.call_id,
            "tool": found["tool"],
            "round": 0,
            "arguments": _arguments(call, row_id, arguments),
            "outcome": found["outcome"],
            "reason": found.get("reason", ""),
            "started_at": began_at,
            "deadline_at": began_at,
            "ended_at": entry.at,
            "leased_until": 0.0,
            **told,
        },
    )


def _arguments(call: Call, row_id: str, arguments: Mapping[str, Any]) -> bytes:
    if call.seal is None:
        return b""
    return call.seal.seal(dict(arguments), place=f"{row_id} arguments")


def _facts(entry: Entry) -> dict[str, Any]:
    match entry.kind:
        case "answered":
            return {"answered_at": entry.at}
        case "greeted":
            return {"greeted_at": entry.at}
        case "spent":
            return {"spent_micro": entry.fields["micro"]}
        case "rescued":
            return {"apologised": entry.fields.get("apologised")}
        case "ended":
            reason = fitting(schema.calls, "reason", entry.fields.get("reason", ""))
            return {"ended_at": entry.at, "outcome": entry.fields["outcome"], "reason": reason}
        case _:
            return {}
