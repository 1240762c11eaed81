"""Two LiveKit objects compared field by field, whatever fields they have.

Every field counts, also those that a trunk file cannot name: a change by hand is then seen, shown
and undone. What LiveKit sets itself is left out, and so is the order of lists. Used by `sip.plan`.
"""

import json
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

_SET_BY_LIVEKIT = frozenset({"sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at"})
_SECRET = frozenset({"auth_password"})


class Change(NamedTuple):
    """One field that differs, as text; empty stands for unset. Secrets never show."""

    field: str
    was: str
    becomes: str


def changes(was: Message | None, shall: Message) -> tuple[Change, ...]:
    """What must change for `was` (None: there is nothing yet) to be as `shall` says."""
    before = _flat(was) if was else {}
    after = _flat(shall)
    return tuple(
        _change(name, before.get(name, ""), after.get(name, ""))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def _change(name: str, was: str, becomes: str) -> Change:
    if name not in _SECRET:
        return Change(name, was, becomes)
    return Change(name, "set" if was else "", "changed" if was and becomes else becomes and "set")


def _flat(message: Message) -> dict[str, str]:
    content = MessageToDict(message, preserving_proto_field_name=True)
    return {name: value for name, value in _leaves("", content) if name not in _SET_BY_LIVEKIT}


def _leaves(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [
            leaf
            for key, inner in value.items()
            for leaf in _leaves(f"{path}.{key}" if path else key, inner)
        ]
    if isinstance(value, list):
        return [(path, ", ".join(sorted(map(_text, value))))]
    return [(path, _text(value))]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
