"""Names that a document gives, as names that Python and a model can use. Pure.

Called by everything that reads a document or writes of it.
"""

import builtins
import keyword
import re
from collections.abc import Iterable

from pydantic import BaseModel

from tools.claims import words_of

# With these a field and its class stand on one line.
LONGEST_NAME, LONGEST_FIELD, LONGEST_CLASS = 48, 36, 30

PYTHON = frozenset({*keyword.kwlist, *dir(builtins)})
# By what one of several things is told from the others.
NUMBERS = frozenset(
    {
        *("id", "uuid", "no", "number", "ref", "reference", "key", "code"),
        *("iban", "serial", "vin", "plate"),
    }
)
# A name that says nothing without the path before it: /orders/{id}.
BARE = NUMBERS | {"name", "slug"}
IRREGULAR = {"people": "person", "addresses": "address", "statuses": "status"}


class Names:
    """Names of one room; none is given twice. `taken` are those that are others' already.

    `joint` stands before the number that tells one from others of its name.
    """

    def __init__(self, taken: Iterable[str] = (), *, joint: str = "_") -> None:
        self._taken, self._joint = set(taken), joint

    def give(self, wanted: str, *, instead: str = "") -> str:
        """`wanted`, or `instead`, or the first of them with a sign after it that is free."""
        numbered = (f"{wanted}{self._joint}{n}" for n in range(2, 1000))
        for name in (wanted, instead or f"{wanted}_", *numbered):
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise AssertionError("nobody names a thousand things alike")


def snake(name: str, *, otherwise: str = "value", most: int = LONGEST_NAME) -> str:
    """`name` as a name of a function or, with `LONGEST_FIELD`, of an argument."""
    made = "_".join(words_of(name))[:most].strip("_") or otherwise
    return made if made[0].isalpha() else f"{otherwise}_{made}"


def camel(name: str, *, otherwise: str = "Value") -> str:
    """`name` as a name of a class."""
    made = "".join(word.capitalize() for word in words_of(name))[:LONGEST_CLASS] or otherwise
    return made if made[0].isalpha() else f"{otherwise}{made}"


def field_names() -> Names:
    """Room for fields or arguments: nothing that a model is made of, or a function begins with."""
    ours = ("call", "found", "body", "plain", "dt", "tool")
    # A linter takes one for a digit, and the other for a deadline.
    return Names({*PYTHON, *dir(BaseModel), *ours, "l", "timeout"})


def full_name(parameter: str, path: str) -> str:
    """A path parameter's name with what it is of: `id` in /orders/{id} is the order's."""
    if "".join(words_of(parameter)) not in BARE:
        return parameter
    before = re.search(r"([^/{}]+)/\{" + re.escape(parameter) + r"\}", path)
    return f"{singular(before[1])}_{parameter}" if before else parameter


def singular(segment: str) -> str:
    """One of what a path's segment lists: "orders", "companies"."""
    *first, last = words_of(segment) or [""]
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith("ies"):
        last = f"{last[:-3]}y"
    elif last.endswith("s") and not last.endswith("ss"):
        last = last[:-1]
    return "_".join([*first, last])


def operation_name(operation: str, method: str, path: str) -> str:
    """A tool's name from the operation's; a framework's habit to append the path is undone."""
    ending = re.sub(r"\W", "_", f"{path}_{method}")
    if operation.endswith(ending) and operation != ending:
        operation = operation.removesuffix(ending)
    name = snake(operation if words_of(operation) else f"{method} {path}", otherwise=method)
    # What begins so is taken for a test.
    return name if len(name) >= 3 and not name.startswith("test") else f"{method}_{name}"
