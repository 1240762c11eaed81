"""What a model fills in for an MCP tool: held to the tool's schema, one spelling for each value.

Pure. Nothing here can take long, whatever the schema or the model says: patterns are matched by an
engine whose time is linear, and lists are short.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic import ConfigDict, RootModel, StringConstraints, TypeAdapter, field_validator
from pydantic import ValidationError as Unmatched
from pydantic_core import SchemaError

from tools.remote.said import can_be_said

MOST_ITEMS = 20

NOT_SAYABLE = (
    "cannot be read back: use words of a to z and numbers, write a number without spaces or signs"
    " in it, and put a word between two numbers"
)


@lru_cache(maxsize=256)
def compiled(pattern: str) -> TypeAdapter[str] | None:
    """What matches texts in which `pattern` occurs; None if it is none that takes linear time."""
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    except SchemaError:
        return None


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    adapter = compiled(pattern)
    try:
        if adapter is not None and isinstance(instance, str):
            adapter.validate_python(instance)
    except Unmatched:
        yield ValidationError("does not match")


# jsonschema matches by `re`, which some texts keep busy for ever.
Arguments = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def arguments_model(schema: Mapping[str, Any], *, sayable: bool) -> type[RootModel[dict[str, Any]]]:
    """What the gate parses arguments with; `sayable` keeps out what no read-back can name."""
    validator = Arguments(schema)

    class Given(RootModel[dict[str, Any]]):
        model_config = ConfigDict(frozen=True)

        @field_validator("root")
        @classmethod
        def _fits(cls, root: dict[str, Any]) -> dict[str, Any]:
            problems = [
                *(f"{name}: no number" for name, value in root.items() if _is_none(value)),
                *(f"{name}: too many" for name, value in root.items() if _is_long(value)),
            ]
            # Such a number breaks the rules' arithmetic, and such a list takes long to go through.
            problems = problems or [_problem(error) for error in validator.iter_errors(root)]
            problems += [
                f"{name}: {NOT_SAYABLE}"
                for name, value in root.items()
                if sayable and not can_be_said(value)
            ]
            if problems:
                raise ValueError("; ".join(problems))
            return {name: _in_one_spelling(value) for name, value in root.items()}

    return Given


def _in_one_spelling(value: Any) -> Any:
    """One number is one wish, however it is written: 3 and 3.0, 0 and -0.0."""
    if isinstance(value, list):
        return [_in_one_spelling(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problem(error: ValidationError) -> str:
    """A broken rule, told by names and values of the schema, never by what was sent."""
    if error.validator == "required":
        return error.message.replace("is a required property", "is missing")
    if error.validator == "additionalProperties":
        return "there is no such argument"
    where = ".".join(map(str, error.absolute_path))
    return f"{where}: {error.validator} must be {error.validator_value}"


def _is_none(value: Any) -> bool:
    """Whether it is no number that anybody says: infinite, none, or of hundreds of digits."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, int | float) and not _is_finite(one) for one in values)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and len(value) > MOST_ITEMS
