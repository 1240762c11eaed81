"""The tools that a client offers, and whether a call of the script fits them.

A call that does not fit is a mistake in the script, told and never sent: a worker that is tested
against calls no real model could be asked for proves nothing. Called by `model.dialogue`. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, SchemaError


class Offers:
    """The functions of `session.update`, by name."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._schemas = {
            str(tool["name"]): tool.get("parameters") or {"type": "object"}
            for tool in tools
            if tool.get("type") == "function" and tool.get("name")
        }

    @property
    def names(self) -> frozenset[str]:
        """Every function on offer."""
        return frozenset(self._schemas)

    def objections(self, tool: str, arguments: Mapping[str, Any]) -> list[str]:
        """Why this call must not be sent; empty when it fits."""
        if tool not in self._schemas:
            known = ", ".join(sorted(self._schemas)) or "none"
            return [f"tool {tool!r} is not offered by session.update; offered: {known}"]
        schema = self._schemas[tool]
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            return [f"tool {tool!r} has a schema that is none: {error.message}"]
        return [
            f"call of {tool!r} does not fit its schema: {_where(error.path)}{error.message}"
            for error in Draft202012Validator(schema).iter_errors(dict(arguments))
        ]


def _where(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path) + ": " if path else ""
