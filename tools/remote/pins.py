"""What MCP servers said of their tools when somebody looked: a file beside the profile.

Written by `python -m tools import mcp`, read by people and in a review, compared at each
connection. A server that tells something else later is not believed: neither its description nor
its schema reaches the model, and the tool is refused until somebody has looked again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

SUFFIX = ".mcp.json"


class Pin(BaseModel):
    """One tool as its server tells it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None = None

    def same_as(self, other: "Pin") -> bool:
        """Whether both say the same; `1` and `true` are not the same."""
        return _canonical(self) == _canonical(other)


Pins: TypeAlias = Mapping[str, Mapping[str, Pin]]
"""By the server's name, then by the tool's."""

_FILE = TypeAdapter(dict[str, dict[str, Pin]])


class Unpinned(Exception):
    """The file cannot be read; the message says what to do."""


def pins_file(profile: Path) -> Path:
    """Where the pins of a profile are."""
    return profile.with_suffix(SUFFIX)


def read_pins(profile: Path) -> Pins:
    """The pins of a profile.

    Raises:
        Unpinned: there is no such file, or it is none.
    """
    file = pins_file(profile)
    again = f"run `python -m tools import mcp {profile}` and read what it writes"
    try:
        return _FILE.validate_json(file.read_bytes())
    except OSError:
        raise Unpinned(f"what its tools are is not pinned in {file.name}: {again}") from None
    except ValidationError:
        raise Unpinned(f"{file.name} holds no pinned tools: {again}") from None


def write_pins(profile: Path, pins: Pins) -> None:
    """Write the pins of a profile, in an order that makes a change readable.

    Raises:
        OSError: they cannot be written; what was there is there still.
    """
    plain = {
        server: {name: pin.model_dump(mode="json") for name, pin in sorted(tools.items())}
        for server, tools in sorted(pins.items())
    }
    file = pins_file(profile)
    written = file.with_suffix(".new")
    written.write_text(f"{as_text(plain)}\n", encoding="utf-8")
    written.replace(file)


def as_text(plain: object) -> str:
    """JSON for people: a character that nobody can see is seen in a review."""
    return json.dumps(plain, indent=2, ensure_ascii=True)


def _canonical(pin: Pin) -> str:
    return json.dumps(pin.model_dump(mode="json"), sort_keys=True)
