"""Mistakes that span several fields, reported together with those inside single fields.

Pydantic stops at the first kind: it checks across fields only once each field is right. A person
mending a file wants both lists at once. Used by `sip.desired` only.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


class Found(NamedTuple):
    """A mistake at `at` (keys and indexes from the model's own root) and what to do about it."""

    at: tuple[int | str, ...]
    says: str


def gather(title: str, found: list[Found], error: ValidationError | None = None) -> ValidationError:
    """One error with all of `found` and all of `error`; an extra key already found is left out."""
    places = {mistake.at for mistake in found}
    mistakes = found + [
        Found(problem["loc"], problem["msg"])
        for problem in (error.errors() if error else [])
        if problem["type"] != "extra_forbidden" or problem["loc"] not in places
    ]
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                # The sentence goes in as a value: braces in it must not be taken for fields.
                type=PydanticCustomError("mistake", "{says}", {"says": mistake.says}),
                loc=mistake.at,
                input=None,
            )
            for mistake in mistakes
        ],
    )


def records(data: object) -> list[dict[str, Any]]:
    """The mappings in a list that may yet be anything; others stand as empty ones, in place."""
    return [_record(entry) for entry in data] if isinstance(data, list) else []


def _record(entry: object) -> dict[str, Any]:
    if isinstance(entry, BaseModel):
        return entry.model_dump()
    return entry if isinstance(entry, dict) else {}


def repeated(
    trunks: list[dict[str, Any]],
    key: str,
    says: str,
    same: Callable[[object], object] = lambda value: value,
) -> list[Found]:
    """Every second and later value of `key` (or of its list) that is the `same` as one before."""
    seen: dict[object, str] = {}
    found: list[Found] = []
    for index, trunk in enumerate(trunks):
        written = trunk.get(key)
        several = isinstance(written, list)
        for place, value in enumerate(written if isinstance(written, list) else [written]):
            if value is None or not isinstance(value, Hashable):
                continue
            at = ("trunks", index, key, place) if several else ("trunks", index, key)
            if same(value) in seen:
                found.append(Found(at, f"{value} {says} ({seen[same(value)]})"))
            else:
                seen[same(value)] = f"trunk {trunk.get('name', index + 1)}"
    return found
