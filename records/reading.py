"""Calls as they are in the record, for people and programs: one whole, or many, the newest first.

Reads and never writes. What was sealed is opened with the call's own key; where that is destroyed
the facts are left, and texts are empty.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records import schema
from records.call_keys import DESTROYED, CallSeals
from records.outcome import CallOutcome
from records.rows import caller_digest
from records.sealing import Unreadable
from records.store import look
from records.view import (
    CallView,
    Consent,
    CostLine,
    FollowUp,
    Gap,
    Latency,
    Recording,
    Tokens,
    ToolUse,
    Turn,
)

# One transaction's worth; it must end within a caller's patience like any other.
AT_ONCE = 100
_PARTS = (
    *(schema.call_keys, schema.turns, schema.tool_uses, schema.latencies, schema.model_usage),
    *(schema.cost_lines, schema.consents, schema.gaps, schema.events, schema.recordings),
    schema.follow_ups,
)
OPEN = "open"
"""How a use of a tool stands whose end nobody has written."""
_ORDERED = ("entry", "line", "started_at", "opened_at")

Parts = Mapping[str, Sequence[RowMapping]]
"""The rows of one call, by the name of their table."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which calls; everything that is given must hold. Times are seconds since 1970."""

    since: float | None = None
    until: float | None = None
    profile: str | None = None
    outcome: CallOutcome | None = None
    caller: str | None = None
    """A number, E.164."""
    dialled: str | None = None
    resumes: str | None = None
    """The call that they go on with; "" for those by themselves."""
    ended: bool | None = None
    newest: int | None = None
    """No more than that many."""


class Reader:
    """Reads the record. All methods may raise `records.ledger.NotKept`."""

    def __init__(self, engine: AsyncEngine, seals: CallSeals) -> None:
        self._engine, self._seals = engine, seals

    async def call(self, call_id: str) -> CallView | None:
        """The whole record of a call; None if there is none."""
        found = await self._whole([call_id])
        return found[0] if found else None

    async def ids(self, wanted: Wanted) -> list[str]:
        """Their ids, the newest first."""
        calls = schema.calls.c
        statement = select(calls.id).where(*self._conditions(wanted))
        statement = statement.order_by(calls.started_at.desc(), calls.id).limit(wanted.newest)

        async def work(connection: AsyncConnection) -> list[str]:
            return list((await connection.execute(statement)).scalars())

        return await look(self._engine, work)

    async def calls(self, wanted: Wanted) -> AsyncIterator[CallView]:
        """Whole records, the newest first."""
        ids = await self.ids(wanted)
        for begin in range(0, len(ids), AT_ONCE):
            for call in await self._whole(ids[begin : begin + AT_ONCE]):
                yield call

    def _conditions(self, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
        calls = schema.calls.c
        if wanted.since is not None:
            yield calls.started_at >= wanted.since
        if wanted.until is not None:
            yield calls.started_at < wanted.until
        if wanted.outcome is not None:
            yield calls.outcome == wanted.outcome.value
        if wanted.caller is not None:
            yield calls.caller_digest == caller_digest(self._seals.records, wanted.caller)
        if wanted.ended is not None:
            yield calls.outcome.is_not(None) if wanted.ended else calls.outcome.is_(None)
        for name in ("profile", "dialled", "resumes"):
            if (value := getattr(wanted, name)) is not None:
                yield calls[name] == value

    async def _whole(self, ids: Sequence[str]) -> list[CallView]:
        rows, parts = await look(self._engine, partial(_rows, ids))
        found = [self._view(row, parts[row["id"]]) for row in rows]
        return sorted(found, key=lambda call: ids.index(call.call_id))

    def _view(self, call: RowMapping, parts: Parts) -> CallView:
        call_id = call["id"]
        keys = parts.get("call_keys", ())
        wrapped = keys[0]["wrapped"] if keys else None

        def opened(sealed: bytes | None, place: str) -> dict[str, Any]:
            try:
                if not sealed or wrapped == DESTROYED:
                    return {}
                return dict(self._seals.open(call_id, wrapped, sealed, place=place))
            except Unreadable:
                return {}

        caller = opened(call["caller"], f"{call_id} caller").get("number")
        uses = parts.get("tool_uses", ())
        events = [row["kind"] for row in parts.get("events", ())]
        consents, recordings = parts.get("consents", ()), parts.get("recordings", ())
        return CallView(
            **_fields(CallView, call, without=("caller",)),
            call_id=call_id,
            caller=caller,
            turns=[_turn(row, opened) for row in parts.get("turns", ())],
            tools=[_use(row, opened(row["arguments"], f"{row['id']} arguments")) for row in uses],
            latencies=[Latency(**_fields(Latency, row)) for row in parts.get("latencies", ())],
            tokens=_summed(parts.get("model_usage", ())),
            cost=[CostLine(**_fields(CostLine, row)) for row in parts.get("cost_lines", ())],
            consent=Consent(**_fields(Consent, consents[-1])) if consents else None,
            recording=Recording(**_fields(Recording, recordings[-1])) if recordings else None,
            gaps=[Gap(**_fields(Gap, row)) for row in parts.get("gaps", ())],
            follow_ups=[FollowUp(**_fields(FollowUp, row)) for row in parts.get("follow_ups", ())],
            interruptions=events.count("interrupted"),
            dtmf_digits=events.count("dtmf"),
        )


async def _rows(
    ids: Sequence[str], connection: AsyncConnection
) -> tuple[Sequence[RowMapping], Mapping[str, Parts]]:
    wanted = select(schema.calls).where(schema.calls.c.id.in_(ids))
    calls = (await connection.execute(wanted)).mappings().all()
    parts: dict[str, dict[str, list[RowMapping]]] = defaultdict(lambda: defaultdict(list))
    for table in _PARTS:
        order = [table.c[name] for name in _ORDERED if name in table.c]
        of_calls = select(table).where(table.c.call_id.in_(ids)).order_by(*order)
        for row in (await connection.execute(of_calls)).mappings():
            parts[row["call_id"]][table.name].append(row)
    return calls, parts


def _fields(model: type[BaseModel], row: RowMapping, without: Sequence[str] = ()) -> dict[str, Any]:
    """What a row and a part of the record have in common, by name."""
    names = [name for name in model.model_fields if name in row and name not in without]
    return {name: row[name] for name in names}


def _turn(row: RowMapping, opened: Any) -> Turn:
    text = opened(row["text"], f"{row['call_id']} turn {row['entry']}").get("text", "")
    return Turn(**_fields(Turn, row, without=("text",)), text=text)


def _use(row: RowMapping, arguments: Mapping[str, Any]) -> ToolUse:
    told = row["told"] or OPEN
    return ToolUse(
        at=row["started_at"],
        tool=row["tool"],
        outcome=told,
        settled=row["outcome"] if row["outcome"] != told else None,
        reason=row["told_reason"] or row["reason"],
        duration_ms=row["took_ms"] or 0,
        tries=row["tries"],
        # Only what went to the office has one: reads are named after their call.
        key=row["id"] if row["wish"] else "",
        arguments=dict(arguments),
    )


def _summed(rows: Sequence[RowMapping]) -> list[Tokens]:
    """What each model used in all."""
    counted = [name for name in Tokens.model_fields if name != "model"]
    summed: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(counted, 0))
    for row in rows:
        for name in counted:
            summed[row["model"]][name] += row[name]
    return [Tokens(model=model, **used) for model, used in summed.items()]
