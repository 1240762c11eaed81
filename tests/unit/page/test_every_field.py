"""Nothing of a record is forgotten on its page: what changes a field changes what is read there."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from records.page import page_of
from records.view import CallView
from tests.recorded_call import cancelled_order

# Fields that change nothing a reader sees, each with its reason.
LEFT_OUT: dict[str, str] = {}
CALL = cancelled_order()


def leaves(model: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every field that holds no other model: one of each list will do."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from leaves(value, (*path, name))
        elif isinstance(value, list):
            assert value, f"the call of these tests has no {name}"
            yield from leaves(value[-1], (*path, name, len(value) - 1))
        else:
            yield (*path, name)


def another(model: type[BaseModel], name: str, value: Any) -> Any:
    """A value of the same kind that is not `value`."""
    if value is None:
        return 7.0 if float in get_args(model.model_fields[name].annotation) else "another"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, dict):
        return {**value, "another": "value"}
    choices = [one for part in kinds(model.model_fields[name].annotation) for one in part]
    return next((one for one in choices if one != value), f"{value}-another")


def kinds(annotation: Any) -> Iterator[list[Any]]:
    """The closed sets that a field may hold a member of."""
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, Enum):
            yield list(part)
    yield [one for one in get_args(annotation) if isinstance(one, str)]


def changed(path: tuple[str | int, ...]) -> CallView:
    """The call with another value at `path`."""
    copy = CALL.model_copy(deep=True)
    owner: Any = copy
    for step in path[:-1]:
        owner = owner[step] if isinstance(step, int) else getattr(owner, step)
    name = str(path[-1])
    setattr(owner, name, another(type(owner), name, getattr(owner, name)))
    return copy


def read(call: CallView) -> str:
    """The page without what is only for its script."""
    return re.sub(r'<script type="application/json".*?</script>', "", page_of(call, None))


BEFORE = read(CALL)


@pytest.mark.parametrize("path", list(leaves(CALL)), ids=lambda path: ".".join(map(str, path)))
def test_a_field_that_changes_changes_the_page(path: tuple[str | int, ...]) -> None:
    """A new field is on the page, or it is left out for a reason that is written here."""
    name = ".".join(str(step) for step in path if isinstance(step, str))

    assert (read(changed(path)) != BEFORE) != (name in LEFT_OUT)


def test_nothing_is_left_out_that_is_no_field() -> None:
    """A list of exceptions is kept clean."""
    names = {".".join(s for s in path if isinstance(s, str)) for path in leaves(CALL)}

    assert not set(LEFT_OUT) - names
