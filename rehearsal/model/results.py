"""What tools answered, as a brain sees it: fields, the telling one of several, and conditions.

A tool's output is a JSON object, `{"outcome": ..., "say": ..., ...}`; anything else is taken as
words to say. Called by `model.dialogue`. Pure.
"""

import json
from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]


def read(output: str) -> dict[str, Any]:
    """The fields of one `function_call_output`."""
    try:
        content = json.loads(output)
    except ValueError:
        content = output
    if isinstance(content, dict):
        return {"outcome": "ok", **content}
    return {"outcome": "ok", "say": content if isinstance(content, str) else output}


def with_telling(results: Mapping[str, Result]) -> dict[str, Result]:
    """The results by tool, and under `result` the first that is not ok, or else the last."""
    every = list(results.values())
    telling = next((r for r in every if r.get("outcome") != "ok"), every[-1] if every else {})
    return {**results, "result": telling}


def fits(when: Mapping[str, Any], results: Mapping[str, Result]) -> bool:
    """Whether every condition holds; a field without a dot is one of the telling result."""
    return all(_holds(field, wanted, results) for field, wanted in when.items())


def _holds(field: str, wanted: Any, results: Mapping[str, Result]) -> bool:
    tool, _, name = field.rpartition(".")
    actual = results.get(tool or "result", {}).get(name)
    choices = wanted if isinstance(wanted, tuple | list) else (wanted,)
    return any(_same(actual, choice) for choice in choices)


def _same(actual: Any, wanted: Any) -> bool:
    if actual is None or wanted is None:
        return actual is wanted
    return str(actual).casefold() == str(wanted).casefold()
