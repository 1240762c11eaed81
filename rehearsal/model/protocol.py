"""Server events of the Realtime protocol (GA), built; client events, read.

Called by the session's modules. Pure: dictionaries as they go over the wire, nothing else.
"""

import json
import secrets
from typing import Any

Event = dict[str, Any]

MODEL_NAME = "frontdesk-rehearsal (scripted, not a language model)"


class BadEvent(Exception):
    """A client event that cannot be obeyed; becomes an `error` event with these fields."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid_value",
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.kind = kind


def new_id(prefix: str) -> str:
    """An id such as `item_3f...`; 24 characters at most, so that clients need not hash it."""
    return f"{prefix}_{secrets.token_hex(8)}"


def event(kind: str, **fields: Any) -> Event:
    """One server event with an id of its own."""
    return {"type": kind, "event_id": new_id("event"), **fields}


def error(wrong: BadEvent, event_id: str | None = None) -> Event:
    """The `error` event; `event_id` is that of the client event at fault."""
    detail = {
        "type": wrong.kind,
        "code": wrong.code,
        "message": str(wrong),
        "param": wrong.param,
        "event_id": event_id,
    }
    return event("error", error=detail)


def read(text: str) -> Event:
    """One client event.

    Raises:
        BadEvent: it is not a JSON object with a type.
    """
    try:
        content = json.loads(text)
    except ValueError as problem:
        raise BadEvent(f"not JSON: {problem}", code="invalid_json") from problem
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise BadEvent("an event is an object with a string `type`", code="invalid_event")
    return content


def wanted(content: Event, field: str, kind: type) -> Any:
    """A field that must be there and of this kind.

    Raises:
        BadEvent: it is missing or of another kind.
    """
    value = content.get(field)
    if not isinstance(value, kind):
        raise BadEvent(
            f"{content.get('type', 'this event')} needs {field!r} ({kind.__name__})",
            code="missing_required_parameter" if value is None else "invalid_type",
            param=field,
        )
    return value
